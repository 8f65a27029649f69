import { setTimeout as delay } from 'node:timers/promises';
import { toError, UnavailableError } from '@vedette/service-kit';
import { connectorOf } from '../connectors/index.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';
import { acceptRecords } from '../intake/accept-records.ts';
import type { Intake } from '../intake/intake-parts.ts';
import { Refusal } from '../intake/refusal.ts';
import type { CopyCounter } from './copy-counter.ts';
import { recordsOfLines } from './syslog-line.ts';
import type { SyslogLine } from './syslog-line.ts';

/** Whose lines they are: asked again for each batch, so that who may no longer send is heard no more. */
export interface LineSender {
  readonly customerId: string;
  readonly connectorId: string;
  /** Null once it may send no more. @throws {UnavailableError} that cannot be said at the moment */
  sensor(): Promise<Sensor | null>;
}

/**
 * Brings the lines of one connection, or of one sender of datagrams, into the stream: in batches, tried again until
 * they are stored.
 */
export interface LineLane {
  add(sender: LineSender, line: SyslogLine): void;
  /** Resolves once nothing is left that was added. */
  drained(): Promise<void>;
  readonly isIdle: boolean;
}

export interface LaneDependencies {
  readonly intake: Intake;
  readonly countCopies: CopyCounter;
  /** Lines are stored, or given up: their bytes are free. */
  readonly onDone: (sender: LineSender, lines: readonly SyslogLine[]) => void;
  /** Lines were not taken, since their sender may send no more. */
  readonly onRefused: (lines: number) => void;
  /** Aborts when the process ends and cannot wait any longer. */
  readonly giveUp: AbortSignal;
}

const maxBatchLines = 500;
const lingerMs = 20;
/** So that parsing goes on while the stream answers. */
const maxDeliveries = 4;

interface Batch {
  readonly sender: LineSender;
  readonly lines: SyslogLine[];
}

export function createLineLane(dependencies: LaneDependencies): LineLane {
  const ready: Batch[] = [];
  let open: Batch | undefined;
  let timer: NodeJS.Timeout | undefined;
  let deliveries = 0;
  let whenDrained: PromiseWithResolvers<void> | undefined;
  const seal = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (open) ready.push(open);
    open = undefined;
  };
  const start = (batch: Batch): void => {
    deliveries += 1;
    void deliver(batch, dependencies).finally(() => {
      deliveries -= 1;
      dependencies.onDone(batch.sender, batch.lines);
      // Its time is over, or nothing comes after it.
      if (open && (timer === undefined || whenDrained)) seal();
      pump();
    });
  };
  const pump = (): void => {
    while (deliveries < maxDeliveries) {
      const batch = ready.shift();
      if (!batch) break;
      start(batch);
    }
    if (deliveries === 0 && !open) whenDrained?.resolve();
  };
  const onLinger = (): void => {
    timer = undefined;
    // While all deliveries are busy, lines gather: a few large batches are cheaper than many small ones.
    if (deliveries >= maxDeliveries) return;
    seal();
    pump();
  };
  return {
    get isIdle() {
      return deliveries === 0 && !open;
    },
    add: (sender, line) => {
      if (open && open.sender !== sender) seal();
      open ??= { sender, lines: [] };
      open.lines.push(line);
      if (open.lines.length >= maxBatchLines) seal();
      else timer ??= setTimeout(onLinger, lingerMs);
      pump();
    },
    drained: () => {
      whenDrained ??= Promise.withResolvers();
      seal();
      pump();
      return whenDrained.promise;
    },
  };
}

/** A batch that fails so often for a reason of ours is put into quarantine instead. */
const maxMistakes = 3;
const firstDelayMs = 100;
const maxDelayMs = 5_000;
/** About one a minute for each lane that waits. */
const failuresPerLog = 12;

/** Tries until the lines are stored, since whoever sent them knows nothing of it; rejects never. */
async function deliver(batch: Batch, dependencies: LaneDependencies): Promise<void> {
  const { giveUp, intake, onRefused } = dependencies;
  const occurrenceOf = rememberCounts(dependencies.countCopies);
  let mistakes = 0;
  let failures = 0;
  while (!giveUp.aborted) {
    try {
      const sensor = await batch.sender.sensor();
      if (sensor === null) {
        onRefused(batch.lines.length);
        return;
      }
      const waitMs = intake.rates.waitMs(sensor);
      if (mistakes >= maxMistakes) await setAside(sensor, batch.lines, intake);
      else if (waitMs <= 0) await store(sensor, batch.lines, intake, occurrenceOf());
      else {
        await rest(waitMs, giveUp);
        continue;
      }
      return;
    } catch (error) {
      const isOurs = !(error instanceof UnavailableError) && !(error instanceof Refusal);
      if (isOurs) mistakes += 1;
      if (isOurs || failures % failuresPerLog === 0) {
        const level = isOurs ? 'error' : 'warn';
        intake.logger[level]({ err: toError(error), failures }, 'syslog lines wait to be stored');
      }
      await rest(Math.min(maxDelayMs, firstDelayMs * 2 ** failures), giveUp);
      failures += 1;
    }
  }
  intake.logger.error(
    { lines: batch.lines.length, customerId: batch.sender.customerId },
    'syslog lines are lost: they could not be stored before the end',
  );
}

async function store(
  sensor: Sensor,
  lines: readonly SyslogLine[],
  intake: Intake,
  occurrenceOf: (raw: string) => number,
): Promise<void> {
  const records = recordsOfLines(lines, connectorOf(sensor.connectorType));
  await acceptRecords(sensor, records, {
    publisher: intake.publisher,
    quarantine: intake.quarantine,
    receivedAt: intake.clock().getTime(),
    occurrenceOf,
  });
  intake.rates.charge(sensor, lines.length);
}

async function setAside(
  sensor: Sensor,
  lines: readonly SyslogLine[],
  { quarantine, clock }: Intake,
): Promise<void> {
  const message = 'The line could not be taken, for a mistake of ours.';
  const records = lines.map(({ number, text, problem }) => ({
    ...(problem ?? { code: 'NOT_TAKEN', message }),
    ...{ line: number, raw: text },
  }));
  await quarantine.keep(sensor, records, clock());
}

/**
 * Counts the copies among a batch's lines once, however often the batch is tried: each attempt takes its lines in the
 * same order, so the n-th answer is the n-th line's.
 */
function rememberCounts(countCopies: CopyCounter): () => (raw: string) => number {
  const counts: number[] = [];
  return () => {
    let next = 0;
    return (raw) => {
      const count = (counts[next] ??= countCopies(raw));
      next += 1;
      return count;
    };
  };
}

async function rest(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {
    // Whoever rests looks at the signal afterwards.
  });
}
