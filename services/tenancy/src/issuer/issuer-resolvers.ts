import { operatorId } from '@vedette/service-kit';
import type { Resolvers } from '../gen/graphql.ts';
import { listIssuers, registerIssuer, updateIssuer } from './issuer-operations.ts';

export const issuerResolvers = {
  Query: { issuers: (_, args, ctx) => listIssuers(ctx, args) },
  Mutation: {
    registerIssuer: async (_, { input }, ctx) => ({ issuer: await registerIssuer(ctx, input) }),
    updateIssuer: async (_, { input }, ctx) => ({ issuer: await updateIssuer(ctx, input) }),
  },
  Issuer: {
    id: (issuer) => issuer.issuerId,
    providerId: (issuer) => (issuer.providerId === operatorId ? null : issuer.providerId),
  },
} satisfies Resolvers;
