import { isUuid } from '@vedette/service-kit';
import type { Database, Transaction } from '@vedette/service-kit';

/** What a purge has deleted so far, over all attempts. */
export interface PurgeCounts {
  readonly rows: number;
  readonly messages: number;
}

/** One lock for each customer: whoever takes its messages shares it, who purges it has it alone. */
const lockOf = `hashtextextended('customer ' || $1, 0)`;

/**
 * Marks a customer as purged, for ever: from then on no message makes rows of it. Waits for handlers
 * that are in the middle of one, whose rows can be deleted then. Safe to repeat.
 */
export async function markPurged(database: Database, customerId: string): Promise<void> {
  await database.infrastructure(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${lockOf})`, [customerId]);
    await tx.query(
      'insert into purged_customers (customer_id) values ($1) on conflict do nothing',
      [customerId],
    );
  });
}

/**
 * Lets no purge of the customer begin before this transaction ends. In a statement of its own, before
 * the one that asks whether it is purged: that one must see what was committed while this one waited.
 */
export async function holdOffPurge(tx: Transaction, customerId: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock_shared(${lockOf})`, [customerId]);
}

/** Adds to what was counted, inside the transaction that deletes or right after it. */
export async function countPurged(
  tx: Transaction,
  customerId: string,
  { rows = 0, messages = 0 }: Partial<PurgeCounts>,
): Promise<void> {
  await tx.query(
    `update purged_customers set deleted_rows = deleted_rows + $2, deleted_messages = deleted_messages + $3
     where customer_id = $1`,
    [customerId, rows, messages],
  );
}

export async function readPurgeCounts(
  database: Database,
  customerId: string,
): Promise<PurgeCounts> {
  const rows = await database.infrastructure((tx) =>
    tx.query<{ rows: string; messages: string }[]>(
      `select deleted_rows as rows, deleted_messages as messages
       from purged_customers where customer_id = $1`,
      [customerId],
    ),
  );
  return { rows: Number(rows[0]?.rows ?? 0), messages: Number(rows[0]?.messages ?? 0) };
}

/** The customer that a subject ends in, or null. */
export function customerOf(subject: string): string | null {
  const last = subject.split('.').at(-1);
  return isUuid(last) ? last : null;
}
