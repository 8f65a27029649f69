import type { TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import type { ResponseMode } from '../mandate/mandate.ts';
import { restrictToOwners } from '../owned-list.ts';
import type { Owned } from '../owner/owner.ts';
import type { PolicyTerms } from './response-policy.ts';

/** A provider's policy, or a customer's own. */
export interface ResponsePolicy extends Owned, PolicyTerms {
  readonly policyId: string;
  readonly version: number;
  readonly changedAt: Date;
  readonly changedBy: string;
}

/** A policy as it is stored; one that was cleared has no mode and only keeps its version. */
export interface StoredPolicy extends Omit<ResponsePolicy, 'mode'> {
  readonly mode: ResponseMode | null;
}

export const policyRows = new EntitySchema<StoredPolicy>({
  name: 'ResponsePolicy',
  tableName: 'response_policies',
  columns: {
    policyId: { type: 'uuid', primary: true, name: 'policy_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    customerId: { type: 'uuid', name: 'customer_id', nullable: true },
    mode: { type: 'text', nullable: true },
    whenUnanswered: { type: 'text', name: 'when_unanswered' },
    actionModes: { type: 'jsonb', name: 'action_modes' },
    windows: { type: 'jsonb' },
    version: { type: 'int' },
    changedAt: { type: 'timestamptz', name: 'changed_at' },
    changedBy: { type: 'text', name: 'changed_by' },
  },
});

/** What was set and not cleared. */
export function isSet(policy: StoredPolicy): policy is ResponsePolicy {
  return policy.mode !== null;
}

/** Own policies of customers, cleared ones among them. */
export function findCustomerPolicies(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<StoredPolicy[]> {
  return restrictToOwners(tx.getRepository(policyRows).createQueryBuilder('policy'), scope)
    .andWhere('policy.customerId = any (:customerIds)', { customerIds: [...customerIds] })
    .getMany();
}

/** What providers have set for their customers. */
export function findProviderPolicies(
  tx: Transaction,
  scope: TenantScope,
  providerIds: readonly string[],
): Promise<StoredPolicy[]> {
  return restrictToOwners(tx.getRepository(policyRows).createQueryBuilder('policy'), scope)
    .andWhere('policy.customerId is null and policy.providerId = any (:providerIds)', {
      providerIds: [...providerIds],
    })
    .getMany();
}

/** Keeps a policy, new or in place of its older version. The caller holds its owner's lock. */
export async function savePolicy(tx: Transaction, policy: StoredPolicy): Promise<void> {
  await tx.getRepository(policyRows).upsert(policy, ['policyId']);
}

/** PostgreSQL takes 65,535 parameters in a statement. */
const insertedAtOnce = 1_000;

export async function insertPolicies(
  tx: Transaction,
  policies: readonly ResponsePolicy[],
): Promise<void> {
  for (let at = 0; at < policies.length; at += insertedAtOnce) {
    await tx.getRepository(policyRows).insert(policies.slice(at, at + insertedAtOnce));
  }
}
