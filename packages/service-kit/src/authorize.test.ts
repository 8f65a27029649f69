import { describe, expect, it } from '@jest/globals';
import { authorize, hasPermission, mayApprove } from './authorize.ts';
import { ForbiddenError, NotFoundError, UnauthenticatedError } from './errors.ts';
import { isReading, permissions, roles } from './permissions.ts';
import type { Permission, Role } from './permissions.ts';
import type { Viewer } from './viewer.ts';

/** What may be done by whom, written a second time: a change here is a decision, not an accident. */
const table: Readonly<Record<Permission, string>> = {
  //                          ALA ATV AV I S
  'provider:create': '        x.. ... .. . .',
  'provider:read': '          xxx xxx xx x x',
  'provider:freeze': '        xxx ... .. . .',
  'provider:unfreeze': '      xx. ... .. . .',
  'customer:create': '        x.. x.. .. . .',
  'customer:read': '          xxx xxx xx x x',
  'customer:write': '         x.. x.. .. . .',
  'customer:move': '          x.. ... .. . .',
  'customer:offboard': '      x.. x.. .. . .',
  'customer:purge': '         x.. ... .. . .',
  'mandate:read': '           xxx xxx xx . .',
  'mandate:write': '          xx. x.. x. . .',
  'policy:read': '            xxx xxx xx x .',
  'policy:write': '           xx. x.. x. . .',
  'provider-policy:write': '  xx. x.. .. . .',
  'contact:read': '           xxx xxx xx . .',
  'contact:write': '          xx. x.. x. . .',
  'service-contact:write': '  xx. ... .. . .',
  'user:read': '              xx. x.. .. . .',
  'user:write': '             x.. x.. .. . .',
  'issuer:read': '            x.. x.. .. . .',
  'issuer:write': '           x.. ... .. . .',
  'api-key:read': '           x.. x.. .. . .',
  'api-key:write': '          x.. x.. .. . .',
  'deed:read': '              xx. x.. x. . .',
  'connector:create': '       x.. x.. .. . .',
  'connector:read': '         xxx xxx .. x .',
  'asset:read': '             xxx xxx xx x x',
  'asset:write': '            xxx xx. .. . .',
  'telemetry:read': '         xxx xx. .. . .',
  'quarantine:replay': '      xxx x.. .. . .',
  'detection:read': '         xxx xxx xx x x',
  'detection:raise': '        ... ... .. . x',
  'case:read': '              xxx xxx xx x x',
  'case:open': '              ... ... .. . x',
  'case:write': '             xxx xx. .. x .',
};

function aViewer(role: Role, customerIds: Viewer['customerIds'] = ['c1']): Viewer {
  return {
    principalId: 'somebody',
    role,
    customerIds,
    ...(role === 'INTEGRATION' ? { scopes: Object.keys(permissions) } : {}),
  };
}

describe('the permissions', () => {
  it('are all in the table', () => {
    expect(Object.keys(permissions).toSorted()).toEqual(Object.keys(table).toSorted());
  });

  it.each(Object.keys(table) as Permission[])('%s belongs to exactly these roles', (permission) => {
    const granted = table[permission].replaceAll(' ', '');
    expect(granted).toHaveLength(roles.length);
    expect(roles.filter((role) => hasPermission(aViewer(role), permission))).toEqual(
      roles.filter((_, n) => granted[n] === 'x'),
    );
  });
});

