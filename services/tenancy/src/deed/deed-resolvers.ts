import { operatorId } from '@vedette/service-kit';
import type { Resolvers } from '../gen/graphql.ts';
import { listDeeds } from './deed-operations.ts';

export const deedResolvers = {
  Query: { deeds: (_, args, ctx) => listDeeds(ctx, args) },
  Deed: {
    id: (deed) => deed.deedId,
    providerId: (deed) => (deed.providerId === operatorId ? null : deed.providerId),
    before: (deed) => deed.change?.before ?? null,
    after: (deed) => deed.change?.after ?? null,
    hash: (deed) => deed.hash.toString('hex'),
  },
} satisfies Resolvers;
