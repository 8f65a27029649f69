import type { Resolvers } from '../gen/graphql.ts';
import { completedAt, isWhole } from './customer-leaving.ts';
import {
  offboardCustomer,
  purgeCustomer,
  requestCustomerExport,
} from './customer-leaving-operations.ts';

export const customerLeavingResolvers = {
  Mutation: {
    offboardCustomer: async (_, { input }, ctx) => ({
      customer: await offboardCustomer(ctx, input),
    }),
    requestCustomerExport: async (_, { input }, ctx) => ({
      customer: await requestCustomerExport(ctx, input),
    }),
    purgeCustomer: async (_, { input }, ctx) => ({ customer: await purgeCustomer(ctx, input) }),
  },
  Customer: {
    export: ({ customerId }, _, ctx) => ctx.exports.load(customerId),
    purge: ({ customerId }, _, ctx) => ctx.purges.load(customerId),
  },
  CustomerExport: {
    id: ({ requestId }) => requestId,
    completedAt: (request) => completedAt(request),
  },
  CustomerPurge: {
    completedAt: (request) => completedAt(request),
    receipts: ({ receipts }) => receipts.filter(isWhole),
  },
  ExportReceipt: { sha256: ({ sha256 }) => sha256 ?? '', bytes: ({ bytes }) => bytes ?? 0 },
  PurgeReceipt: { messages: ({ messages }) => messages ?? 0 },
} satisfies Resolvers;
