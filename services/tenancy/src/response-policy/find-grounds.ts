import type { TenantScope, Transaction } from '@vedette/service-kit';
import { listMandates } from '../mandate/mandate-store.ts';
import type { Mandate } from '../mandate/mandate.ts';
import { findCustomerPolicies, findProviderPolicies, isSet } from './response-policy-store.ts';
import type { ResponsePolicy } from './response-policy-store.ts';

/** What a customer's effective policy is made of. */
interface Ground {
  readonly mandates: readonly Mandate[];
  readonly customerPolicy: ResponsePolicy | null;
  readonly providerPolicy: ResponsePolicy | null;
}

interface Customer {
  readonly customerId: string;
  readonly providerId: string;
}

export type Grounds = (customer: Customer) => Ground;

/** Reads what the effective policies of these customers are made of, in three queries. */
export async function findGrounds(
  tx: Transaction,
  scope: TenantScope,
  customers: readonly Customer[],
): Promise<Grounds> {
  const customerIds = customers.map(({ customerId }) => customerId);
  const providerIds = [...new Set(customers.map(({ providerId }) => providerId))];
  const mandates = await listMandates(tx, scope, customerIds);
  const own = (await findCustomerPolicies(tx, scope, customerIds)).filter(isSet);
  const provided = (await findProviderPolicies(tx, scope, providerIds)).filter(isSet);
  const byCustomer = new Map(own.map((policy) => [policy.customerId, policy]));
  const byProvider = new Map(provided.map((policy) => [policy.providerId, policy]));
  return ({ customerId, providerId }) => ({
    mandates: mandates.get(customerId) ?? [],
    customerPolicy: byCustomer.get(customerId) ?? null,
    providerPolicy: byProvider.get(providerId) ?? null,
  });
}
