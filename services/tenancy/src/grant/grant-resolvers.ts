import type { Resolvers } from '../gen/graphql.ts';
import { grantCustomer, revokeGrant } from './grant-operations.ts';

export const grantResolvers = {
  Mutation: {
    grantCustomer: async (_, { input }, ctx) => ({ grant: await grantCustomer(ctx, input) }),
    revokeGrant: (_, { input }, ctx) => revokeGrant(ctx, input),
  },
} satisfies Resolvers;
