import { IllegalStateError, InvalidInputError } from '@vedette/service-kit';
import type { Role } from '@vedette/service-kit';
import { kindOfOwner } from '../owner/owner.ts';
import type { Owned, OwnerKind } from '../owner/owner.ts';

/** What a person can be. */
export type UserRole = Exclude<Role, 'INTEGRATION' | 'SERVICE'>;

/** @throws {InvalidInputError} the role is not a person's */
export function parseUserRole(role: Role): UserRole {
  if (role === 'INTEGRATION' || role === 'SERVICE') {
    throw refuseRole('is for software only');
  }
  return role;
}

/** Who invites and locks out the people of an owner. */
export const adminRoles: readonly UserRole[] = ['OPERATOR_ADMIN', 'PROVIDER_ADMIN'];

/** Whose people have the role: the word that it begins with. */
export function ownerKindOf(role: UserRole): OwnerKind {
  if (role.startsWith('OPERATOR_')) return 'OPERATOR';
  return role.startsWith('PROVIDER_') ? 'PROVIDER' : 'CUSTOMER';
}

/** Somebody for whom an issuer may or may not vouch. */
export interface Vouched extends Owned {
  readonly role: UserRole;
  /** Whether the customer whose person it is has an active issuer of its own. */
  readonly customerHasIssuer: boolean;
}

/**
 * Whether an issuer's word counts for a user: the operator's for its own people, a customer's for its
 * own, a provider's for its own people and those of its customers without an active issuer of their
 * own. So no provider can ever assert somebody of another or in place of a customer that speaks for
 * itself, and a customer that has moved is no longer vouched for by its old provider.
 */
export function mayVouch(issuer: Owned, user: Vouched): boolean {
  if (ownerKindOf(user.role) !== kindOfOwner(user)) return false;
  if (issuer.customerId !== null) return issuer.customerId === user.customerId;
  return issuer.providerId === user.providerId && !user.customerHasIssuer;
}

/** What an update of a user decides about. */
export interface UserStanding {
  readonly userId: string;
  readonly role: UserRole;
  readonly isActive: boolean;
}

/**
 * Checks a new standing of a user.
 * @throws {InvalidInputError} the role is of another kind of owner
 * @throws {IllegalStateError} somebody demotes or locks out themself
 */
export function checkStanding(actorId: string, before: UserStanding, after: UserStanding): void {
  if (ownerKindOf(before.role) !== ownerKindOf(after.role)) {
    throw refuseRole(`is for the people of somebody else than ${before.role}`);
  }
  const isSame = before.role === after.role && before.isActive === after.isActive;
  if (before.userId === actorId && !isSame) {
    throw new IllegalStateError('Nobody changes their own role or locks out themself.', {
      state: before.role,
      attempted: after.isActive ? after.role : 'DEACTIVATE',
    });
  }
}

function refuseRole(problem: string): InvalidInputError {
  return new InvalidInputError(`'input.role' is not valid: ${problem}.`, [
    { path: 'input.role', problem },
  ]);
}
