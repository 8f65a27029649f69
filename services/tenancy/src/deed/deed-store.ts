import { restrictToScope } from '@vedette/service-kit';
import type { Page, Role, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import { noHash } from './deed-chain.ts';
import type { ChainedDeed } from './deed-chain.ts';

/** A deed as it is stored. */
export interface DeedRow extends ChainedDeed {
  readonly providerId: string;
  readonly customerId: string | null;
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
 * Locks ledgers until the end of the transaction, always in the same order, and tells how each ends.
 * The transaction must see the ledgers' owners.
 */
export async function lockLedgers(
  tx: Transaction,
  ledgers: readonly string[],
): Promise<ReadonlyMap<string, LedgerEnd>> {
  await tx.query(
    `select pg_advisory_xact_lock(hashtextextended('deeds ' || ledger, 0))
     from (select ledger from unnest($1::uuid[]) as given (ledger) order by ledger) as sorted`,
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

export async function insertDeeds(tx: Transaction, rows: readonly DeedRow[]): Promise<void> {
  await tx.getRepository(deedRows).insert([...rows]);
}

/** Newest first, one row more than the page holds. Rows without a customer belong to a provider. */
export function listDeeds(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TIME', 'NUMBER', 'ID']>,
  owner: { readonly customerId?: string; readonly providerId?: string },
): Promise<DeedRow[]> {
  const query = tx.getRepository(deedRows).createQueryBuilder('deed');
  if (scope.kind === 'CUSTOMERS') {
    query.andWhere(
      `(deed.customerId = any (:customerIds)
        or (deed.customerId is null and deed.providerId = :ownProvider))`,
      { customerIds: [...scope.customerIds], ownProvider: scope.providerId ?? null },
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
