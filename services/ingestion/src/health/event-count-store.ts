import type { Database, Transaction } from '@vedette/service-kit';

/** Events of one connector, class and hour of receipt that were stored together, and are new. */
export interface StoredEvents {
  readonly connectorId: string;
  readonly classUid: number;
  /** The beginning of the UTC hour in which they were received. */
  readonly hour: Date;
  readonly events: number;
  /** Of their raw records, in UTF-8. */
  readonly bytes: number;
  readonly firstReceivedAt: Date;
  readonly lastReceivedAt: Date;
  /** When the latest of them happened by the source's clock, or when it was received where that is sooner. */
  readonly lastEventAt: Date;
}

/** How many events of a class a connector has brought in an hour. */
export type EventCount = Pick<StoredEvents, 'hour' | 'classUid' | 'events' | 'bytes'>;

const keptDays = 92;
const batchSize = 5_000;

/** Adds to the counts of one customer. All transactions take rows in one order, so that none block each other. */
export async function addEventCounts(
  tx: Transaction,
  customerId: string,
  stored: readonly StoredEvents[],
): Promise<void> {
  if (stored.length === 0) return;
  await tx.query(
    `insert into event_counts (customer_id, connector_id, hour, class_uid, events, bytes)
     select $1, s.connector_id, s.hour, s.class_uid, s.events, s.bytes
     from unnest($2::uuid[], $3::timestamptz[], $4::int[], $5::bigint[], $6::bigint[])
       as s(connector_id, hour, class_uid, events, bytes)
     order by s.connector_id, s.hour, s.class_uid
     on conflict (customer_id, connector_id, hour, class_uid) do update
       set events = event_counts.events + excluded.events, bytes = event_counts.bytes + excluded.bytes`,
    [
      customerId,
      stored.map(({ connectorId }) => connectorId),
      stored.map(({ hour }) => hour.toISOString()),
      stored.map(({ classUid }) => classUid),
      stored.map(({ events }) => events),
      stored.map(({ bytes }) => bytes),
    ],
  );
}

/** The counts of a connector, latest hour first; at most `limit`. The scope is the transaction's. */
export async function listEventCounts(
  tx: Transaction,
  connector: { readonly customerId: string; readonly connectorId: string },
  { from, to }: { readonly from: Date; readonly to: Date },
  limit: number,
): Promise<EventCount[]> {
  const rows: { hour: Date; classUid: number; events: string; bytes: string }[] = await tx.query(
    `select hour, class_uid as "classUid", events, bytes from event_counts
     where customer_id = $1 and connector_id = $2 and hour >= $3 and hour < $4
     order by hour desc, class_uid limit $5`,
    [connector.customerId, connector.connectorId, from, to, limit],
  );
  return rows.map(({ events, bytes, ...row }) => ({
    ...row,
    events: Number(events),
    bytes: Number(bytes),
  }));
}

/** Forgets old counts in small batches. It spans customers, so it runs as operator. */
export async function purgeCounts(database: Database): Promise<void> {
  const tables = {
    event_counts: 'customer_id, connector_id, hour, class_uid',
    rejection_counts: 'customer_id, connector_id, hour',
  };
  for (const [table, key] of Object.entries(tables)) {
    for (;;) {
      const [, count] = await database.transaction<[unknown, number]>({ kind: 'OPERATOR' }, (tx) =>
        tx.query(
          `delete from ${table} where (${key}) in (
             select ${key} from ${table} where hour < now() - make_interval(days => $1) limit $2)`,
          [keptDays, batchSize],
        ),
      );
      if (count < batchSize) break;
    }
  }
}
