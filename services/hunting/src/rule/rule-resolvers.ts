import { findTechnique } from '@vedette/attack';
import { severityByLevel } from '../detection/detection.ts';
import type { Resolvers } from '../gen/graphql.ts';
import { techniqueIdsOf } from '../technique/technique.ts';
import { readGuidance } from './rule.ts';

export const ruleResolvers = {
  Rule: {
    severity: (rule) => severityByLevel[rule.level],
    signalStrength: (rule) => readGuidance(rule).signalStrength,
    firstSteps: (rule) => readGuidance(rule).firstSteps,
    falsePositives: (rule) => rule.falsepositives,
    techniques: (rule) => techniqueIdsOf(rule.tags).map(findTechnique),
  },
} satisfies Resolvers;
