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
import { correlate } from '../correlation/correlation-operations.ts';
import type { CorrelatorCache } from '../correlation/correlator-cache.ts';
import type { MatchedTelemetry } from '../correlation/customer-correlator.ts';
import { toDetection } from '../detection/detection.ts';
import type { Detection } from '../detection/detection.ts';
import { raiseDetections } from '../detection/detection-operations.ts';

interface BatchMessage {
  readonly meta: MessageMeta;
  readonly batch: TelemetryBatch;
}

/**
 * Matches rules against one shard of telemetry, and correlates what matched. One message at a time for the
 * whole shard, whatever the number of replicas, which keeps each customer's order.
 */
export function detectOnTelemetry(
  shard: number,
  rules: RuleSet,
  correlators: CorrelatorCache,
): ConsumerDefinition<BatchMessage> {
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
      const telemetry = matchBatch(batch, rules);
      const ctx = { viewer: systemViewer('hunting', meta), db, logger, clock: () => new Date() };
      const detections = detectionsOf(telemetry, rules, ctx.clock());
      // Both join the transaction that the inbox row is in.
      const completed = await correlate(ctx, meta.customerId, telemetry, correlators);
      await raiseDetections(ctx, meta.customerId, [...detections, ...completed]);
      return 'HANDLED';
    },
  });
}

/** The events of a batch that rules match, in their order. */
export function matchBatch(batch: TelemetryBatch, rules: RuleSet): MatchedTelemetry[] {
  const { customerId, providerId } = batch;
  return batch.events.flatMap((event) => {
    const fields = eventAccessor(parseFields(event));
    const matches = rules.matchAll(fields);
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
    return [{ event: matched, fields, matches }];
  });
}

/** A detection for each match of a rule that alerts by itself, in the order of the events. */
export function detectionsOf(
  telemetry: readonly MatchedTelemetry[],
  rules: RuleSet,
  now: Date,
): Detection[] {
  return telemetry.flatMap(({ event, matches }) =>
    matches
      .filter(({ rule }) => rules.isAlert(rule))
      .map((match) => toDetection(event, match, now)),
  );
}

function parseFields(event: TelemetryEvent): Record<string, unknown> {
  try {
    return JSON.parse(event.rawFields) as Record<string, unknown>;
  } catch (cause) {
    throw new MalformedMessageError(`event ${event.eventId} has no fields`, { cause });
  }
}
