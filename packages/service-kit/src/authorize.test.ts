import { describe, expect, it } from '@jest/globals';
import { authorize, hasPermission, permissions } from './authorize.ts';
import type { Permission } from './authorize.ts';
import { ForbiddenError, NotFoundError, UnauthenticatedError } from './errors.ts';
import type { Role, Viewer } from './viewer.ts';

/** In the order of the columns below: operator, provider, customer, then machines. */
const roles = [
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
] as const satisfies readonly Role[];

/** What may be done by whom, written a second time: a change here is a decision, not an accident. */
const table: Readonly<Record<Permission, string>> = {
  //                   ALA ATV AV I S
  'provider:create': ' x.. ... .. . .',
  'provider:read': '   xxx xxx xx x x',
  'customer:create': ' x.. x.. .. . .',
  'customer:read': '   xxx xxx xx x x',
  'connector:create': 'x.. x.. .. . .',
  'connector:read': '  xxx xxx .. . .',
  'asset:read': '      xxx xxx xx x x',
  'telemetry:read': '  xxx xx. .. . .',
  'detection:read': '  xxx xxx xx x x',
  'detection:raise': ' ... ... .. . x',
  'case:read': '       xxx xxx xx x x',
  'case:open': '       ... ... .. . x',
  'case:write': '      xxx xx. .. . .',
};

function aViewer(role: Role, customerIds: Viewer['customerIds'] = ['c1']): Viewer {
  return { principalId: 'somebody', role, customerIds };
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
