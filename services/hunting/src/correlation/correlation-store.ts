import { ConflictError } from '@vedette/service-kit';
import type { Transaction } from '@vedette/service-kit';

export interface KeptState {
  readonly version: string;
  /** Null where the version is the one that is known. */
  readonly state: string | null;
}

/** Reads a customer's state, unless it is the known one. Nobody else writes it before the transaction ends. */
export async function lockCorrelationState(
  tx: Transaction,
  customerId: string,
  knownVersion: string | null,
): Promise<KeptState | null> {
  const rows = await tx.query<KeptState[]>(
    `select version, case when version = $2 then null else state::text end as state
     from correlation_states where customer_id = $1 for update`,
    [customerId, knownVersion],
  );
  return rows[0] ?? null;
}

/** A state, and the version that it was made from; null for the first one. */
export interface NextState {
  readonly customerId: string;
  readonly version: string;
  readonly state: string;
  readonly madeFrom: string | null;
}

/** @throws {ConflictError} somebody else has written since the state was read that this one was made from */
export async function writeCorrelationState(tx: Transaction, next: NextState): Promise<void> {
  const written = await tx.query<unknown[]>(
    `insert into correlation_states as kept (customer_id, version, state) values ($1, $2, $3)
     on conflict (customer_id) do update
       set version = excluded.version, state = excluded.state, updated_at = now()
       where kept.version = $4
     returning 1`,
    [next.customerId, next.version, next.state, next.madeFrom],
  );
  if (written.length === 0)
    throw new ConflictError("The customer's correlations have gone on meanwhile.");
}
