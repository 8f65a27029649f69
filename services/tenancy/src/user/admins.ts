import { IllegalStateError } from '@vedette/service-kit';
import type { Transaction } from '@vedette/service-kit';
import { countAdmins } from './user-store.ts';

/** Held by whoever settles who administers the operator or a provider, until the end of the transaction. */
export async function holdAdmins(tx: Transaction, providerId: string): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('administrators of ' || $1, 0))`, [
    providerId,
  ]);
}

/**
 * Checks, after a change, that somebody can still administer: without one none of their own could make
 * another. Of two who take away each other's last one, the later sees what the earlier did.
 * @throws {IllegalStateError} nobody is left
 */
export async function requireAdmin(tx: Transaction, providerId: string): Promise<void> {
  await holdAdmins(tx, providerId);
  if ((await countAdmins(tx, providerId)) > 0) return;
  throw new IllegalStateError('The last administrator stays.', {
    state: 'ACTIVE',
    attempted: 'DEACTIVATE',
  });
}
