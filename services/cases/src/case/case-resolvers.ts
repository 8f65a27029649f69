import { phasesOf } from '@vedette/attack';
import { toPage } from '@vedette/service-kit';
import type { Resolvers } from '../gen/graphql.ts';
import {
  assignCase,
  changeCaseStatus,
  getCase,
  listCases,
  listCaseTimeline,
} from './case-operations.ts';

const defaultDetections = 50;

export const caseResolvers = {
  Query: {
    case: (_, { id }, ctx) => getCase(ctx, id),
    cases: (_, args, ctx) => listCases(ctx, args),
  },
  Mutation: {
    assignCase: async (_, { input }, ctx) => ({ case: await assignCase(ctx, input) }),
    changeCaseStatus: async (_, { input }, ctx) => ({ case: await changeCaseStatus(ctx, input) }),
  },
  Case: {
    __resolveReference: ({ id }, ctx) => ctx.cases.load(id),
    id: (found) => found.caseId,
    customer: (found) => ({ id: found.customerId }),
    detections: async (found, { first }, ctx) => {
      const ids = (await ctx.contents.load(found.caseId))?.detectionIds ?? [];
      return toReferences(ids.slice(0, toPage({ first: first ?? defaultDetections }, []).limit));
    },
    assets: async (found, _, ctx) =>
      toReferences((await ctx.contents.load(found.caseId))?.assetIds),
    techniques: async (found, _, ctx) =>
      toReferences((await ctx.contents.load(found.caseId))?.techniqueIds),
    killChainPhases: async (found, _, ctx) =>
      phasesOf((await ctx.contents.load(found.caseId))?.techniqueIds ?? []),
    timeline: (found, args, ctx) => listCaseTimeline(ctx, found.caseId, args),
  },
  CaseTimelineEntry: {
    id: (entry) => entry.eventId,
  },
  Customer: {
    cases: (customer, args, ctx) =>
      listCases(ctx, { ...args, filter: { customerId: customer.id } }),
  },
} satisfies Resolvers;

function toReferences(ids: readonly string[] | undefined): { id: string }[] {
  return (ids ?? []).map((id) => ({ id }));
}
