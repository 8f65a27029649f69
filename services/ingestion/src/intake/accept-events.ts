import { setImmediate as turn } from 'node:timers/promises';
import { parserFor } from '../connectors/index.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';
import {
  encodeEvent,
  maxBatchBytes,
  maxBatchEvents,
  maxEventBytes,
} from '../telemetry/telemetry-batch.ts';
import { toTelemetryEvent } from '../telemetry/telemetry-event.ts';
import type { TelemetryPublisher } from '../telemetry/telemetry-publisher.ts';
import { checkLineCount, parseLine, splitLines } from './record-lines.ts';
import type { Line, LineProblem } from './record-lines.ts';
import { Refusal } from './refusal.ts';

/** A line that was not taken. */
export interface RejectedLine extends LineProblem {
  readonly line: number;
}

/** What became of a body's lines. */
export interface Outcome {
  readonly accepted: number;
  readonly rejected: number;
  /** The first hundred. */
  readonly errors: readonly RejectedLine[];
  /** Ids of the accepted events in the order of their lines. */
  readonly ids: readonly string[];
}

const maxErrors = 100;
/** Publishings of one request at a time; each is about a batch. */
const maxPublishings = 8;

/**
 * Takes the lines of a body: each is checked alone, turned into an event and published. Without a
 * publisher nothing is sent, and the outcome is what the same body had: ids come from the records.
 * @param requireAllowed asked before each publishing, since a long body takes its time
 * @throws {Refusal} no line at all, or too many
 * @throws {UnavailableError} not all accepted events are known to be stored; to send again is safe
 */
export async function acceptEvents(
  sensor: Sensor,
  body: Buffer,
  receivedAt: number,
  publisher: TelemetryPublisher | null,
  requireAllowed: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Outcome> {
  checkLineCount(body);
  const taker = createLineTaker(sensor, receivedAt);
  const publishings: Promise<void>[] = [];
  for (const events of inBatches(taker.take(splitLines(body)))) {
    if (publisher) {
      await publishings.at(-maxPublishings);
      await requireAllowed();
      const publishing = publisher.publish(sensor, events);
      // A failure is thrown below; until then it must not count as unhandled.
      publishing.catch(() => undefined);
      publishings.push(publishing);
    }
    // Other requests have their turn between two batches of a long one.
    await turn();
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

interface LineTaker {
  /** The encoded events of lines; a line that is not taken is noted. */
  take(lines: Iterable<Line>): Iterable<Uint8Array>;
  /** @throws {Refusal} there was no line at all */
  outcome(): Outcome;
}

function createLineTaker(sensor: Sensor, receivedAt: number): LineTaker {
  const parse = parserFor(sensor.connectorType);
  const occurrences = new Map<string, number>();
  const ids: string[] = [];
  const errors: RejectedLine[] = [];
  let rejected = 0;

  const takeOne = (bytes: Buffer): Uint8Array | LineProblem => {
    const parsed = parseLine(bytes);
    if ('code' in parsed) return parsed;
    const { raw } = parsed;
    const event = parse(parsed.record, receivedAt);
    const occurrence = event.sourceRef === undefined ? (occurrences.get(raw) ?? 0) : 0;
    if (event.sourceRef === undefined) occurrences.set(raw, occurrence + 1);
    const wire = toTelemetryEvent(sensor, { event, raw, receivedAt, occurrence });
    const encoded = encodeEvent(wire);
    if (encoded.byteLength > maxEventBytes) {
      return { code: 'EVENT_TOO_LARGE', message: 'The record is too large once it is normalised.' };
    }
    ids.push(wire.eventId);
    return encoded;
  };
  return {
    take: function* (lines) {
      for (const { number, bytes } of lines) {
        const taken = takeOne(bytes);
        if (taken instanceof Uint8Array) {
          yield taken;
          continue;
        }
        rejected += 1;
        if (errors.length < maxErrors) errors.push({ line: number, ...taken });
      }
    },
    outcome: () => {
      if (ids.length + rejected === 0) {
        throw new Refusal(400, 'BAD_USER_INPUT', 'The body holds no events.');
      }
      return { accepted: ids.length, rejected, errors, ids };
    },
  };
}
