import type { Transaction } from '@vedette/service-kit';
import { holdOffPurge } from './purged-customers.ts';

/** What the inbox says about an event: `PURGED` means that its customer is gone. */
export type Claim = 'CLAIMED' | 'DUPLICATE' | 'PURGED';

/** An event for a consumer. */
export interface InboxKey {
  readonly consumer: string;
  readonly eventId: string;
  /** Empty for an event without a customer, and where it does not matter whether it is purged. */
  readonly customerId: string;
}

/**
 * Claims an event for a consumer, inside the transaction of its effect. Unless it answers `CLAIMED`
 * there is nothing to do. A purge of the customer waits until the transaction ends.
 */
export async function claimInInbox(tx: Transaction, key: InboxKey): Promise<Claim> {
  if (key.customerId) await holdOffPurge(tx, key.customerId);
  return claim(
    tx,
    `insert into inbox (consumer, event_id)
     select $1, $2 where not exists (select from purged) on conflict do nothing returning 1`,
    key,
  );
}

/** What {@link claimInInbox} would answer at this moment, for work that is done before the claim. */
export function lookInInbox(tx: Transaction, key: InboxKey): Promise<Claim> {
  return claim(
    tx,
    `select 1 where not exists (select from inbox where consumer = $1 and event_id = $2)`,
    key,
  );
}

async function claim(tx: Transaction, isNew: string, key: InboxKey): Promise<Claim> {
  const [row] = await tx.query<{ is_purged: boolean; is_new: boolean }[]>(
    `with purged as (select from purged_customers where customer_id = $3), new as (${isNew})
     select exists (select from purged) as is_purged, exists (select from new) as is_new`,
    [key.consumer, key.eventId, key.customerId || null],
  );
  if (row?.is_purged) return 'PURGED';
  return row?.is_new ? 'CLAIMED' : 'DUPLICATE';
}
