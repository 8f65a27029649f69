import type { Resolvers } from '../gen/graphql.ts';
import {
  createApiKey,
  getApiKey,
  listApiKeys,
  revokeApiKey,
  rotateApiKey,
} from './api-key-operations.ts';

export const apiKeyResolvers = {
  Query: {
    apiKey: (_, { id }, ctx) => getApiKey(ctx, id),
    apiKeys: (_, args, ctx) => listApiKeys(ctx, args),
  },
  Mutation: {
    createApiKey: (_, { input }, ctx) => createApiKey(ctx, input),
    rotateApiKey: (_, { input }, ctx) => rotateApiKey(ctx, input),
    revokeApiKey: async (_, { input }, ctx) => ({ apiKey: await revokeApiKey(ctx, input) }),
  },
  ApiKey: {
    id: (apiKey) => apiKey.apiKeyId,
    grants: (apiKey, _, ctx) => ctx.grants.load(apiKey.apiKeyId),
  },
} satisfies Resolvers;
