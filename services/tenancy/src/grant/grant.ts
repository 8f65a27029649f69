import { IllegalStateError, InvalidInputError } from '@vedette/service-kit';
import type { Owned } from '../owner/owner.ts';
import type { UserRole } from '../user/user.ts';

/** Whom a customer is granted to. */
export interface Grantee extends Owned {
  readonly principalId: string;
  readonly version: number;
  readonly as:
    | { readonly kind: 'USER'; readonly role: UserRole }
    | {
        readonly kind: 'API_KEY';
        readonly reachesAllCustomers: boolean;
        readonly revokedAt: Date | null;
      };
}

/**
 * Checks that somebody can have a grant: a technician or viewer of a provider, or a provider's key
 * that does not reach every customer anyway.
 * @throws {InvalidInputError} it would mean nothing, or somebody who is no technician would approve
 * @throws {IllegalStateError} the key is revoked
 */
export function checkGrant({ as, customerId }: Grantee, canApprove: boolean): void {
  const needsGrants =
    as.kind === 'USER'
      ? as.role === 'PROVIDER_TECHNICIAN' || as.role === 'PROVIDER_VIEWER'
      : customerId === null && !as.reachesAllCustomers;
  if (!needsGrants) throw refuse('input.principalId', 'reaches its customers without grants');
  if (canApprove && (as.kind !== 'USER' || as.role !== 'PROVIDER_TECHNICIAN')) {
    throw refuse('input.canApprove', 'is for technicians');
  }
  if (as.kind === 'API_KEY' && as.revokedAt !== null) {
    throw new IllegalStateError('The key is revoked.', { state: 'REVOKED', attempted: 'GRANT' });
  }
}

function refuse(path: string, problem: string): InvalidInputError {
  return new InvalidInputError(`'${path}' is not valid: it ${problem}.`, [{ path, problem }]);
}
