import { NotFoundError } from '@vedette/service-kit';
import type { Resolvers } from '../gen/graphql.ts';
import { moveCustomer } from './customer-move-operations.ts';
import {
  getCustomer,
  listCustomers,
  onboardCustomer,
  updateCustomer,
} from './customer-operations.ts';

export const customerResolvers = {
  Query: {
    customer: (_, { id }, ctx) => getCustomer(ctx, id),
    customers: (_, args, ctx) => listCustomers(ctx, args),
  },
  Mutation: {
    onboardCustomer: async (_, { input }, ctx) => {
      const customer = await onboardCustomer(ctx, input);
      ctx.reachNew([customer.customerId]);
      return { customer };
    },
    updateCustomer: async (_, { input }, ctx) => ({ customer: await updateCustomer(ctx, input) }),
    moveCustomer: async (_, { input }, ctx) => ({ customer: await moveCustomer(ctx, input) }),
  },
  Customer: {
    __resolveReference: ({ id }, ctx) => ctx.customers.load(id),
    id: (customer) => customer.customerId,
    provider: async (customer, _, ctx) => {
      const provider = await ctx.providers.load(customer.providerId);
      if (!provider) throw new NotFoundError('Provider', customer.providerId);
      return provider;
    },
    profile: (customer) => customer,
  },
} satisfies Resolvers;
