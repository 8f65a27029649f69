import { describe, expect, it } from '@jest/globals';
import { operatorId } from '@vedette/service-kit';
import { isValid, toIntegration, toPerson } from './resolve-viewer.ts';
import type { FoundKey, FoundPerson, Reach } from './viewer-store.ts';

const reach: Reach = { customerIds: ['bakery', 'clinic'], approvesFor: ['clinic'] };
const nothing: Reach = { customerIds: [], approvesFor: [] };

const technician: FoundPerson = {
  principalId: 'mara',
  role: 'PROVIDER_TECHNICIAN',
  providerId: 'nordlicht',
  customerId: null,
  issuerProviderId: 'nordlicht',
  issuerCustomerId: null,
  customerHasIssuer: false,
  reachesAllCustomers: false,
  isProviderFrozen: false,
};
const approver: FoundPerson = { ...technician, role: 'CUSTOMER_APPROVER', customerId: 'bakery' };
const key: FoundKey = {
  ...{ principalId: 'bridge', providerId: 'nordlicht', customerId: null },
  ...{ reachesAllCustomers: false, isProviderFrozen: false, scopes: ['case:read'] },
  ...{ sha256: Buffer.alloc(32, 1), expiresAt: new Date(1_000), lastUsedAt: null },
};

describe('a person', () => {
  it('is who was invited, with the second factor that the token claims', () => {
    const who = { principalId: 'mara', role: 'PROVIDER_TECHNICIAN', providerId: 'nordlicht' };
    expect(toPerson(technician, reach, false)).toEqual({ ...who, ...reach });
    expect(toPerson(technician, nothing, true)).toEqual({ ...who, ...nothing, hasMfa: true });
  });

  it('approves by a grant only as a technician', () => {
    const viewer = { ...technician, role: 'PROVIDER_VIEWER' } as const;
    expect(toPerson(viewer, reach, true)).not.toHaveProperty('approvesFor');
  });

  it("of the operator reaches everybody, by the operator's own issuer only", () => {
    const operator = { ...technician, role: 'OPERATOR_LEAD', providerId: operatorId } as const;
    const own = { ...operator, issuerProviderId: operatorId };
    expect(toPerson(own, nothing, false)).toMatchObject({ customerIds: 'ALL' });
    expect(toPerson(operator, nothing, false)).toBeNull();
  });

  it("is nobody when the issuer's word no longer counts, or the customer has gone", () => {
    expect(toPerson({ ...technician, issuerProviderId: 'elbe' }, reach, true)).toBeNull();
    expect(toPerson({ ...approver, issuerProviderId: 'elbe' }, reach, true)).toBeNull();
    expect(toPerson(approver, nothing, true)).toBeNull();
    expect(toPerson({ ...approver, customerHasIssuer: true }, reach, true)).toBeNull();
  });
});

describe('whoever depends on a frozen provider', () => {
  const frozen = { isProviderFrozen: true };

  it('may read and nothing else: its people, those it vouches for, and every key', () => {
    for (const viewer of [
      toPerson({ ...technician, ...frozen }, reach, true),
      toPerson({ ...technician, ...frozen, role: 'PROVIDER_ADMIN' }, reach, true),
      toPerson({ ...approver, ...frozen }, reach, true),
      toIntegration({ ...key, ...frozen }, reach),
      toIntegration({ ...key, ...frozen, customerId: 'bakery' }, reach),
    ]) {
      expect(viewer).toMatchObject({ isReadOnly: true });
    }
  });

  it("is not a person whom the customer's own issuer vouches for", () => {
    const own = { ...approver, ...frozen, issuerCustomerId: 'bakery', customerHasIssuer: true };
    expect(toPerson(own, reach, true)).not.toHaveProperty('isReadOnly');
  });
});

describe('a key', () => {
  it('is known by its digest until it ends', () => {
    expect(isValid(key, Buffer.alloc(32, 1), new Date(999))).toBe(true);
    expect(isValid(key, Buffer.alloc(32, 1), new Date(1_000))).toBe(false);
    for (const sha256 of [Buffer.alloc(32, 2), Buffer.alloc(31, 1), Buffer.alloc(0)]) {
      expect(isValid(key, sha256, new Date(0))).toBe(false);
    }
  });

  it('is nobody when the customer whose it is has gone', () => {
    expect(toIntegration({ ...key, customerId: 'bakery' }, nothing)).toBeNull();
    expect(toIntegration(key, nothing)).toMatchObject({ customerIds: [], scopes: ['case:read'] });
  });
});
