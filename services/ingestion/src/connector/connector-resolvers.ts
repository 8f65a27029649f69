import type { Resolvers } from '../gen/graphql.ts';
import { createConnector, listConnectors } from './connector-operations.ts';
import { updateConnector } from './connector-update-operations.ts';
import { revokeSensorKeys, rotateSensorKey } from './sensor-key-operations.ts';

export const connectorResolvers = {
  Query: { connectors: (_, args, ctx) => listConnectors(ctx, args) },
  Mutation: {
    createConnector: (_, { input }, ctx) => createConnector(ctx, input),
    updateConnector: async (_, { input }, ctx) => ({
      connector: await updateConnector(ctx, input),
    }),
    rotateSensorKey: (_, { input }, ctx) => rotateSensorKey(ctx, input),
    revokeSensorKeys: async (_, { input }, ctx) => ({
      connector: await revokeSensorKeys(ctx, input.connectorId),
    }),
  },
  Connector: {
    __resolveReference: ({ id }, ctx) => ctx.connectors.load(id),
    id: (connector) => connector.connectorId,
    customer: (connector) => ({ id: connector.customerId }),
    hasCredentials: (connector) => connector.credentialsSealed !== null,
    polls: (connector, _, ctx) => ctx.polls.load(connector.connectorId),
  },
} satisfies Resolvers;
