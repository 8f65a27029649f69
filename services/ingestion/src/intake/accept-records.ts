import { setImmediate as turn } from 'node:timers/promises';
import { connectorOf } from '../connectors/index.ts';
import type { JsonRecord, RecordProblem } from '../connectors/index.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';
import {
  encodeEvent,
  maxBatchBytes,
  maxBatchEvents,
  maxEventBytes,
} from '../telemetry/telemetry-batch.ts';
import { toTelemetryEvent } from '../telemetry/telemetry-event.ts';
import type { TelemetryPublisher } from '../telemetry/telemetry-publisher.ts';

/** A record as a door or a poller hands it over. */
export interface DeliveredRecord {
  /** Where it stood in what was delivered, from 1. */
  readonly line: number;
  /** The text that is kept of it. */
  readonly raw: string;
  readonly record: JsonRecord;
}

/** What was delivered and is no record that can be taken. */
export interface RejectedRecord extends RecordProblem {
  readonly line: number;
  readonly raw: string | Uint8Array;
}

/** A record that was not taken, as its sender is told. */
export type RejectedLine = Omit<RejectedRecord, 'raw'>;

/** What became of the records of one delivery. */
export interface Outcome {
  readonly accepted: number;
  readonly rejected: number;
  /** The first hundred. */
  readonly errors: readonly RejectedLine[];
  /** Ids of the accepted events in the order of their records. */
  readonly ids: readonly string[];
}

/** Where records that could not be taken wait for people. */
export interface Quarantine {
  /**
   * Keeps rejected records of one delivery. Safe to repeat.
   * @throws {UnavailableError} they are not known to be kept
   */
  keep(sensor: Sensor, records: readonly RejectedRecord[], receivedAt: Date): Promise<void>;
}

/** What records go through on their way into the stream. */
export interface Acceptance {
  /** Null publishes nothing: the outcome is what the same records had, since ids come from the records. */
  readonly publisher: TelemetryPublisher | null;
  /** Where rejected records are kept; null keeps none. */
  readonly quarantine: Quarantine | null;
  /** Epoch milliseconds. */
  readonly receivedAt: number;
  /** Asked before each publishing, since a long delivery takes its time. */
  readonly requireAllowed?: () => Promise<unknown>;
  /**
   * Which occurrence of an exact copy this is, from 0, for records without a reference of their own. Default: counted
   * within this delivery.
   */
  readonly occurrenceOf?: (raw: string) => number;
}

const maxErrors = 100;
/** Publishings of one delivery at a time; each is about a batch. */
const maxPublishings = 8;

/**
 * Takes records: each is checked alone, turned into an event and published, or kept in quarantine with the reason.
 * The one way into the stream, for every door and poller.
 * @throws {UnavailableError} not all accepted events are known to be stored, or not all rejected ones kept; to
 *   deliver again is safe
 */
export async function acceptRecords(
  sensor: Sensor,
  records: Iterable<DeliveredRecord | RejectedRecord>,
  acceptance: Acceptance,
): Promise<Outcome> {
  const { publisher, quarantine, receivedAt, requireAllowed } = acceptance;
  const taker = createTaker(sensor, acceptance);
  const publishings: Promise<void>[] = [];
  for (const events of inBatches(taker.take(records))) {
    if (publisher) {
      await publishings.at(-maxPublishings);
      await requireAllowed?.();
      const publishing = publisher.publish(sensor, events);
      // A failure is thrown below; until then it must not count as unhandled.
      publishing.catch(() => undefined);
      publishings.push(publishing);
    }
    // Other deliveries have their turn between two batches of a long one.
    await turn();
  }
  if (taker.rejected.length > 0) {
    await quarantine?.keep(sensor, taker.rejected, new Date(receivedAt));
  }
  await Promise.all(publishings);
  return taker.outcome();
}

/** Groups encoded events into what fits a batch, so that no more than that is worked on at a time. */
function* inBatches(events: Iterable<Uint8Array>): Generator<readonly Uint8Array[]> {
  let batch: Uint8Array[] = [];
  let bytes = 0;
  for (const event of events) {
    batch.push(event);
    bytes += event.byteLength;
    if (batch.length < maxBatchEvents && bytes < maxBatchBytes) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

interface Taker {
  /** The encoded events of records; one that is not taken is noted. */
  take(records: Iterable<DeliveredRecord | RejectedRecord>): Iterable<Uint8Array>;
  readonly rejected: readonly RejectedRecord[];
  outcome(): Outcome;
}

function createTaker(sensor: Sensor, { receivedAt, occurrenceOf }: Acceptance): Taker {
  const connector = connectorOf(sensor.connectorType);
  const nextOccurrence = occurrenceOf ?? createCounter();
  const ids: string[] = [];
  const rejected: RejectedRecord[] = [];

  const takeOne = ({ record, raw }: DeliveredRecord): Uint8Array | RecordProblem => {
    const problem = connector.refuse?.(record, sensor.settings);
    if (problem) return problem;
    const event = connector.parse(record, receivedAt, sensor.settings);
    const occurrence = event.sourceRef === undefined ? nextOccurrence(raw) : 0;
    const wire = toTelemetryEvent(sensor, { event, raw, receivedAt, occurrence });
    const encoded = encodeEvent(wire);
    if (encoded.byteLength > maxEventBytes) {
      return { code: 'EVENT_TOO_LARGE', message: 'The record is too large once it is normalised.' };
    }
    ids.push(wire.eventId);
    return encoded;
  };
  return {
    rejected,
    take: function* (records) {
      for (const delivered of records) {
        const taken = 'record' in delivered ? takeOne(delivered) : delivered;
        if (taken instanceof Uint8Array) yield taken;
        else rejected.push({ ...taken, line: delivered.line, raw: delivered.raw });
      }
    },
    outcome: () => ({
      accepted: ids.length,
      rejected: rejected.length,
      errors: rejected
        .slice(0, maxErrors)
        .map(({ line, code, message }) => ({ line, code, message })),
      ids,
    }),
  };
}

/** Counts exact copies. */
function createCounter(): (raw: string) => number {
  const occurrences = new Map<string, number>();
  return (raw) => {
    const occurrence = occurrences.get(raw) ?? 0;
    occurrences.set(raw, occurrence + 1);
    return occurrence;
  };
}
