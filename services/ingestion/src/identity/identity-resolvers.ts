import { toAssessment } from '../asset/shown-assessment.ts';
import type { Resolvers } from '../gen/graphql.ts';
import { getIdentity, listIdentities, setIdentityRisk } from './identity-operations.ts';

export const identityResolvers = {
  Query: {
    identity: (_, { id }, ctx) => getIdentity(ctx, id),
    identities: (_, args, ctx) => listIdentities(ctx, args),
  },
  Mutation: {
    setIdentityRisk: async (_, { input }, ctx) => ({ identity: await setIdentityRisk(ctx, input) }),
  },
  Identity: {
    __resolveReference: ({ id }, ctx) => ctx.identities.load(id),
    id: (identity) => identity.identityId,
    customer: (identity) => ({ id: identity.customerId }),
    aliases: (identity, _, ctx) => ctx.identityAliases.load(identity.identityId),
    riskAssessment: (identity) =>
      toAssessment({
        ...{ source: identity.riskSource, reason: identity.riskReason },
        ...{ setBy: identity.riskSetBy, setAt: identity.riskSetAt },
      }),
  },
} satisfies Resolvers;
