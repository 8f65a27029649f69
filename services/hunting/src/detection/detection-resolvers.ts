import { findTechnique, phasesOf } from '@vedette/attack';
import type { Resolvers } from '../gen/graphql.ts';
import { countTechniques } from '../technique/technique-operations.ts';
import { getDetection, listDetections } from './detection-operations.ts';

export const detectionResolvers = {
  Query: {
    detection: (_, { id }, ctx) => getDetection(ctx, id),
    detections: (_, args, ctx) => listDetections(ctx, args),
    techniqueCounts: (_, { filter }, ctx) => countTechniques(ctx, filter ?? {}),
  },
  Detection: {
    __resolveReference: ({ id }, ctx) => ctx.detections.load(id),
    id: (detection) => detection.detectionId,
    customer: (detection) => ({ id: detection.customerId }),
    asset: (detection) => (detection.assetId ? { id: detection.assetId } : null),
    rule: (detection, _, ctx) => ctx.findRule(detection.ruleId) ?? null,
    techniques: (detection) => detection.techniqueIds.map(findTechnique),
    killChainPhases: (detection) => phasesOf(detection.techniqueIds),
  },
  Technique: {
    __resolveReference: ({ id }) => findTechnique(id),
  },
} satisfies Resolvers;
