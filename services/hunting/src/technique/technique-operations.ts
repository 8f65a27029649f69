import { findTechnique } from '@vedette/attack';
import type { Standing, Technique } from '@vedette/attack';
import {
  authorize,
  findCustomer,
  narrowScope,
  NotFoundError,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { OperationContext } from '@vedette/service-kit';
import { countByTechnique } from './technique-store.ts';
import { toCountedPeriod } from './technique.ts';

export interface TechniqueCountFilter {
  readonly customerId?: string | null;
  readonly from?: Date | null;
  readonly to?: Date | null;
  readonly standing?: readonly Standing[] | null;
}

export interface TechniqueCount {
  readonly technique: Technique;
  readonly detectionCount: number;
}

/**
 * Counts detections by technique, most first; one that names several counts for each.
 * @throws {NotFoundError} the filter names a customer that the viewer does not reach
 * @throws {InvalidInputError} the period is none
 */
export async function countTechniques(
  ctx: OperationContext,
  filter: TechniqueCountFilter,
): Promise<TechniqueCount[]> {
  const wantedCustomerId = filter.customerId ?? null;
  const customerId =
    wantedCustomerId === null ? undefined : parseId('filter.customerId', wantedCustomerId);
  authorize(ctx.viewer, 'detection:read', customerId ? { customerId } : {});
  const period = toCountedPeriod(filter, ctx.clock());
  const scope = customerId ? narrowScope(scopeOf(ctx.viewer), customerId) : scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && !(await findCustomer(tx, scope, customerId))) {
      throw new NotFoundError('Customer', customerId);
    }
    return countByTechnique(tx, scope, period);
  });
  return rows
    .map(({ techniqueId, detections }) => {
      return { technique: findTechnique(techniqueId), detectionCount: detections };
    })
    .filter(({ technique }) => filter.standing?.includes(technique.standing) ?? true);
}
