import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { defineConsumer, detectorDurable, MalformedMessageError } from '@vedette/event-bus';
import type { ConsumerDefinition, MessageMeta } from '@vedette/event-bus';
import { eventAccessor } from '@vedette/event-model';
import { TelemetryBatchSchema } from '@vedette/proto-schemas/telemetry/v1/telemetry_batch';
import type {
  TelemetryBatch,
  TelemetryEvent,
} from '@vedette/proto-schemas/telemetry/v1/telemetry_batch';
import { systemViewer } from '@vedette/service-kit';
import type { RuleSet } from '@vedette/sigma';
import { toDetection } from '../detection/detection.ts';
import type { Detection } from '../detection/detection.ts';
import { raiseDetections } from '../detection/detection-operations.ts';

interface BatchMessage {
  readonly meta: MessageMeta;
  readonly batch: TelemetryBatch;
}

/**
 * Matches rules against one shard of telemetry. One message at a time for the whole shard, whatever
 * the number of replicas, which keeps each customer's order.
 */
export function detectOnTelemetry(shard: number, rules: RuleSet): ConsumerDefinition<BatchMessage> {
  return defineConsumer({
    name: detectorDurable(shard),
    stream: 'TELEMETRY',
    subject: `vedette.telemetry.${shard}.>`,
    // The shard waits while a batch fails, so not for longer than a few seconds.
    maxDeliveries: 4,
    decode: (bytes) => {
      const batch = fromBinary(TelemetryBatchSchema, bytes);
      const { batchId: eventId, customerId, providerId } = batch;
      return { meta: { eventId, customerId, providerId }, batch };
    },
    handle: async ({ meta, batch }, { db, logger }) => {
      const detections = matchBatch(batch, rules, new Date());
      const ctx = { viewer: systemViewer('hunting', meta), db, logger, clock: () => new Date() };
      await raiseDetections(ctx, meta.customerId, detections);
      return 'HANDLED';
    },
  });
}

/** The detections of a batch, in the order of its events. */
export function matchBatch(batch: TelemetryBatch, rules: RuleSet, now: Date): Detection[] {
  const { customerId, providerId } = batch;
  return batch.events.flatMap((event) => {
    const matches = rules.match(eventAccessor(parseFields(event)));
    if (matches.length === 0) return [];
    if (!event.occurredAt || !event.receivedAt)
      throw new MalformedMessageError('an event without times');
    const matched = {
      ...event,
      customerId,
      providerId,
      occurredAt: timestampDate(event.occurredAt),
      receivedAt: timestampDate(event.receivedAt),
    };
    return matches.map((match) => toDetection(matched, match, now));
  });
}

function parseFields(event: TelemetryEvent): Record<string, unknown> {
  try {
    return JSON.parse(event.rawFields) as Record<string, unknown>;
  } catch (cause) {
    throw new MalformedMessageError(`event ${event.eventId} has no fields`, { cause });
  }
}
