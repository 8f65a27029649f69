import type { TenantScope, Transaction, Viewer } from '@vedette/service-kit';
import { apiKeyRows, findApiKey } from '../api-key/api-key-store.ts';
import type { Grantee } from '../grant/grant.ts';
import type { ChangedPrincipal } from '../principal-events.ts';
import { findUser } from '../user/user-store.ts';

/** A user or an API key that the scope reaches, locked until the end of the transaction. */
export async function lockPrincipal(
  tx: Transaction,
  scope: TenantScope,
  principalId: string,
): Promise<Grantee | null> {
  const user = await findUser(tx, scope, principalId, 'FOR_UPDATE');
  if (user) return { ...user, principalId, as: { kind: 'USER', role: user.role } };
  const key = await findApiKey(tx, scope, principalId, 'FOR_UPDATE');
  if (!key) return null;
  const { reachesAllCustomers, revokedAt } = key;
  return { ...key, principalId, as: { kind: 'API_KEY', reachesAllCustomers, revokedAt } };
}

/** Counts a change of what principals reach, and answers what they are since. */
export async function raiseVersions(
  tx: Transaction,
  principalIds: readonly string[],
): Promise<readonly ChangedPrincipal[]> {
  return tx.query(
    `with raised_users as (
       update users set version = version + 1 where user_id = any ($1)
       returning user_id as id, provider_id, customer_id, version),
     raised_keys as (
       update api_keys set version = version + 1 where api_key_id = any ($1)
       returning api_key_id as id, provider_id, customer_id, version)
     select id as "principalId", provider_id as "providerId", customer_id as "customerId", version
     from (table raised_users union all table raised_keys) as raised order by id`,
    [principalIds],
  );
}

/**
 * Whether somebody belongs to a customer: a person by the role, a key by its record, since software has
 * one role whosever it is. A key that the transaction does not see counts as a customer's.
 */
export async function isOfCustomer(
  tx: Transaction,
  { role, principalId }: Viewer,
): Promise<boolean> {
  if (role !== 'INTEGRATION') return role.startsWith('CUSTOMER_');
  const key = await tx.getRepository(apiKeyRows).findOneBy({ apiKeyId: principalId });
  return key?.customerId !== null;
}
