import { ForbiddenError, NotFoundError, UnauthenticatedError } from './errors.ts';
import { isReading, permissions } from './permissions.ts';
import type { Permission, Role } from './permissions.ts';
import { reachesCustomer } from './viewer.ts';
import type { Viewer } from './viewer.ts';

/** Whether the viewer's role, and for an integration its key's scopes, have the permission. */
export function hasPermission(viewer: Viewer, permission: Permission): boolean {
  const allowed: readonly Role[] = permissions[permission];
  if (!allowed.includes(viewer.role)) return false;
  if (viewer.isReadOnly === true && !isReading(permission)) return false;
  return viewer.role !== 'INTEGRATION' || (viewer.scopes ?? []).includes(permission);
}

/**
 * The first line of every operation. With a `customerId`, reach is checked before the role, so that
 * a customer of somebody else answers like one that does not exist.
 * @throws {UnauthenticatedError} no viewer
 * @throws {NotFoundError} the customer is not one of the viewer's
 * @throws {ForbiddenError} the role lacks the permission, an integration's key lacks the scope, or
 * the viewer's provider is frozen
 */
export function authorize(
  viewer: Viewer | undefined,
  permission: Permission,
  tenant: { readonly customerId?: string } = {},
): asserts viewer is Viewer {
  if (!viewer) throw new UnauthenticatedError('This needs a signed-in viewer.');
  if (tenant.customerId !== undefined && !reachesCustomer(viewer, tenant.customerId)) {
    throw new NotFoundError('Customer', tenant.customerId);
  }
  if (hasPermission(viewer, permission)) return;
  const isFrozen = hasPermission({ ...viewer, isReadOnly: false }, permission);
  throw isFrozen ? new ForbiddenError(permission, frozen) : new ForbiddenError(permission);
}

const frozen =
  'Your provider is frozen: until the operator lifts that, you may read and nothing else.';

/**
 * Whether the viewer may answer for the customer when an action needs somebody's approval: its
 * provider's admin, a technician with the grant `approve`, or its own approver, each signed in with a
 * second factor. Software never approves, and nobody of a frozen provider does.
 */
export function mayApprove(viewer: Viewer, customerId: string): boolean {
  if (viewer.hasMfa !== true || viewer.isReadOnly === true) return false;
  if (!reachesCustomer(viewer, customerId)) return false;
  if (viewer.role === 'PROVIDER_TECHNICIAN') {
    return (viewer.approvesFor ?? []).includes(customerId);
  }
  return viewer.role === 'PROVIDER_ADMIN' || viewer.role === 'CUSTOMER_APPROVER';
}
