import type { Resolvers } from '../gen/graphql.ts';
import { setAssetCriticality, unmergeAsset } from './asset-change-operations.ts';
import { getAsset, listAssets } from './asset-operations.ts';
import { toAssessment } from './shown-assessment.ts';

export const assetResolvers = {
  Query: {
    asset: (_, { id }, ctx) => getAsset(ctx, id),
    assets: (_, args, ctx) => listAssets(ctx, args),
  },
  Mutation: {
    setAssetCriticality: async (_, { input }, ctx) => ({
      asset: await setAssetCriticality(ctx, input),
    }),
    unmergeAsset: async (_, { input }, ctx) => ({ asset: await unmergeAsset(ctx, input.assetId) }),
  },
  Asset: {
    __resolveReference: ({ id }, ctx) => ctx.assets.load(id),
    id: (asset) => asset.assetId,
    customer: (asset) => ({ id: asset.customerId }),
    os: async (asset, _, ctx) => (await ctx.assetDetails.load(asset.assetId)).os,
    agentIds: async (asset, _, ctx) => (await ctx.assetDetails.load(asset.assetId)).agentIds,
    macAddresses: async (asset, _, ctx) =>
      (await ctx.assetDetails.load(asset.assetId)).macAddresses,
    aliases: async (asset, _, ctx) => (await ctx.assetDetails.load(asset.assetId)).aliases,
    criticalityAssessment: (asset) =>
      toAssessment({
        ...{ source: asset.criticalitySource, reason: asset.criticalityReason },
        ...{ setBy: asset.criticalitySetBy, setAt: asset.criticalitySetAt },
      }),
  },
} satisfies Resolvers;
