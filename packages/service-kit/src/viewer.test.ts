import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { narrowScope, reachesCustomer, scopeOf, systemViewer } from './viewer.ts';
import type { TenantScope, Viewer } from './viewer.ts';

const customer = fc.constantFrom('c1', 'c2', 'c3', 'c4');
const customers = fc.uniqueArray(customer);
const anyScope: fc.Arbitrary<TenantScope> = fc.oneof(
  fc.constant({ kind: 'OPERATOR' } as const),
  fc.record({ kind: fc.constant('CUSTOMERS' as const), customerIds: customers }),
  fc.record({
    kind: fc.constant('CUSTOMERS' as const),
    customerIds: customers,
    providerId: fc.constantFrom('p1', 'p2'),
  }),
);

function sees(scope: TenantScope, customerId: string): boolean {
  return scope.kind === 'OPERATOR' || scope.customerIds.includes(customerId);
}

describe('a scope narrowed to one customer', () => {
  it('never sees what the wider one did not', () => {
    fc.assert(
      fc.property(anyScope, customer, customer, (scope, wanted, probed) => {
        const narrowed = narrowScope(scope, wanted);
        if (sees(narrowed, probed)) expect(sees(scope, probed)).toBe(true);
        expect(narrowed.kind).toBe('CUSTOMERS');
      }),
    );
  });

  it('sees that customer, if the wider one did, and nobody else', () => {
    fc.assert(
      fc.property(anyScope, customer, customer, (scope, wanted, probed) => {
        const expected = probed === wanted && sees(scope, wanted);
        expect(sees(narrowScope(scope, wanted), probed)).toBe(expected);
      }),
    );
  });

  it('does not grow when it is narrowed again', () => {
    fc.assert(
      fc.property(anyScope, customer, customer, (scope, one, other) => {
        fc.pre(one !== other);
        expect(narrowScope(narrowScope(scope, one), other)).toEqual(
          narrowScope({ kind: 'CUSTOMERS', customerIds: [] }, other),
        );
      }),
    );
  });
});

describe('a viewer', () => {
  const technician: Viewer = {
    principalId: 'u1',
    role: 'PROVIDER_TECHNICIAN',
    providerId: 'p1',
    customerIds: ['c1', 'c2'],
  };

  it('of a provider has the scope of its customers and of that provider', () => {
    expect(scopeOf(technician)).toEqual({
      kind: 'CUSTOMERS',
      customerIds: ['c1', 'c2'],
      providerId: 'p1',
    });
    expect(['c1', 'c3'].map((id) => reachesCustomer(technician, id))).toEqual([true, false]);
  });

  it('of the operator has the scope of all', () => {
    const admin: Viewer = { principalId: 'u2', role: 'OPERATOR_ADMIN', customerIds: 'ALL' };
    expect(scopeOf(admin)).toEqual({ kind: 'OPERATOR' });
    expect(reachesCustomer(admin, 'c9')).toBe(true);
  });

  it('without customers reaches nobody, and is no operator', () => {
    const nobody: Viewer = { principalId: 'u3', role: 'OPERATOR_ADMIN', customerIds: [] };
    expect(scopeOf(nobody)).toEqual({ kind: 'CUSTOMERS', customerIds: [] });
    expect(reachesCustomer(nobody, 'c1')).toBe(false);
  });

  it('for the system reaches the one customer it acts for', () => {
    const system = systemViewer('cases', { customerId: 'c1', providerId: 'p1' });
    expect(system).toEqual({
      principalId: 'system:cases',
      role: 'SERVICE',
      providerId: 'p1',
      customerIds: ['c1'],
    });
  });
});
