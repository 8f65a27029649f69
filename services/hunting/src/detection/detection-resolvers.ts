import type { Resolvers } from '../gen/graphql.ts';
import { getDetection, listDetections } from './detection-operations.ts';

export const detectionResolvers = {
  Query: {
    detection: (_, { id }, ctx) => getDetection(ctx, id),
    detections: (_, args, ctx) => listDetections(ctx, args),
  },
  Detection: {
    __resolveReference: ({ id }, ctx) => ctx.detections.load(id),
    id: (detection) => detection.detectionId,
    customer: (detection) => ({ id: detection.customerId }),
    asset: (detection) => (detection.assetId ? { id: detection.assetId } : null),
    techniques: (detection, _, ctx) => detection.techniqueIds.map(ctx.findTechnique),
  },
  Technique: {
    __resolveReference: ({ id }, ctx) => ctx.findTechnique(id),
  },
} satisfies Resolvers;
