import { getCustomer } from '../customer/customer-operations.ts';
import type { Resolvers } from '../gen/graphql.ts';
import { formatTimeOfDay } from '../input.ts';
import { getProvider } from '../provider/provider-operations.ts';
import {
  setCustomerResponsePolicy,
  setProviderResponsePolicy,
} from './response-policy-operations.ts';
import { modeAt } from './response-policy.ts';

export const responsePolicyResolvers = {
  Mutation: {
    setCustomerResponsePolicy: async (_, { input }, ctx) => ({
      customer: await getCustomer(ctx, await setCustomerResponsePolicy(ctx, input)),
    }),
    setProviderResponsePolicy: async (_, { input }, ctx) => ({
      provider: await getProvider(ctx, await setProviderResponsePolicy(ctx, input)),
    }),
  },
  Customer: {
    responsePolicy: async ({ customerId }, _, ctx) =>
      (await ctx.customerPolicies.load(customerId))?.own,
    effectiveResponsePolicy: async ({ customerId }, _, ctx) =>
      (await ctx.customerPolicies.load(customerId))?.effective,
  },
  Provider: {
    responsePolicy: ({ providerId }, _, ctx) => ctx.providerPolicies.load(providerId),
  },
  EffectiveResponsePolicy: {
    modeNow: (policy, _, ctx) => modeAt(policy, ctx.clock()),
    mandateId: (policy) => policy.mandate?.mandateId,
  },
  PolicyWindow: {
    from: (window) => formatTimeOfDay(window.fromMinute),
    to: (window) => formatTimeOfDay(window.toMinute),
  },
} satisfies Resolvers;