describe('an operation', () => {
  it('runs for a role that has the permission, within its tenants', () => {
    authorize(aViewer('PROVIDER_TECHNICIAN'), 'case:write', { customerId: 'c1' });
    authorize(aViewer('OPERATOR_ANALYST', 'ALL'), 'case:write', { customerId: 'c9' });
    expect(() => authorize(aViewer('CUSTOMER_VIEWER'), 'case:read')).not.toThrow();
  });

  it('refuses whoever is not signed in, whatever is asked for', () => {
    for (const tenant of [{}, { customerId: 'c1' }]) {
      expect(() => authorize(undefined, 'case:read', tenant)).toThrow(UnauthenticatedError);
    }
  });

  it('refuses a role without the permission, within its tenants', () => {
    const refused = new ForbiddenError('case:write');
    expect(() => authorize(aViewer('CUSTOMER_VIEWER'), 'case:write', { customerId: 'c1' })).toThrow(
      refused,
    );
    expect(() => authorize(aViewer('CUSTOMER_VIEWER'), 'case:write')).toThrow(refused);
  });

  it("answers for somebody else's customer as for one that does not exist, also without the permission", () => {
    for (const role of roles) {
      for (const permission of Object.keys(permissions) as Permission[]) {
        expect(() => authorize(aViewer(role), permission, { customerId: 'c2' })).toThrow(
          NotFoundError,
        );
      }
    }
  });

  it('takes an empty id for a customer, and not for none', () => {
    const asking = () => authorize(aViewer('PROVIDER_ADMIN'), 'case:read', { customerId: '' });
    expect(asking).toThrow(NotFoundError);
  });
});

describe("an integration's key", () => {
  const withScopes = (scopes?: readonly string[]): Viewer => ({
    principalId: 'a-key',
    role: 'INTEGRATION',
    customerIds: ['c1'],
    ...(scopes ? { scopes } : {}),
  });

  it('may do what its scopes name and nothing else', () => {
    expect(hasPermission(withScopes(['case:read']), 'case:read')).toBe(true);
    expect(hasPermission(withScopes(['case:read']), 'case:write')).toBe(false);
    expect(hasPermission(withScopes(), 'case:read')).toBe(false);
  });

  it('gets nothing by a scope that no integration has', () => {
    expect(hasPermission(withScopes(['user:write', 'case:open']), 'user:write')).toBe(false);
    expect(hasPermission(withScopes(['user:write', 'case:open']), 'case:open')).toBe(false);
  });
});

describe('the people of a frozen provider', () => {
  it('are told that it is frozen where they could have done it, and what they lack elsewhere', () => {
    const frozen = (role: Role, permission: Permission) => () =>
      authorize({ ...aViewer(role), isReadOnly: true }, permission);
    expect(frozen('PROVIDER_ADMIN', 'user:write')).toThrow(/^Your provider is frozen/);
    expect(frozen('PROVIDER_VIEWER', 'user:write')).toThrow("needs the permission 'user:write'");
  });

  it('may read what they could read before, and nothing else', () => {
    for (const role of roles) {
      const viewer = aViewer(role);
      for (const permission of Object.keys(permissions) as Permission[]) {
        expect(hasPermission({ ...viewer, isReadOnly: true }, permission)).toBe(
          isReading(permission) && hasPermission(viewer, permission),
        );
      }
    }
  });
});

describe('who may answer for a customer', () => {
  const signedIn = (role: Role, more: Partial<Viewer> = {}): Viewer => ({
    ...aViewer(role),
    hasMfa: true,
    ...more,
  });

  it("is its provider's admin, its own approver, and a technician who was granted to", () => {
    const approving = roles.filter((role) => mayApprove(signedIn(role), 'c1'));
    expect(approving).toEqual(['PROVIDER_ADMIN', 'CUSTOMER_APPROVER']);
    expect(mayApprove(signedIn('PROVIDER_TECHNICIAN', { approvesFor: ['c1'] }), 'c1')).toBe(true);
    expect(mayApprove(signedIn('PROVIDER_VIEWER', { approvesFor: ['c1'] }), 'c1')).toBe(false);
  });

  it('is nobody without a second factor, of a frozen provider, or for another customer', () => {
    for (const role of ['PROVIDER_ADMIN', 'CUSTOMER_APPROVER'] as const) {
      expect(mayApprove(signedIn(role, { hasMfa: false }), 'c1')).toBe(false);
      expect(mayApprove(signedIn(role, { isReadOnly: true }), 'c1')).toBe(false);
      expect(mayApprove(signedIn(role), 'c2')).toBe(false);
    }
    const granted = signedIn('PROVIDER_TECHNICIAN', { approvesFor: ['c2'] });
    expect(mayApprove(granted, 'c2')).toBe(false);
  });
});
