import type { Resolvers } from '../gen/graphql.ts';

export const viewerResolvers = {
  Query: { viewer: (_parent, _args, ctx) => ctx.viewer },
  ViewerInfo: {
    scopes: (viewer) => viewer.scopes ?? [],
    hasMfa: (viewer) => viewer.hasMfa ?? false,
    isReadOnly: (viewer) => viewer.isReadOnly ?? false,
    provider: (viewer, _, ctx) =>
      viewer.providerId ? ctx.providers.load(viewer.providerId) : null,
  },
} satisfies Resolvers;
