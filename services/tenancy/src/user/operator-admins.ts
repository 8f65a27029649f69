import { IllegalStateError } from '@vedette/service-kit';
import type { Transaction } from '@vedette/service-kit';
import { countOperatorAdmins } from './user-store.ts';

/** Held by whoever changes who administers, so that two cannot each take away the other's last one. */
export async function holdOperatorAdmins(tx: Transaction): Promise<void> {
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('operator administrators', 0))`);
}

/**
 * Checks, after a change, that somebody can still administer: without one nobody could make another.
 * @throws {IllegalStateError} nobody is left
 */
export async function requireOperatorAdmin(tx: Transaction): Promise<void> {
  if ((await countOperatorAdmins(tx)) > 0) return;
  throw new IllegalStateError('The last administrator of the operator stays.', {
    state: 'ACTIVE',
    attempted: 'DEACTIVATE',
  });
}
