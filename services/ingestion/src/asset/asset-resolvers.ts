import type { Resolvers } from '../gen/graphql.ts';
import { getAsset, listAssets } from './asset-operations.ts';

export const assetResolvers = {
  Query: {
    asset: (_, { id }, ctx) => getAsset(ctx, id),
    assets: (_, args, ctx) => listAssets(ctx, args),
  },
  Asset: {
    __resolveReference: ({ id }, ctx) => ctx.assets.load(id),
    id: (asset) => asset.assetId,
    customer: (asset) => ({ id: asset.customerId }),
  },
} satisfies Resolvers;
