import type { Database } from '@vedette/service-kit';

/** Published rows stay this long, so that a lost stream can be filled again from the outbox. */
const outboxDays = 14;
/** Longer than a message can be redelivered or replayed: domain streams keep 90 days. */
const inboxDays = 100;
const batchSize = 5_000;

/** Deletes old outbox and inbox rows in small batches, none of which holds locks for long. */
export async function purgeMessagingTables(database: Database): Promise<void> {
  await deleteInBatches(
    database,
    `delete from outbox where position in (
       select position from outbox
       where created_at < now() - make_interval(days => $1) and published_at is not null limit $2)`,
    outboxDays,
  );
  await deleteInBatches(
    database,
    `delete from inbox where (consumer, event_id) in (
       select consumer, event_id from inbox
       where received_at < now() - make_interval(days => $1) limit $2)`,
    inboxDays,
  );
}

async function deleteInBatches(database: Database, sql: string, days: number): Promise<void> {
  for (;;) {
    const [, count] = await database.infrastructure<[unknown, number]>((tx) =>
      tx.query(sql, [days, batchSize]),
    );
    if (count < batchSize) return;
  }
}
