import type { Role } from './permissions.ts';

/** Somebody who asks: a person, an integration, or a service acting by itself for one customer. */
export interface Viewer {
  readonly principalId: string;
  readonly role: Role;
  /** The provider the viewer belongs to; absent for the operator's people. */
  readonly providerId?: string;
  /** The customers the viewer reaches. `ALL` is for the operator only; an empty list means nothing. */
  readonly customerIds: readonly string[] | 'ALL';
  /** An integration's: what its key may be used for. Without any it may do nothing. */
  readonly scopes?: readonly string[];
  /** A technician's: the customers for which it was granted to approve. */
  readonly approvesFor?: readonly string[];
  /** Whether the person signed in with a second factor. */
  readonly hasMfa?: boolean;
  /** The viewer's provider is frozen: it may read and nothing else. */
  readonly isReadOnly?: boolean;
}

/**
 * The tenants a transaction sees; row-level security is set from it. Every store function takes one
 * first. `OPERATOR` sees all, and is asked for by name so that nobody gets it by an empty list.
 */
export type TenantScope =
  | { readonly kind: 'OPERATOR' }
  | {
      readonly kind: 'CUSTOMERS';
      readonly customerIds: readonly string[];
      readonly providerId?: string;
    };

export function scopeOf(viewer: Viewer): TenantScope {
  if (viewer.customerIds === 'ALL') return { kind: 'OPERATOR' };
  return {
    kind: 'CUSTOMERS',
    customerIds: viewer.customerIds,
    ...(viewer.providerId ? { providerId: viewer.providerId } : {}),
  };
}

/** Whether the viewer reaches this customer at all. */
export function reachesCustomer(viewer: Viewer, customerId: string): boolean {
  return viewer.customerIds === 'ALL' || viewer.customerIds.includes(customerId);
}

/** The viewer for what a service does by itself, for exactly one customer, such as in a consumer. */
export function systemViewer(
  service: string,
  tenant: { customerId: string; providerId: string },
): Viewer {
  return {
    principalId: `system:${service}`,
    role: 'SERVICE',
    providerId: tenant.providerId,
    customerIds: [tenant.customerId],
  };
}

/** Narrows a scope to one customer; used where a filter names a customer that the viewer reaches. */
export function narrowScope(scope: TenantScope, customerId: string): TenantScope {
  return {
    kind: 'CUSTOMERS',
    customerIds:
      scope.kind === 'OPERATOR' || scope.customerIds.includes(customerId) ? [customerId] : [],
  };
}
