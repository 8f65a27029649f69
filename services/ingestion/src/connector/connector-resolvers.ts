import type { Resolvers } from '../gen/graphql.ts';
import { createConnector, listConnectors } from './connector-operations.ts';

export const connectorResolvers = {
  Query: { connectors: (_, args, ctx) => listConnectors(ctx, args) },
  Mutation: { createConnector: (_, { input }, ctx) => createConnector(ctx, input) },
  Connector: {
    __resolveReference: ({ id }, ctx) => ctx.connectors.load(id),
    id: (connector) => connector.connectorId,
    customer: (connector) => ({ id: connector.customerId }),
  },
} satisfies Resolvers;
