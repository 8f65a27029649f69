import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import { restrictToOwners } from '../owned-list.ts';
import type { NarrowedOwner } from '../owned-list.ts';
import type { Owned } from '../owner/owner.ts';

/** A key of an integration as it is stored; its secrets are rows of their own. */
export interface ApiKeyRow extends Owned {
  readonly apiKeyId: string;
  readonly name: string;
  readonly scopes: readonly string[];
  readonly reachesAllCustomers: boolean;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** To the minute. */
  readonly lastUsedAt: Date | null;
  readonly version: number;
}

export const apiKeyRows = new EntitySchema<ApiKeyRow>({
  name: 'ApiKey',
  tableName: 'api_keys',
  columns: {
    apiKeyId: { type: 'uuid', primary: true, name: 'api_key_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    customerId: { type: 'uuid', name: 'customer_id', nullable: true },
    name: { type: 'text' },
    scopes: { type: 'text', array: true },
    reachesAllCustomers: { type: 'boolean', name: 'reaches_all_customers' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    createdBy: { type: 'text', name: 'created_by' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
    lastUsedAt: { type: 'timestamptz', name: 'last_used_at', nullable: true },
    version: { type: 'int' },
  },
});

/** What a key is recognised by. */
export interface ApiKeySecretRow extends Owned {
  readonly publicId: string;
  readonly apiKeyId: string;
  readonly sha256: Buffer;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export const apiKeySecretRows = new EntitySchema<ApiKeySecretRow>({
  name: 'ApiKeySecret',
  tableName: 'api_key_secrets',
  columns: {
    publicId: { type: 'text', primary: true, name: 'public_id' },
    apiKeyId: { type: 'uuid', name: 'api_key_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    customerId: { type: 'uuid', name: 'customer_id', nullable: true },
    sha256: { type: 'bytea' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
  },
});

export async function insertApiKey(tx: Transaction, row: ApiKeyRow): Promise<void> {
  await tx.getRepository(apiKeyRows).insert(row);
}

export async function saveApiKey(tx: Transaction, row: ApiKeyRow): Promise<void> {
  // Its last use is written by whoever recognises it, without a lock.
  const { apiKeyId, lastUsedAt: _, ...changed } = row;
  await tx.getRepository(apiKeyRows).update({ apiKeyId }, changed);
}

export async function insertSecret(tx: Transaction, row: ApiKeySecretRow): Promise<void> {
  await tx.getRepository(apiKeySecretRows).insert(row);
}

/** Lets the newest secret of a key end at a time, and all older ones now. */
export async function endSecrets(tx: Transaction, apiKeyId: string, at: Date): Promise<void> {
  await tx.query(
    `with newest as (select public_id from api_key_secrets where api_key_id = $1
                     order by created_at desc, public_id limit 1),
          ended as (update api_key_secrets set expires_at = least(expires_at, $2)
                    where public_id = (select public_id from newest))
     delete from api_key_secrets
     where api_key_id = $1 and public_id <> (select public_id from newest)`,
    [apiKeyId, at],
  );
}

export async function deleteSecrets(tx: Transaction, apiKeyId: string): Promise<void> {
  await tx.getRepository(apiKeySecretRows).delete({ apiKeyId });
}

/**
 * How many keys of an owner work. Whoever counts them is alone in adding one to them until the end of
 * the transaction.
 */
export async function countLiveKeys(
  tx: Transaction,
  { providerId, customerId }: Owned,
  now: Date,
): Promise<number> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('api keys ' || $1, 0))`, [
    customerId ?? providerId,
  ]);
  const [row]: { n: number }[] = await tx.query(
    `select count(*)::int as n from api_keys
     where provider_id = $1 and customer_id is not distinct from $2
       and revoked_at is null and expires_at > $3`,
    [providerId, customerId, now],
  );
  return row?.n ?? 0;
}

/** @param lock holds the row until the end of the transaction */
export function findApiKey(
  tx: Transaction,
  scope: TenantScope,
  apiKeyId: string,
  lock: 'FOR_UPDATE' | 'NO_LOCK' = 'NO_LOCK',
): Promise<ApiKeyRow | null> {
  const query = restrictToOwners(
    tx.getRepository(apiKeyRows).createQueryBuilder('apiKey'),
    scope,
  ).andWhere('apiKey.apiKeyId = :apiKeyId', { apiKeyId });
  if (lock === 'FOR_UPDATE') query.setLock('pessimistic_write');
  return query.getOne();
}

/** Newest first, one row more than the page holds. */
export function listApiKeys(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['ID']>,
  owner: NarrowedOwner,
): Promise<ApiKeyRow[]> {
  const query = restrictToOwners(
    tx.getRepository(apiKeyRows).createQueryBuilder('apiKey'),
    scope,
    owner,
  );
  if (page.after) query.andWhere('apiKey.apiKeyId < :after', { after: page.after[0] });
  return query
    .orderBy('apiKey.apiKeyId', 'DESC')
    .limit(page.limit + 1)
    .getMany();
}

/** Notes that a key was used in this minute; the first of the minute writes. */
export async function noteUse(tx: Transaction, apiKeyId: string, minute: Date): Promise<void> {
  await tx.query(
    `update api_keys set last_used_at = $2
     where api_key_id = $1 and (last_used_at is null or last_used_at < $2)`,
    [apiKeyId, minute],
  );
}
