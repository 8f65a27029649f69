import { describe, expect, it } from '@jest/globals';
import { IllegalStateError, InvalidInputError } from '@vedette/service-kit';
import type { UserRole } from '../user/user.ts';
import { checkGrant } from './grant.ts';
import type { Grantee } from './grant.ts';

const base = { principalId: 'p', providerId: 'nordlicht', customerId: null, version: 1 };
const user = (role: UserRole): Grantee => ({ ...base, as: { kind: 'USER', role } });
const key = (change: object = {}): Grantee => ({
  ...base,
  as: { kind: 'API_KEY', reachesAllCustomers: false, revokedAt: null, ...change },
});

describe('a grant', () => {
  it('is for technicians, viewers and keys of a provider', () => {
    for (const grantee of [user('PROVIDER_TECHNICIAN'), user('PROVIDER_VIEWER'), key()]) {
      expect(() => checkGrant(grantee, false)).not.toThrow();
    }
  });

  it('means nothing to whoever reaches its customers anyway', () => {
    for (const grantee of [
      ...[user('PROVIDER_ADMIN'), user('OPERATOR_LEAD'), user('CUSTOMER_APPROVER')],
      ...[key({ reachesAllCustomers: true }), { ...key(), customerId: 'bakery' }],
    ]) {
      expect(() => checkGrant(grantee, false)).toThrow(InvalidInputError);
    }
  });

  it('lets technicians approve and nobody else, software least of all', () => {
    expect(() => checkGrant(user('PROVIDER_TECHNICIAN'), true)).not.toThrow();
    for (const grantee of [user('PROVIDER_VIEWER'), key()]) {
      expect(() => checkGrant(grantee, true)).toThrow(InvalidInputError);
    }
  });

  it('is not for a key that was revoked', () => {
    expect(() => checkGrant(key({ revokedAt: new Date() }), false)).toThrow(IllegalStateError);
  });
});
