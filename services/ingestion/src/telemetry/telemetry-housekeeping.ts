import type { Database } from '@vedette/service-kit';

/** Days before and after today that have a partition of their own. */
const daysBefore = 31;
const daysAfter = 7;
/** As long as an idempotency key: whoever sends again does so within a day. */
const undatedHours = 24;
const batchSize = 5_000;

/** Makes the coming days' partitions, as far as they are missing. Safe to repeat. */
export async function ensureTelemetryPartitions(database: Database, now: Date): Promise<void> {
  const today = now.toISOString().slice(0, 10);
  await database.infrastructure((tx) =>
    tx.query('select ensure_telemetry_partitions($1::date - $2::int, $1::date + $3::int)', [
      today,
      daysBefore,
      daysAfter,
    ]),
  );
}

/** Forgets ids of undated events that nobody sends again. It spans customers, so it runs as operator. */
export async function purgeUndatedEvents(database: Database): Promise<void> {
  for (;;) {
    const [, count] = await database.transaction<[unknown, number]>({ kind: 'OPERATOR' }, (tx) =>
      tx.query(
        `delete from undated_events where (customer_id, event_id) in (
           select customer_id, event_id from undated_events
           where received_at < now() - make_interval(hours => $1) limit $2)`,
        [undatedHours, batchSize],
      ),
    );
    if (count < batchSize) return;
  }
}
