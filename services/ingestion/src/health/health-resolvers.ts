import { findOcsfClass } from '@vedette/event-model';
import type { Resolvers } from '../gen/graphql.ts';
import { listEventCounts, listTelemetryGaps } from './health-operations.ts';

export const healthResolvers = {
  Query: { telemetryGaps: (_, args, ctx) => listTelemetryGaps(ctx, args) },
  Connector: {
    health: (connector, _, ctx) => ctx.health.load(connector.connectorId),
    eventCounts: (connector, period, ctx) => listEventCounts(ctx, connector, period),
  },
  ConnectorEventCount: {
    className: ({ classUid }) =>
      classUid === 0 ? 'unmapped' : (findOcsfClass(classUid)?.caption ?? 'Base Event'),
  },
  TelemetryGap: {
    id: (gap) => gap.gapId,
    customer: (gap) => ({ id: gap.customerId }),
    connector: (gap, _, ctx) => ctx.connectors.load(gap.connectorId),
  },
} satisfies Resolvers;
