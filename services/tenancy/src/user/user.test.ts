import { describe, expect, it } from '@jest/globals';
import { IllegalStateError, InvalidInputError, operatorId, roles } from '@vedette/service-kit';
import type { Owned } from '../owner/owner.ts';
import { checkStanding, mayVouch, ownerKindOf, parseUserRole } from './user.ts';
import type { UserRole, UserStanding, Vouched } from './user.ts';

const ofOperator: Owned = { providerId: operatorId, customerId: null };
const ofProvider: Owned = { providerId: 'nordlicht', customerId: null };
const ofOtherProvider: Owned = { providerId: 'elbe', customerId: null };
const ofCustomer: Owned = { providerId: 'nordlicht', customerId: 'bakery' };
const ofSibling: Owned = { providerId: 'nordlicht', customerId: 'clinic' };
const ofForeign: Owned = { providerId: 'elbe', customerId: 'harbour' };
const owners = { ofOperator, ofProvider, ofOtherProvider, ofCustomer, ofSibling, ofForeign };

const people = roles.filter(
  (role): role is UserRole => role !== 'INTEGRATION' && role !== 'SERVICE',
);

describe('the word of an issuer', () => {
  /** Owner of the user to the owners whose issuers may vouch for it in a role that fits. */
  const vouchers: Readonly<Record<keyof typeof owners, readonly (keyof typeof owners)[]>> = {
    ofOperator: ['ofOperator'],
    ofProvider: ['ofProvider'],
    ofOtherProvider: ['ofOtherProvider'],
    ofCustomer: ['ofProvider', 'ofCustomer'],
    ofSibling: ['ofProvider', 'ofSibling'],
    ofForeign: ['ofOtherProvider', 'ofForeign'],
  };
  const kinds = {
    ofOperator: 'OPERATOR',
    ofProvider: 'PROVIDER',
    ofOtherProvider: 'PROVIDER',
    ofCustomer: 'CUSTOMER',
    ofSibling: 'CUSTOMER',
    ofForeign: 'CUSTOMER',
  } as const;
  const names = Object.keys(owners) as (keyof typeof owners)[];

  it.each(names)('counts for users %s as the table says, role by role', (name) => {
    for (const role of people) {
      const user = { ...owners[name], role, customerHasIssuer: false };
      const counting = names.filter((issuer) => mayVouch(owners[issuer], user));
      expect([role, counting]).toEqual([
        role,
        ownerKindOf(role) === kinds[name] ? vouchers[name] : [],
      ]);
    }
  });

  it('of the old provider does not count for a customer that has moved', () => {
    const user: Vouched = {
      ...{ ...ofCustomer, role: 'CUSTOMER_APPROVER', customerHasIssuer: false },
    };
    expect(mayVouch(ofProvider, user)).toBe(true);
    expect(mayVouch(ofProvider, { ...user, providerId: 'elbe' })).toBe(false);
    expect(mayVouch({ ...ofCustomer, providerId: 'elbe' }, { ...user, providerId: 'elbe' })).toBe(
      true,
    );
  });
});

describe('a customer with an issuer of its own', () => {
  const user = { ...ofCustomer, role: 'CUSTOMER_APPROVER', customerHasIssuer: true } as const;

  it('lets no other vouch for its people, not even its provider', () => {
    const vouching = Object.values(owners).filter((issuer) => mayVouch(issuer, user));
    expect(vouching).toEqual([ofCustomer]);
  });
});

describe('a role', () => {
  it("is a person's, not one of software", () => {
    expect(people.map(parseUserRole)).toEqual(people);
    for (const role of ['INTEGRATION', 'SERVICE'] as const) {
      expect(() => parseUserRole(role)).toThrow(InvalidInputError);
    }
  });

  const before: UserStanding = { userId: 'mara', role: 'PROVIDER_TECHNICIAN', isActive: true };

  it('changes within the same owner only', () => {
    expect(() =>
      checkStanding('jens', before, { ...before, role: 'PROVIDER_ADMIN' }),
    ).not.toThrow();
    for (const role of ['OPERATOR_ANALYST', 'CUSTOMER_APPROVER'] as const) {
      expect(() => checkStanding('jens', before, { ...before, role })).toThrow(InvalidInputError);
    }
  });

  it('is changed, and somebody locked out, by others only', () => {
    const admin: UserStanding = { userId: 'mara', role: 'PROVIDER_ADMIN', isActive: true };
    for (const after of [
      { ...admin, isActive: false },
      { ...admin, role: 'PROVIDER_VIEWER' } as const,
    ]) {
      expect(() => checkStanding('mara', admin, after)).toThrow(IllegalStateError);
      expect(() => checkStanding('jens', admin, after)).not.toThrow();
    }
    expect(() => checkStanding('mara', admin, admin)).not.toThrow();
  });
});
