import type { Database, Transaction } from '@vedette/service-kit';

interface ConnectorKey {
  readonly customerId: string;
  readonly connectorId: string;
}

/** A record on its way into quarantine. */
export interface NewQuarantinedRow {
  readonly recordId: string;
  /** Where it stood in what was delivered, from 1. */
  readonly line: number;
  readonly code: string;
  readonly message: string;
  /** Its first 64 KiB. */
  readonly raw: Buffer;
  /** Of the whole record. */
  readonly rawBytes: number;
}

/** What one connector may fill. */
export const quarantineBounds = { records: 10_000, bytes: 64 * 1024 * 1024 } as const;

const keptDays = 30;
const batchSize = 5_000;

/**
 * Has the deliveries of a connector come one after the other, so that each sees what there is. False when the
 * connector is gone; else it stays until the end of the transaction.
 */
export async function lockQuarantine(
  tx: Transaction,
  { customerId, connectorId }: ConnectorKey,
): Promise<boolean> {
  const found = await tx.query<unknown[]>(
    `select connector_id from connectors where customer_id = $1 and connector_id = $2 for key share`,
    [customerId, connectorId],
  );
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `quarantine:${connectorId}`,
  ]);
  return found.length > 0;
}

/** Adds records; those that are there already change nothing. @returns how many are new */
export async function insertQuarantined(
  tx: Transaction,
  { customerId, connectorId }: ConnectorKey,
  receivedAt: Date,
  rows: readonly NewQuarantinedRow[],
): Promise<number> {
  const inserted = await tx.query<unknown[]>(
    `insert into quarantined_records
       (customer_id, connector_id, received_at, record_id, line, code, message, raw, kept_bytes, raw_bytes)
     select $1, $2, $3, r.record_id, r.line, r.code, r.message, r.raw, octet_length(r.raw), r.raw_bytes
     from unnest($4::uuid[], $5::int[], $6::text[], $7::text[], $8::bytea[], $9::int[])
       as r(record_id, line, code, message, raw, raw_bytes)
     on conflict do nothing
     returning record_id`,
    [
      ...[customerId, connectorId, receivedAt],
      rows.map(({ recordId }) => recordId),
      rows.map(({ line }) => line),
      rows.map(({ code }) => code),
      rows.map(({ message }) => message),
      rows.map(({ raw }) => raw),
      rows.map(({ rawBytes }) => rawBytes),
    ],
  );
  return inserted.length;
}

/**
 * Deletes a connector's oldest records, as many as are over the bounds.
 * @returns how many of them had not been replayed
 */
export async function makeRoom(
  tx: Transaction,
  { customerId, connectorId }: ConnectorKey,
): Promise<number> {
  const [deleted] = await tx.query<[{ replayed_at: Date | null }[], number]>(
    `with ranked as (
       select record_id, row_number() over newest as records, sum(kept_bytes) over newest as bytes
       from quarantined_records where customer_id = $1 and connector_id = $2
       window newest as (order by received_at desc, record_id desc)
     )
     delete from quarantined_records where customer_id = $1 and record_id in (
       select record_id from ranked where records > $3 or bytes > $4)
     returning replayed_at`,
    [customerId, connectorId, quarantineBounds.records, quarantineBounds.bytes],
  );
  return deleted.filter(({ replayed_at: at }) => at === null).length;
}

/** Adds to what was rejected of a connector in this hour. */
export async function countRejected(
  tx: Transaction,
  { customerId, connectorId }: ConnectorKey,
  now: Date,
  counts: { readonly rejected: number; readonly pushedOut: number },
): Promise<void> {
  await tx.query(
    `insert into rejection_counts (customer_id, connector_id, hour, rejected, pushed_out)
     values ($1, $2, date_trunc('hour', $3::timestamptz, 'UTC'), $4, $5)
     on conflict (customer_id, connector_id, hour) do update
       set rejected = rejection_counts.rejected + excluded.rejected,
           pushed_out = rejection_counts.pushed_out + excluded.pushed_out`,
    [customerId, connectorId, now, counts.rejected, counts.pushedOut],
  );
}

/** Forgets records after 30 days, in small batches. It spans customers, so it runs as operator. */
export async function purgeQuarantine(database: Database): Promise<void> {
  for (;;) {
    const [, count] = await database.transaction<[unknown, number]>({ kind: 'OPERATOR' }, (tx) =>
      tx.query(
        `delete from quarantined_records where (customer_id, record_id) in (
           select customer_id, record_id from quarantined_records
           where received_at < now() - make_interval(days => $1) limit $2)`,
        [keptDays, batchSize],
      ),
    );
    if (count < batchSize) return;
  }
}
