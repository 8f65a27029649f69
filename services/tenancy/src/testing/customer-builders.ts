import { emptyProfile } from '../company-profile/company-profile.ts';
import type { Customer } from '../customer/customer.ts';

const at = new Date('2026-03-01T08:00:00Z');

/** A customer as the rules see it. */
export function aCustomer(changes: Partial<Customer> = {}): Customer {
  return {
    customerId: '0197c000-0000-7000-8000-000000000001',
    providerId: '0197d000-0000-7000-8000-000000000001',
    name: 'Harbour Bakery',
    isOwnEstate: false,
    plan: 'STANDARD',
    externalReference: null,
    ...emptyProfile,
    onboardedAt: at,
    status: 'ACTIVE',
    offboardedAt: null,
    version: 1,
    ...changes,
  };
}
