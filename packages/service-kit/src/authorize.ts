import { ForbiddenError, NotFoundError, UnauthenticatedError } from './errors.ts';
import { reachesCustomer } from './viewer.ts';
import type { Role, Viewer } from './viewer.ts';

const operators = ['OPERATOR_ADMIN', 'OPERATOR_LEAD', 'OPERATOR_ANALYST'] as const;
const providers = ['PROVIDER_ADMIN', 'PROVIDER_TECHNICIAN', 'PROVIDER_VIEWER'] as const;
const customers = ['CUSTOMER_APPROVER', 'CUSTOMER_VIEWER'] as const;
const everybody = [...operators, ...providers, ...customers, 'INTEGRATION', 'SERVICE'] as const;

/** Which role may do what inside the tenants it reaches. One table for the whole product. */
export const permissions = {
  'provider:create': ['OPERATOR_ADMIN'],
  'provider:read': everybody,
  'customer:create': ['OPERATOR_ADMIN', 'PROVIDER_ADMIN'],
  'customer:read': everybody,
  'connector:create': ['OPERATOR_ADMIN', 'PROVIDER_ADMIN'],
  'connector:read': [...operators, ...providers],
  'asset:read': everybody,
  'telemetry:read': [...operators, 'PROVIDER_ADMIN', 'PROVIDER_TECHNICIAN'],
  'detection:read': everybody,
  'detection:raise': ['SERVICE'],
  'case:read': everybody,
  'case:open': ['SERVICE'],
  'case:write': [...operators, 'PROVIDER_ADMIN', 'PROVIDER_TECHNICIAN'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Permission = keyof typeof permissions;

export function hasPermission(viewer: Viewer, permission: Permission): boolean {
  const roles: readonly Role[] = permissions[permission];
  return roles.includes(viewer.role);
}

/**
 * The first line of every operation. With a `customerId`, reach is checked before the role, so that
 * a customer of somebody else answers like one that does not exist.
 * @throws {UnauthenticatedError} no viewer
 * @throws {NotFoundError} the customer is not one of the viewer's
 * @throws {ForbiddenError} the role lacks the permission
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
  if (!hasPermission(viewer, permission)) throw new ForbiddenError(permission);
}
