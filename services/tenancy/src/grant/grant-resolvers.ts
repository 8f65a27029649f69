import type { Resolvers } from '../gen/graphql.ts';
import { loadUser } from '../user/user-operations.ts';
import { grantCustomer, revokeGrant } from './grant-operations.ts';

export const grantResolvers = {
  Mutation: {
    grantCustomer: async (_, { input }, ctx) => {
      const grant = await grantCustomer(ctx, input);
      return { grant, user: await loadUser(ctx, grant.principalId) };
    },
    revokeGrant: async (_, { input }, ctx) => {
      const { principalId } = await revokeGrant(ctx, input);
      return { principalId, user: await loadUser(ctx, principalId) };
    },
  },
} satisfies Resolvers;
