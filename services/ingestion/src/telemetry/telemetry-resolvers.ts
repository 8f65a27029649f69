import { findOcsfClass } from '@vedette/event-model';
import type { Resolvers } from '../gen/graphql.ts';
import { listTelemetry } from './telemetry-operations.ts';

export const telemetryResolvers = {
  Query: { telemetry: (_, args, ctx) => listTelemetry(ctx, args) },
  TelemetryEvent: {
    id: (event) => event.eventId,
    className: (event) => findOcsfClass(event.classUid)?.caption ?? 'unmapped',
    asset: (event, _, ctx) => (event.assetId ? ctx.assets.load(event.assetId) : null),
  },
} satisfies Resolvers;
