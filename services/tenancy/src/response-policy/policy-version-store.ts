import { NotFoundError } from '@vedette/service-kit';
import type { TenantScope, Transaction } from '@vedette/service-kit';
import type { CustomerStatus } from '../customer/customer.ts';

/** A customer, locked, with what was last told of its effective policy. */
export interface PolicyHolder {
  readonly customerId: string;
  readonly providerId: string;
  readonly status: CustomerStatus;
  /** Version of what was last told; 0 before the first. */
  readonly policyVersion: number;
  /** Digest of what was last told. */
  readonly policyDigest: string | null;
}

/** What was told of a customer's effective policy, and when time may change it. */
export interface PolicyVersion {
  readonly customerId: string;
  readonly version: number;
  readonly digest: string | null;
  readonly changesAt: Date | null;
}

/** Restricts to a scope, whose parameters are $2 and $3. */
const inScope = `($2::uuid[] is null or customer_id = any ($2)) and ($3::uuid is null or provider_id = $3)`;

function toParameters(scope: TenantScope): readonly unknown[] {
  return scope.kind === 'OPERATOR' ? [null, null] : [scope.customerIds, scope.providerId ?? null];
}

/**
 * Locks customers of the scope until the end of the transaction, in the order of their ids, so that
 * nothing that their policy rests on changes meanwhile. Their providers' policies are locked first,
 * against change only; who changes one locks it by {@link lockProviderPolicy} and then its customers.
 */
export async function lockCustomers(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<PolicyHolder[]> {
  const parameters = [customerIds, ...toParameters(scope)];
  await tx.query(
    `select pg_advisory_xact_lock_shared(hashtextextended('policy ' || provider_id, 0))
     from (select distinct provider_id from customers
           where customer_id = any ($1::uuid[]) and ${inScope}
           order by provider_id) as sorted`,
    parameters,
  );
  return tx.query(
    `select customer_id as "customerId", provider_id as "providerId", status,
            policy_version as "policyVersion", policy_digest as "policyDigest"
     from customers where customer_id = any ($1::uuid[]) and ${inScope}
     order by customer_id for no key update`,
    parameters,
  );
}

/** @throws {NotFoundError} no such customer in the scope */
export async function lockPolicy(
  tx: Transaction,
  scope: TenantScope,
  customerId: string,
): Promise<PolicyHolder> {
  const [customer] = await lockCustomers(tx, scope, [customerId]);
  if (!customer) throw new NotFoundError('Customer', customerId);
  return customer;
}

/** Keeps everybody else from changing a provider's policy, and any policy that rests on it. */
export async function lockProviderPolicy(tx: Transaction, providerId: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('policy ' || $1, 0))`, [
    providerId,
  ]);
}

export async function savePolicyVersions(
  tx: Transaction,
  versions: readonly PolicyVersion[],
): Promise<void> {
  await tx.query(
    `update customers
     set policy_version = told.version, policy_digest = told.digest,
         policy_changes_at = told.changes_at
     from unnest($1::uuid[], $2::int[], $3::text[], $4::timestamptz[])
       as told (customer_id, version, digest, changes_at)
     where customers.customer_id = told.customer_id
       -- Without it the planner may read all customers, and row security compares each with thousands.
       and customers.customer_id = any ($1)
       and (policy_version, policy_digest, policy_changes_at)
         is distinct from (told.version, told.digest, told.changes_at)`,
    [
      versions.map(({ customerId }) => customerId),
      versions.map(({ version }) => version),
      versions.map(({ digest }) => digest),
      versions.map(({ changesAt }) => changesAt),
    ],
  );
}

/** Customers whose policy time has changed by now, longest ago first. */
export async function listDueCustomers(
  tx: Transaction,
  scope: TenantScope,
  now: Date,
  limit: number,
): Promise<string[]> {
  const rows: { customerId: string }[] = await tx.query(
    `select customer_id as "customerId" from customers
     where policy_changes_at <= $1 and ${inScope} order by policy_changes_at limit $4`,
    [now, ...toParameters(scope), limit],
  );
  return rows.map(({ customerId }) => customerId);
}

/** The version that was last told, by customer. */
export async function findPolicyVersions(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows: { customerId: string; version: number }[] = await tx.query(
    `select customer_id as "customerId", policy_version as version from customers
     where customer_id = any ($1::uuid[]) and ${inScope}`,
    [customerIds, ...toParameters(scope)],
  );
  return new Map(rows.map(({ customerId, version }) => [customerId, version]));
}

/** Forgets what was last told of a customer that is being purged, so that no time brings it up again. */
export async function forgetPolicy(tx: Transaction, customerId: string): Promise<void> {
  await tx.query(
    'update customers set policy_digest = null, policy_changes_at = null where customer_id = $1',
    [customerId],
  );
}
