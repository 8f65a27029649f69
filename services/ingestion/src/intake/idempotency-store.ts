import type { Database, TenantScope, Transaction } from '@vedette/service-kit';
import type { RejectedLine } from './accept-records.ts';

/** Whose key it is: a connector's keys are its own. */
export interface IdempotencyKey {
  readonly customerId: string;
  readonly connectorId: string;
  readonly key: string;
}

/** What was answered. Ids are left out: the same body gives the same ids again. */
export interface KeptAnswer {
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: readonly RejectedLine[];
}

/** What a key says about a request that carries it. */
export type Claim =
  | { readonly state: 'CLAIMED' }
  | { readonly state: 'ANSWERED'; readonly answer: KeptAnswer }
  | { readonly state: 'UNDER_WAY' }
  | { readonly state: 'OTHER_BODY' };

/**
 * A request that is claimed has its body and ends within seconds: an older claim was left behind by a
 * process that died. Should its request go on after all, two do the same: ids come from the records,
 * so nothing is stored twice.
 */
const claimSeconds = 10;
const keptHours = 24;
const batchSize = 5_000;

function scopeOf({ customerId }: IdempotencyKey): TenantScope {
  return { kind: 'CUSTOMERS', customerIds: [customerId] };
}

/**
 * Claims a key for a request, or tells what became of the request that had it. Nothing is claimed
 * once the connector is deleted: its sensor may be known for some seconds more.
 */
export function claimKey(
  database: Database,
  key: IdempotencyKey,
  bodySha256: Buffer,
  now: Date,
): Promise<Claim> {
  return database.transaction(scopeOf(key), async (tx) => {
    const claimed: unknown[] = await tx.query(
      `insert into idempotency_keys
         (customer_id, connector_id, key, body_sha256, claimed_at, created_at)
       select customer_id, connector_id, $3, $4, $5, $5 from connectors
       where customer_id = $1 and connector_id = $2 for key share
       on conflict (customer_id, connector_id, key) do update set claimed_at = excluded.claimed_at
         where idempotency_keys.answer is null
           and idempotency_keys.body_sha256 = excluded.body_sha256
           and idempotency_keys.claimed_at < excluded.claimed_at - make_interval(secs => $6)
       returning key`,
      [key.customerId, key.connectorId, key.key, bodySha256, now, claimSeconds],
    );
    if (claimed.length > 0) return { state: 'CLAIMED' };
    return readClaim(tx, key, bodySha256);
  });
}

async function readClaim(tx: Transaction, key: IdempotencyKey, bodySha256: Buffer): Promise<Claim> {
  const rows: { body_sha256: Buffer; answer: KeptAnswer | null }[] = await tx.query(
    `select body_sha256, answer from idempotency_keys
     where customer_id = $1 and connector_id = $2 and key = $3`,
    [key.customerId, key.connectorId, key.key],
  );
  const [row] = rows;
  // Given up a moment ago by another request: the sender's next attempt finds it free.
  if (!row) return { state: 'UNDER_WAY' };
  if (!row.body_sha256.equals(bodySha256)) return { state: 'OTHER_BODY' };
  return row.answer ? { state: 'ANSWERED', answer: row.answer } : { state: 'UNDER_WAY' };
}

export async function keepAnswer(
  database: Database,
  key: IdempotencyKey,
  answer: KeptAnswer,
): Promise<void> {
  await database.transaction(scopeOf(key), (tx) =>
    tx.query(
      `update idempotency_keys set answer = $4
       where customer_id = $1 and connector_id = $2 and key = $3`,
      [key.customerId, key.connectorId, key.key, JSON.stringify(answer)],
    ),
  );
}

/** Gives up a claim whose request came to nothing, so that the sender may try again at once. */
export async function releaseKey(database: Database, key: IdempotencyKey): Promise<void> {
  await database.transaction(scopeOf(key), (tx) =>
    tx.query(
      `delete from idempotency_keys
       where customer_id = $1 and connector_id = $2 and key = $3 and answer is null`,
      [key.customerId, key.connectorId, key.key],
    ),
  );
}

/** Forgets old keys in small batches. It spans customers, so it runs in the operator's scope. */
export async function purgeIdempotencyKeys(database: Database): Promise<void> {
  for (;;) {
    const [, count] = await database.transaction<[unknown, number]>({ kind: 'OPERATOR' }, (tx) =>
      tx.query(
        `delete from idempotency_keys where (customer_id, connector_id, key) in (
           select customer_id, connector_id, key from idempotency_keys
           where created_at < now() - make_interval(hours => $1) limit $2)`,
        [keptHours, batchSize],
      ),
    );
    if (count < batchSize) return;
  }
}
