import type { Resolvers } from '../gen/graphql.ts';
import { protectedSince } from './readiness.ts';

export const readinessResolvers = {
  Customer: {
    readiness: ({ customerId }, _, ctx) => ctx.readiness.load(customerId),
    protectedSince: async (customer, _, ctx) =>
      protectedSince(customer, await ctx.readiness.load(customer.customerId)),
  },
} satisfies Resolvers;
