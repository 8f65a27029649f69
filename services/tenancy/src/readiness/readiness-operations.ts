import { authorize } from '@vedette/service-kit';
import type { OperationContext } from '@vedette/service-kit';
import { listMandates } from '../mandate/mandate-store.ts';
import { mandateInForce } from '../mandate/mandate.ts';
import { scopeWithin } from '../scope-within.ts';
import { readinessOf } from './readiness.ts';
import type { Readiness } from './readiness.ts';
import { countRungs, findConnectors } from './readiness-store.ts';

/**
 * The conditions of each customer's protection, for references. Whoever sees a customer sees whether
 * it is ready, and not what the mandate says or who is on the ladder.
 */
export async function loadReadiness(
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<(readonly Readiness[])[]> {
  authorize(ctx.viewer, 'customer:read');
  const scope = scopeWithin(ctx.viewer, customerIds);
  return ctx.db.transaction(scope, async (tx) => {
    const mandates = await listMandates(tx, scope, customerIds);
    const rungs = await countRungs(tx, scope, customerIds);
    const connectors = await findConnectors(tx, scope, customerIds);
    return customerIds.map((customerId) =>
      readinessOf({
        mandate: mandateInForce(mandates.get(customerId) ?? [], ctx.clock()),
        rungs: rungs.get(customerId) ?? 0,
        connectors: connectors.get(customerId) ?? [],
      }),
    );
  });
}
