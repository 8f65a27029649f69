import { findOcsfClass } from '@vedette/event-model';
import type { Resolvers } from '../gen/graphql.ts';
import { getProcessTree } from './process-tree-operations.ts';
import { countTelemetry } from './telemetry-counts.ts';
import { getTelemetryEvent, listTelemetry } from './telemetry-operations.ts';

export const telemetryResolvers = {
  Query: {
    telemetry: (_, args, ctx) => listTelemetry(ctx, args),
    telemetryEvent: (_, args, ctx) => getTelemetryEvent(ctx, args),
    telemetryCounts: (_, args, ctx) => countTelemetry(ctx, args),
    processTree: (_, { customerId, eventId, occurredAt }, ctx) =>
      getProcessTree(ctx, { customerId, id: eventId, ...(occurredAt ? { occurredAt } : {}) }),
  },
  TelemetryEvent: {
    id: (event) => event.eventId,
    className: (event) => findOcsfClass(event.classUid)?.caption ?? 'unmapped',
    asset: (event, _, ctx) => (event.assetId ? ctx.assets.load(event.assetId) : null),
  },
} satisfies Resolvers;
