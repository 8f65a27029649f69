/** Who there is, in the order of the permission table: operator, provider, customer, machines. */
export const roles = [
  'OPERATOR_ADMIN',
  'OPERATOR_LEAD',
  'OPERATOR_ANALYST',
  'PROVIDER_ADMIN',
  'PROVIDER_TECHNICIAN',
  'PROVIDER_VIEWER',
  'CUSTOMER_APPROVER',
  'CUSTOMER_VIEWER',
  'INTEGRATION',
  'SERVICE',
] as const;

export type Role = (typeof roles)[number];

const operators = ['OPERATOR_ADMIN', 'OPERATOR_LEAD', 'OPERATOR_ANALYST'] as const;
const operatorLeads = ['OPERATOR_ADMIN', 'OPERATOR_LEAD'] as const;
const providers = ['PROVIDER_ADMIN', 'PROVIDER_TECHNICIAN', 'PROVIDER_VIEWER'] as const;
const customers = ['CUSTOMER_APPROVER', 'CUSTOMER_VIEWER'] as const;
const people = [...operators, ...providers, ...customers] as const;
const admins = ['OPERATOR_ADMIN', 'PROVIDER_ADMIN'] as const;
/** Who may change what a customer is protected by: its own approver among them. */
const guardians = [...operatorLeads, 'PROVIDER_ADMIN', 'CUSTOMER_APPROVER'] as const;

/**
 * Which role may do what inside the tenants it reaches: one table for the whole product, shown in
 * docs/permissions.md. What ends in `:read` changes nothing. `SERVICE` is a service that acts by
 * itself; an integration has of its row only what its key's scopes name.
 */
export const permissions = {
  'provider:create': ['OPERATOR_ADMIN'],
  'provider:read': [...people, 'INTEGRATION', 'SERVICE'],
  'provider:freeze': operators,
  'provider:unfreeze': operatorLeads,
  'customer:create': admins,
  'customer:read': [...people, 'INTEGRATION', 'SERVICE'],
  'customer:write': admins,
  'customer:move': ['OPERATOR_ADMIN'],
  'customer:offboard': admins,
  'customer:purge': ['OPERATOR_ADMIN'],
  'mandate:read': people,
  'mandate:write': guardians,
  'policy:read': [...people, 'INTEGRATION'],
  'policy:write': guardians,
  'provider-policy:write': [...operatorLeads, 'PROVIDER_ADMIN'],
  'contact:read': people,
  'contact:write': guardians,
  'service-contact:write': operatorLeads,
  'user:read': [...operatorLeads, 'PROVIDER_ADMIN'],
  'user:write': admins,
  'issuer:read': admins,
  'issuer:write': ['OPERATOR_ADMIN'],
  'api-key:read': admins,
  'api-key:write': admins,
  'deed:read': guardians,
  'connector:create': admins,
  'connector:read': [...operators, ...providers, 'INTEGRATION'],
  'asset:read': [...people, 'INTEGRATION', 'SERVICE'],
  'asset:write': [...operators, 'PROVIDER_ADMIN', 'PROVIDER_TECHNICIAN'],
  'telemetry:read': [...operators, 'PROVIDER_ADMIN', 'PROVIDER_TECHNICIAN'],
  'quarantine:replay': [...operators, 'PROVIDER_ADMIN'],
  'detection:read': [...people, 'INTEGRATION', 'SERVICE'],
  'detection:raise': ['SERVICE'],
  'case:read': [...people, 'INTEGRATION', 'SERVICE'],
  'case:open': ['SERVICE'],
  'case:write': [...operators, 'PROVIDER_ADMIN', 'PROVIDER_TECHNICIAN', 'INTEGRATION'],
} as const satisfies Readonly<Record<string, readonly Role[]>>;

export type Permission = keyof typeof permissions;

/** Whether using it changes nothing: all that a frozen provider's people are left with. */
export function isReading(permission: Permission): boolean {
  return permission.endsWith(':read');
}

export function isPermission(text: string): text is Permission {
  return Object.hasOwn(permissions, text);
}
