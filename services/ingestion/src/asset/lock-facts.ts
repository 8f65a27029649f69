import type { Transaction } from '@vedette/service-kit';

/**
 * Waits until nobody else settles this customer's assets and identities, and keeps others waiting until the transaction
 * ends. The history writer does not take it: it adds facts, and concludes nothing.
 */
export async function lockFacts(tx: Transaction, customerId: string): Promise<void> {
  await tx.query(
    `select pg_advisory_xact_lock(hashtextextended('ingestion-facts:' || $1::text, 0))`,
    [customerId],
  );
}
