import type { Viewer } from '@vedette/service-kit';
import { z } from 'zod';
import type { ClaimedViewer } from './authenticate.ts';
import type { SubgraphClient } from './subgraph-client.ts';

/** As whom the gateway itself asks: it reaches no customer. */
const gatewayViewer: Viewer = { principalId: 'gateway', role: 'SERVICE', customerIds: [] };

/**
 * Asks tenancy what of a claimed viewer holds at present: `POST /internal/viewer` with the claims,
 * answered by the same viewer with the customers that it reaches.
 */
export async function resolveViewer(
  tenancy: SubgraphClient,
  claimed: ClaimedViewer,
): Promise<Viewer> {
  const answer = await tenancy.post('/internal/viewer', gatewayViewer, claimed);
  const { providerId, ...viewer } = viewerAnswer(claimed).parse(answer);
  return { ...viewer, ...(providerId ? { providerId } : {}) };
}

/** Tenancy narrows; an answer about somebody else, or with another role, is refused. */
function viewerAnswer({ principalId, role }: ClaimedViewer) {
  return z.object({
    principalId: z.literal(principalId),
    role: z.literal(role),
    providerId: z.uuid().optional(),
    customerIds: z.array(z.uuid()),
  });
}
