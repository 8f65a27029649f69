import { toError } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';
import type { Sensor } from '../connector/sensor-key-store.ts';
import type { LineSender } from './line-lane.ts';

/** A time in which lines of a connector were dropped. */
export interface Overflow {
  readonly sensor: Sensor;
  readonly from: Date;
  readonly to: Date;
  readonly lines: number;
}

/** Keeps in mind what was dropped, and has it recorded. */
export interface OverflowLog {
  note(sender: LineSender, lines: number): void;
  /** Lines dropped since the start. */
  readonly lines: number;
  /** Records what is left. */
  stop(): Promise<void>;
}

const minuteMs = 60_000;

interface Noted {
  readonly sender: LineSender;
  readonly from: number;
  to: number;
  lines: number;
}

/**
 * Records overflows once a minute, so that a flood is one gap a minute for each of its senders.
 * @param record keeps a gap; when it rejects, the gap grows and is tried again
 */
export function createOverflowLog(
  record: (overflow: Overflow) => Promise<void>,
  logger: Logger,
  everyMs = minuteMs,
): OverflowLog {
  const noted = new Map<string, Noted>();
  let total = 0;
  const flush = async (): Promise<void> => {
    const open = [...noted.values()];
    noted.clear();
    for (const each of open) {
      try {
        const sensor = await each.sender.sensor();
        if (!sensor) continue;
        const { lines } = each;
        await record({ sensor, from: new Date(each.from), to: new Date(each.to), lines });
        logger.warn({ lines, connectorId: sensor.connectorId }, 'syslog lines were dropped');
      } catch (error) {
        logger.error({ err: toError(error) }, 'dropped syslog lines could not be recorded yet');
        const since = noted.get(each.sender.connectorId);
        noted.set(each.sender.connectorId, {
          ...each,
          to: since?.to ?? each.to,
          lines: each.lines + (since?.lines ?? 0),
        });
      }
    }
  };
  let running = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(flush);
  }, everyMs);
  return {
    get lines() {
      return total;
    },
    note: (sender, lines) => {
      total += lines;
      const now = Date.now();
      const open = noted.get(sender.connectorId);
      if (!open) noted.set(sender.connectorId, { sender, from: now, to: now, lines });
      else {
        open.to = now;
        open.lines += lines;
      }
    },
    stop: async () => {
      clearInterval(timer);
      await running;
      await flush();
    },
  };
}
