import { scopeOf } from '@vedette/service-kit';
import type { TenantScope, Viewer } from '@vedette/service-kit';

/**
 * The viewer's scope, narrowed to those of these customers that it reaches. Row-level security looks
 * each row up in the scope, so one of a page's customers is cheaper than one of a provider's 5,000.
 */
export function scopeWithin(viewer: Viewer, customerIds: readonly string[]): TenantScope {
  const scope = scopeOf(viewer);
  if (scope.kind === 'OPERATOR') return scope;
  const reached = new Set(scope.customerIds);
  return { ...scope, customerIds: [...new Set(customerIds)].filter((id) => reached.has(id)) };
}
