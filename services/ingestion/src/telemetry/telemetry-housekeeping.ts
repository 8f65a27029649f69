import type { Database } from '@vedette/service-kit';

/** Days before and after today that have a partition of their own: as far back as the longest plan keeps. */
const daysBefore = 90;
const daysAfter = 7;
/** Texts that come later than a day find no slot, and so no index, but are found. */
const slotDaysBefore = 1;
const slotDaysAfter = 3;
/** As long as an idempotency key: whoever sends again does so within a day. */
const undatedHours = 24;
const batchSize = 5_000;

/** Makes the coming days' partitions, as far as they are missing. Safe to repeat. */
export async function ensureTelemetryPartitions(database: Database, now: Date): Promise<void> {
  const today = now.toISOString().slice(0, 10);
  await database.infrastructure(async (tx) => {
    await tx.query('select ensure_telemetry_partitions($1::date - $2::int, $1::date + $3::int)', [
      today,
      daysBefore,
      daysAfter,
    ]);
    await tx.query('select ensure_telemetry_text_slots($1::date - $2::int, $1::date + $3::int)', [
      today,
      slotDaysBefore,
      slotDaysAfter,
    ]);
  });
}

/** Records are a few minutes on their way; what comes later still makes an index grow row by row. */
const settleMs = 15 * 60_000;
const indexTimeoutMs = 30 * 60_000;

/**
 * Indexes the texts of the hours that are over, one slot in each transaction, the latest first.
 * @returns the slots that got one
 */
export async function indexTelemetryTexts(database: Database, now: Date): Promise<string[]> {
  const before = new Date(now.getTime() - settleMs);
  const indexed: string[] = [];
  for (;;) {
    const [row] = await database.infrastructure(async (tx) => {
      await tx.query(`select set_config('statement_timeout', $1, true)`, [String(indexTimeoutMs)]);
      return tx.query<{ name: string | null }[]>('select index_telemetry_texts($1) as name', [
        before,
      ]);
    });
    if (!row?.name) return indexed;
    indexed.push(row.name);
  }
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
