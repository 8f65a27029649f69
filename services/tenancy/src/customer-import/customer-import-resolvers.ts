import type { Resolvers } from '../gen/graphql.ts';
import { importCustomers } from './customer-import-operations.ts';

export const customerImportResolvers = {
  Mutation: {
    importCustomers: async (_, { input }, ctx) => {
      const imported = await importCustomers(ctx, input);
      ctx.reachNew(imported.items.flatMap(({ customer }) => customer?.customerId ?? []));
      return imported;
    },
  },
} satisfies Resolvers;
