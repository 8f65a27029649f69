import { roles } from '@vedette/service-kit';
import type { Role, Viewer } from '@vedette/service-kit';
import { z } from 'zod';
import { createExpiringCache } from './expiring-cache.ts';
import { UnusableAnswerError } from './subgraph-client.ts';
import type { SubgraphClient } from './subgraph-client.ts';
import { unauthenticated } from './token-verifier.ts';
import type { VerifiedPerson } from './token-verifier.ts';

/** What a request has proved about who sends it. */
export type Proof =
  | ({ readonly kind: 'PERSON' } & VerifiedPerson)
  /** `sha256` is base64, of the whole key: tenancy compares it with the one of that public id. */
  | { readonly kind: 'API_KEY'; readonly publicId: string; readonly sha256: string };

/** Who a proof stands for at present, by tenancy's answer of the last five seconds. */
export interface Viewers {
  /**
   * Rejects with UnauthenticatedError for whoever is not invited or not active, and with
   * UnavailableError while tenancy does not answer.
   */
  find(proof: Proof): Promise<Viewer>;
  /** Forgetting a viewer also ends the identity tokens that were minted for it. */
  forgetPrincipal(principalId: string): void;
  forgetProvider(providerId: string): void;
  forgetAll(): void;
}

/** With the ten seconds that an identity token is reused: revocation is effective within fifteen. */
const viewerLifeMs = 5_000;
const maxViewers = 10_000;
/** Customers named by all of them together: with the tokens for four subgraphs, about 55 MB. */
const maxCustomerIds = 300_000;

export function createViewers(
  ask: (proof: Proof) => Promise<Viewer>,
  now: () => number = Date.now,
): Viewers {
  const viewers = createExpiringCache<Viewer>({
    ...{ lifeMs: viewerLifeMs, maxEntries: maxViewers, now },
    ...{ maxWeight: maxCustomerIds, weigh: countCustomerIds },
  });
  return {
    find: (proof) => viewers.get(keyOf(proof), () => ask(proof)),
    forgetPrincipal: (principalId) =>
      viewers.forget((viewer) => viewer.principalId === principalId),
    forgetProvider: (providerId) => viewers.forget((viewer) => viewer.providerId === providerId),
    forgetAll: () => viewers.forget(() => true),
  };
}

function countCustomerIds({ customerIds, approvesFor = [] }: Viewer): number {
  return (customerIds === 'ALL' ? 0 : customerIds.length) + approvesFor.length;
}

/** A key by its digest and not by its public id, which is no secret. */
function keyOf(proof: Proof): string {
  if (proof.kind === 'API_KEY') return `key ${proof.sha256}`;
  return `person ${proof.issuerId} ${proof.hasMfa} ${proof.subject}`;
}

/** As whom the gateway itself asks: it reaches no customer. */
export const gatewayViewer: Viewer = { principalId: 'gateway', role: 'SERVICE', customerIds: [] };

/** Services act by themselves and never come in through the gateway. */
const comesIn = (role: Role): boolean => role !== 'SERVICE';

const viewerAnswer = z
  .object({
    principalId: z.string().min(1),
    role: z.enum(roles).refine(comesIn),
    providerId: z.uuid().optional(),
    customerIds: z.union([z.literal('ALL'), z.array(z.uuid())]),
    approvesFor: z.array(z.uuid()).optional(),
    scopes: z.array(z.string()).optional(),
    hasMfa: z.boolean().optional(),
    isReadOnly: z.boolean().optional(),
  })
  .refine(({ role, customerIds }) => customerIds !== 'ALL' || role.startsWith('OPERATOR_'));

/** Asks tenancy: `POST /internal/viewer`. An answer that cannot be is a defect, and nobody's viewer. */
export async function askTenancy(tenancy: SubgraphClient, proof: Proof): Promise<Viewer> {
  try {
    const answer = await tenancy.post('/internal/viewer', gatewayViewer, proof);
    return withoutAbsent(viewerAnswer.parse(answer));
  } catch (error) {
    if (error instanceof UnusableAnswerError && error.status === 401) {
      throw unauthenticated('tenancy knows no active principal by it');
    }
    throw error;
  }
}

function withoutAbsent({
  principalId,
  role,
  customerIds,
  ...optional
}: z.output<typeof viewerAnswer>): Viewer {
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  return { principalId, role, customerIds, ...(Object.fromEntries(given) as Partial<Viewer>) };
}
