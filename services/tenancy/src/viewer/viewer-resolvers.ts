import type { Resolvers } from '../gen/graphql.ts';

export const viewerResolvers = {
  Query: { viewer: (_parent, _args, ctx) => ctx.viewer },
  ViewerInfo: {
    provider: (viewer, _, ctx) =>
      viewer.providerId ? ctx.providers.load(viewer.providerId) : null,
  },
} satisfies Resolvers;
