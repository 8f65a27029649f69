import { operatorId } from '@vedette/service-kit';
import type { Resolvers } from '../gen/graphql.ts';
import { getUser, inviteUser, listUsers, updateUser } from './user-operations.ts';

export const userResolvers = {
  Query: {
    user: (_, { id }, ctx) => getUser(ctx, id),
    users: (_, args, ctx) => listUsers(ctx, args),
  },
  Mutation: {
    inviteUser: async (_, { input }, ctx) => ({ user: await inviteUser(ctx, input) }),
    updateUser: async (_, { input }, ctx) => ({ user: await updateUser(ctx, input) }),
  },
  User: {
    id: (user) => user.userId,
    providerId: (user) => (user.providerId === operatorId ? null : user.providerId),
    grants: (user, _, ctx) => ctx.grants.load(user.userId),
  },
} satisfies Resolvers;
