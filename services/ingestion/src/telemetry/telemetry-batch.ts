import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { MessageMeta } from '@vedette/event-bus';
import { TelemetryBatchSchema } from '@vedette/proto-schemas/telemetry/v1/telemetry_batch';
import type {
  TelemetryBatch,
  TelemetryEvent,
} from '@vedette/proto-schemas/telemetry/v1/telemetry_batch';

/** Events at most, and bytes at most unless one event alone is larger. */
export const maxBatchEvents = 500;
export const maxBatchBytes = 768 * 1024;
/** The largest event that travels: below the 4 MB that the server takes, with room for the envelope. */
export const maxEventBytes = 3_500_000;

/**
 * Encodes one event as a batch of nothing else. Concatenated encodings merge, and a repeated field
 * appends (Protocol Buffers, "Last One Wins"): so each event is encoded once, its size is known before
 * it is put into a batch, and a batch is joined from bytes.
 */
export function encodeEvent(event: TelemetryEvent): Uint8Array {
  return toBinary(TelemetryBatchSchema, create(TelemetryBatchSchema, { events: [event] }));
}

/** Joins encoded events into the batch that is published. */
export function joinBatch(
  envelope: {
    readonly batchId: string;
    readonly providerId: string;
    readonly customerId: string;
  },
  events: readonly Uint8Array[],
): Uint8Array {
  const head = toBinary(TelemetryBatchSchema, create(TelemetryBatchSchema, envelope));
  return Buffer.concat([head, ...events]);
}

/** A batch as a consumer gets it: its id is what the inbox keys on. */
export interface ReceivedBatch {
  readonly meta: MessageMeta;
  readonly batch: TelemetryBatch;
}

export function decodeBatch(bytes: Uint8Array): ReceivedBatch {
  const batch = fromBinary(TelemetryBatchSchema, bytes);
  const { batchId, providerId, customerId } = batch;
  return { meta: { eventId: batchId, providerId, customerId }, batch };
}
