import { hasFeature } from '@vedette/service-kit';
import { getCustomer } from '../customer/customer-operations.ts';
import type { Resolvers } from '../gen/graphql.ts';
import { assignServiceContact } from './service-contact-operations.ts';

export const serviceContactResolvers = {
  Mutation: {
    assignServiceContact: async (_, { input }, ctx) => ({
      customer: await getCustomer(ctx, await assignServiceContact(ctx, input)),
    }),
  },
  Customer: {
    serviceContact: ({ customerId, plan }, _, ctx) =>
      hasFeature(plan, 'NAMED_CONTACT') ? ctx.serviceContacts.load(customerId) : null,
  },
} satisfies Resolvers;
