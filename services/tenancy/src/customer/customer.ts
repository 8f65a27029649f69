import { IllegalStateError } from '@vedette/service-kit';
import type { Plan } from '@vedette/service-kit';
import type { CompanyProfile } from '../company-profile/company-profile.ts';

/** Where a customer stands between onboarding and purge. */
export type CustomerStatus = 'ACTIVE' | 'OFFBOARDED' | 'PURGING' | 'PURGED';

/** What is known about a customer and may change. */
export interface CustomerContent extends CompanyProfile {
  readonly name: string;
  readonly plan: Plan;
  /** Its id in the provider's own books. */
  readonly externalReference: string | null;
}

/** One company that a provider looks after. */
export interface Customer extends CustomerContent {
  readonly customerId: string;
  readonly providerId: string;
  readonly isOwnEstate: boolean;
  readonly onboardedAt: Date;
  readonly status: CustomerStatus;
  readonly offboardedAt: Date | null;
  readonly version: number;
}

/** What is left of a customer after its purge, besides ids and hashes. */
export const purgedContent: CustomerContent = {
  name: 'Purged customer',
  plan: 'STANDARD',
  externalReference: null,
  sector: null,
  size: null,
  region: null,
  technologies: [],
  exposure: [],
};

export function contentOf(customer: CustomerContent): CustomerContent {
  const { name, plan, externalReference, sector, size, region, technologies, exposure } = customer;
  return { name, plan, externalReference, sector, size, region, technologies, exposure };
}

/**
 * What is known about a customer stays as it is once the customer was off-boarded.
 * @throws {IllegalStateError} the customer is no longer served
 */
export function requireServed({ status }: Pick<Customer, 'status'>, attempted: string): void {
  if (status === 'ACTIVE') return;
  throw new IllegalStateError('The customer is no longer served.', { state: status, attempted });
}

/**
 * A provider always has its own estate, which therefore neither moves nor leaves.
 * @throws {IllegalStateError} it is one, or the customer is no longer served
 */
export function requireMovable(
  customer: Pick<Customer, 'status' | 'isOwnEstate'>,
  attempted: string,
): void {
  if (customer.isOwnEstate) {
    throw new IllegalStateError("A provider's own estate stays with it.", {
      state: 'OWN_ESTATE',
      attempted,
    });
  }
  requireServed(customer, attempted);
}
