import { restrictToScope } from '@vedette/service-kit';
import type { Page, Role, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import { noHash } from './deed-chain.ts';
import type { ChainedDeed } from './deed-chain.ts';

/** A deed as it is stored. */
export interface DeedRow extends ChainedDeed {
  readonly actorRole: Role;
}

/** PostgreSQL's bigint comes as text; a ledger never holds more than a double can count. */
const count = { to: String, from: Number };

export const deedRows = new EntitySchema<DeedRow>({
  name: 'Deed',
  tableName: 'deeds',
  columns: {
    ledger: { type: 'uuid', primary: true },
    sequence: { type: 'bigint', primary: true, transformer: count },
    deedId: { type: 'uuid', name: 'deed_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    customerId: { type: 'uuid', name: 'customer_id', nullable: true },
    at: { type: 'timestamptz' },
    actor: { type: 'text' },
    actorRole: { type: 'text', name: 'actor_role' },
    kind: { type: 'text' },
    targetType: { type: 'text', name: 'target_type' },
    targetId: { type: 'uuid', name: 'target_id' },
    sealedChange: { type: 'text', name: 'sealed_change' },
    previousHash: { type: 'bytea', name: 'previous_hash' },
    hash: { type: 'bytea' },
  },
});

interface LedgerEnd {
  readonly sequence: number;
  readonly hash: Buffer;
}

/**
 * Locks ledgers until the end of the transaction, in the order in which they are given, and tells how
 * each ends. The transaction must see the ledgers' owners.
 */
export async function lockLedgers(
  tx: Transaction,
  ledgers: readonly string[],
): Promise<ReadonlyMap<string, LedgerEnd>> {
  await tx.query(
    `select pg_advisory_xact_lock(hashtextextended('deeds ' || ledger, 0))
     from (select ledger from unnest($1::uuid[]) with ordinality as given (ledger, n)
           order by n) as in_order`,
    [ledgers],
  );
  const rows: { ledger: string; sequence: string; hash: Buffer }[] = await tx.query(
    `select ledger, last.sequence, last.hash
     from unnest($1::uuid[]) as given (ledger)
     cross join lateral (select sequence, hash from deeds where deeds.ledger = given.ledger
                         order by sequence desc limit 1) as last`,
    [ledgers],
  );
  const ends = new Map<string, LedgerEnd>(
    ledgers.map((ledger) => [ledger, { sequence: 0, hash: noHash }]),
  );
  for (const row of rows) {
    ends.set(row.ledger, { sequence: Number(row.sequence), hash: row.hash });
  }
  return ends;
}

/** One parameter for each column, however many the rows: a statement takes 65,535. */
export async function insertDeeds(tx: Transaction, rows: readonly DeedRow[]): Promise<void> {
  await tx.query(
    `insert into deeds (ledger, sequence, deed_id, provider_id, customer_id, at, actor, actor_role,
                        kind, target_type, target_id, sealed_change, previous_hash, hash)
     select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::uuid[],
                          $6::timestamptz[], $7::text[], $8::text[], $9::text[], $10::text[],
                          $11::uuid[], $12::text[], $13::bytea[], $14::bytea[])`,
    [
      rows.map(({ ledger }) => ledger),
      rows.map(({ sequence }) => sequence),
      rows.map(({ deedId }) => deedId),
      rows.map(({ providerId }) => providerId),
      rows.map(({ customerId }) => customerId),
      rows.map(({ at }) => at),
      rows.map(({ actor }) => actor),
      rows.map(({ actorRole }) => actorRole),
      rows.map(({ kind }) => kind),
      rows.map(({ targetType }) => targetType),
      rows.map(({ targetId }) => targetId),
      rows.map(({ sealedChange }) => sealedChange),
      rows.map(({ previousHash }) => previousHash),
      rows.map(({ hash }) => hash),
    ],
  );
}

/**
 * Newest first, one row more than the page holds. Rows without a customer belong to a provider. A
 * scope with a provider sees of its customers what was done under that provider: what a former one did
 * is not its affair.
 */
export function listDeeds(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TIME', 'NUMBER', 'ID']>,
  owner: { readonly customerId?: string; readonly providerId?: string },
): Promise<DeedRow[]> {
  const query = tx.getRepository(deedRows).createQueryBuilder('deed');
  if (scope.kind === 'CUSTOMERS') {
    const { customerIds, providerId: ownProvider } = scope;
    query.andWhere(
      ownProvider === undefined
        ? 'deed.customerId = any (:customerIds)'
        : `deed.providerId = :ownProvider
           and (deed.customerId is null or deed.customerId = any (:customerIds))`,
      { customerIds: [...customerIds], ownProvider },
    );
  }
  if (owner.customerId) {
    restrictToScope(query, { kind: 'CUSTOMERS', customerIds: [owner.customerId] });
  }
  if (owner.providerId) {
    query.andWhere('deed.customerId is null and deed.providerId = :provider', {
      provider: owner.providerId,
    });
  }
  if (page.after) {
    const [at, sequence, deedId] = page.after;
    query.andWhere('(deed.at, deed.sequence, deed.deedId) < (:at, :sequence, :deedId)', {
      ...{ at, sequence, deedId },
    });
  }
  return query
    .orderBy('deed.at', 'DESC')
    .addOrderBy('deed.sequence', 'DESC')
    .addOrderBy('deed.deedId', 'DESC')
    .limit(page.limit + 1)
    .getMany();
}

/** All of one ledger, in order. */
export function listLedger(tx: Transaction, ledger: string): Promise<DeedRow[]> {
  return tx
    .getRepository(deedRows)
    .createQueryBuilder('deed')
    .where('deed.ledger = :ledger', { ledger })
    .orderBy('deed.sequence')
    .getMany();
}

/** Sealed keys of customers that have one. */
export async function findCustomerKeys(
  tx: Transaction,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows: { customer_id: string; sealed_key: string }[] = await tx.query(
    'select customer_id, sealed_key from customer_keys where customer_id = any ($1::uuid[])',
    [customerIds],
  );
  return new Map(rows.map((row) => [row.customer_id, row.sealed_key]));
}

export async function insertCustomerKeys(
  tx: Transaction,
  keys: ReadonlyMap<string, string>,
): Promise<void> {
  await tx.query(
    `insert into customer_keys (customer_id, sealed_key)
     select * from unnest($1::uuid[], $2::text[])`,
    [[...keys.keys()], [...keys.values()]],
  );
}

/**
 * Rewrites the file of the keys without those that were deleted, which only become free space by it.
 * Keeps everybody else from the table meanwhile; gives up when it does not get it within two seconds.
 */
export async function rewriteCustomerKeys(tx: Transaction): Promise<void> {
  await tx.query('select rewrite_customer_keys()');
}
