import type { Transaction } from '@vedette/service-kit';

/** How many wait for a lock in this database. */
export async function countWaiting(tx: Transaction): Promise<number> {
  // What was seen first is shown until the transaction ends.
  await tx.query('select pg_stat_clear_snapshot()');
  const [row]: { n: number }[] = await tx.query(
    `select count(*)::int as n from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return row?.n ?? 0;
}
