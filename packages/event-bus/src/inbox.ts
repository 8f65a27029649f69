import type { Transaction } from '@vedette/service-kit';

/**
 * Claims an event for a consumer, inside the transaction of its effect.
 * @returns false when this consumer has had the event before: then there is nothing left to do
 */
export async function claimInInbox(
  tx: Transaction,
  consumer: string,
  eventId: string,
): Promise<boolean> {
  const rows: unknown[] = await tx.query(
    'insert into inbox (consumer, event_id) values ($1, $2) on conflict do nothing returning event_id',
    [consumer, eventId],
  );
  return rows.length === 1;
}
