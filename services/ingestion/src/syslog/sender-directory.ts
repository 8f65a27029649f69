import type { Sensor } from '../connector/sensor-key-store.ts';
import type { KnownSender, SenderIdentity } from './syslog-sender-store.ts';

/** Whose a sender is that is known by its address or certificate. */
export interface SenderDirectory {
  /**
   * Null for a sender that nobody has set up. What was changed shows within five seconds.
   * @throws {UnavailableError} the database is away and what is remembered is older than that
   */
  find(sender: SenderIdentity): Promise<Sensor | null>;
  /** The same at once, as last heard; what is old is asked for again meanwhile. */
  peek(sender: SenderIdentity): Sensor | null;
  stop(): void;
}

/** All senders are read at once: one that is not there, seen in a thousand datagrams, costs no query of its own. */
const knownForMs = 5_000;
/** A sender that was set up a moment ago is sought this often at most. */
const missingForMs = 1_000;

/** @param list all senders there are; rejects when that cannot be said */
export async function createSenderDirectory(
  list: () => Promise<readonly KnownSender[]>,
  clock: () => number = Date.now,
): Promise<SenderDirectory> {
  let sensors = new Map<string, Sensor>();
  let readAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | undefined;
  const read = (): Promise<void> => {
    reading ??= (async () => {
      const began = clock();
      try {
        sensors = new Map((await list()).map((sender) => [nameOf(sender), sender.sensor]));
        readAt = began;
      } finally {
        reading = undefined;
      }
    })();
    return reading;
  };
  const isOld = (found: Sensor | undefined): boolean =>
    clock() - readAt > (found ? knownForMs : missingForMs);
  await read();
  // Datagrams do not come again: who was set up is known before the first of them.
  const timer = setInterval(() => void read().catch(nothing), knownForMs);
  return {
    stop: () => clearInterval(timer),
    find: async (sender) => {
      const name = nameOf(sender);
      if (isOld(sensors.get(name))) await read();
      return sensors.get(name) ?? null;
    },
    peek: (sender) => {
      const found = sensors.get(nameOf(sender));
      // Whether what is taken may be taken is asked again, by `find`, before it is published.
      if (isOld(found)) void read().catch(nothing);
      return found ?? null;
    },
  };
}

function nothing(): void {
  // Whoever needs to know for sure asks `find`, and is told.
}

function nameOf({ kind, value }: SenderIdentity): string {
  return `${kind} ${value}`;
}
