import { listCustomers } from '../customer/customer-operations.ts';
import type { Resolvers } from '../gen/graphql.ts';
import { freezeProvider, liftProviderFreeze } from './provider-freeze-operations.ts';
import { getProvider, listProviders, onboardProvider } from './provider-operations.ts';
import { showFreeze } from './provider.ts';

export const providerResolvers = {
  Query: {
    provider: (_, { id }, ctx) => getProvider(ctx, id),
    providers: (_, args, ctx) => listProviders(ctx, args),
  },
  Mutation: {
    onboardProvider: async (_, { input }, ctx) => ({ provider: await onboardProvider(ctx, input) }),
    freezeProvider: async (_, { input }, ctx) => ({ provider: await freezeProvider(ctx, input) }),
    liftProviderFreeze: async (_, { input }, ctx) => ({
      provider: await liftProviderFreeze(ctx, input),
    }),
  },
  Provider: {
    __resolveReference: ({ id }, ctx) => ctx.providers.load(id),
    id: (provider) => provider.providerId,
    ownEstate: (provider, _, ctx) => ctx.customers.load(provider.ownEstateId),
    freeze: (provider, _, ctx) => showFreeze(provider, ctx.viewer),
    customers: (provider, args, ctx) =>
      listCustomers(ctx, { ...args, filter: { providerId: provider.providerId } }),
  },
} satisfies Resolvers;
