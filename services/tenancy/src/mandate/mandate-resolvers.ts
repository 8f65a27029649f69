import { getCustomer } from '../customer/customer-operations.ts';
import type { Resolvers } from '../gen/graphql.ts';
import { recordMandate, revokeMandate } from './mandate-operations.ts';
import { mandateInForce } from './mandate.ts';

const maxShown = 100;

export const mandateResolvers = {
  Mutation: {
    recordMandate: async (_, { input }, ctx) => {
      const mandate = await recordMandate(ctx, input);
      return { mandate, customer: await getCustomer(ctx, mandate.customerId) };
    },
    revokeMandate: async (_, { input }, ctx) => {
      const mandate = await revokeMandate(ctx, input);
      return { mandate, customer: await getCustomer(ctx, mandate.customerId) };
    },
  },
  Customer: {
    mandate: async ({ customerId }, _, ctx) =>
      mandateInForce(await ctx.mandates.load(customerId), ctx.clock()),
    mandates: async ({ customerId }, _, ctx) =>
      (await ctx.mandates.load(customerId)).slice(0, maxShown),
  },
  Mandate: {
    id: (mandate) => mandate.mandateId,
    signatory: (mandate) => ({
      name: mandate.signatoryName,
      title: mandate.signatoryTitle,
      email: mandate.signatoryEmail,
    }),
  },
} satisfies Resolvers;
