import { NotFoundError, operatorId, parseId } from '@vedette/service-kit';
import type { TenantScope, Transaction } from '@vedette/service-kit';
import { requireServed } from '../customer/customer.ts';
import type { CustomerStatus } from '../customer/customer.ts';
import { parseOptional, refuseInput } from '../input.ts';
import type { Owned } from '../owner/owner.ts';
import { findProviders } from '../provider/provider-store.ts';

export interface OwnerInput {
  readonly providerId?: string | null;
  readonly customerId?: string | null;
}

/** Checks the ids of an owner, of which one at most is given. */
export function parseOwner(input: OwnerInput): {
  readonly providerId?: string;
  readonly customerId?: string;
} {
  const providerId = parseOptional('input.providerId', input.providerId, parseId);
  const customerId = parseOptional('input.customerId', input.customerId, parseId);
  if (providerId !== null && customerId !== null) {
    refuseInput('input.providerId', 'is given together with customerId');
  }
  if (customerId !== null) return { customerId };
  return providerId === null ? {} : { providerId };
}

/**
 * Whose something new becomes: the customer's, the provider's, or without either the operator's.
 * @throws {NotFoundError} the scope does not reach it
 * @throws {IllegalStateError} the customer is no longer served
 */
export async function holdOwner(
  tx: Transaction,
  scope: TenantScope,
  { providerId, customerId }: { readonly providerId?: string; readonly customerId?: string },
): Promise<Owned> {
  if (customerId !== undefined) {
    const customer = await holdCustomer(tx, scope, customerId);
    requireServed(customer, 'BIND');
    return { customerId, providerId: customer.providerId };
  }
  if (providerId === undefined) return { providerId: operatorId, customerId: null };
  const [provider] = await findProviders(tx, scope, [providerId]);
  if (!provider) throw new NotFoundError('Provider', providerId);
  return { providerId, customerId: null };
}

/** A customer that stays with its provider, and as it is, until the end of the transaction. */
export interface HeldCustomer {
  readonly customerId: string;
  readonly providerId: string;
  readonly status: CustomerStatus;
}

/** @throws {NotFoundError} the scope does not reach it */
export async function holdCustomer(
  tx: Transaction,
  scope: TenantScope,
  customerId: string,
): Promise<HeldCustomer> {
  const [customer] = await holdCustomers(tx, scope, [customerId]);
  if (!customer) throw new NotFoundError('Customer', customerId);
  return customer;
}

/**
 * The same for several, in the order of their ids.
 * @throws {NotFoundError} the scope does not reach one of them
 */
export async function holdCustomers(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<readonly HeldCustomer[]> {
  if (customerIds.length === 0) return [];
  const isBound = scope.kind === 'CUSTOMERS';
  const held: HeldCustomer[] = await tx.query(
    `select customer_id as "customerId", provider_id as "providerId", status from customers
     where customer_id = any ($1) and ($2::uuid[] is null or customer_id = any ($2))
       and ($3::uuid is null or provider_id = $3)
     order by customer_id for share`,
    [
      customerIds,
      isBound ? scope.customerIds : null,
      isBound ? (scope.providerId ?? operatorId) : null,
    ],
  );
  const found = new Set(held.map(({ customerId }) => customerId));
  const missing = customerIds.find((id) => !found.has(id));
  if (missing !== undefined) throw new NotFoundError('Customer', missing);
  return held;
}
