import { UnavailableError } from '@vedette/service-kit';
import type { Page, Transaction } from '@vedette/service-kit';
import { EntitySchema, QueryFailedError } from 'typeorm';
import type { SelectQueryBuilder } from 'typeorm';

/** A telemetry event as history keeps it. */
export interface TelemetryRow {
  readonly customerId: string;
  readonly occurredAt: Date;
  readonly eventId: string;
  readonly receivedAt: Date;
  readonly connectorId: string;
  readonly classUid: number;
  readonly activityId: number;
  readonly severityId: number;
  readonly assetId: string | null;
  readonly hostName: string | null;
  readonly userName: string | null;
  readonly fields: unknown;
  readonly raw: string;
}

/** A row on its way in: `fields` is JSON text still, which PostgreSQL reads by itself. */
export type NewTelemetryRow = Omit<TelemetryRow, 'customerId' | 'fields'> & {
  readonly fields: string;
};

/** Which of one customer's telemetry is wanted; `to` is exclusive. */
export interface TelemetryQuestion {
  readonly customerId: string;
  readonly from: Date;
  readonly to: Date;
  readonly assetId?: string;
  readonly classUid?: number;
}

export const telemetryRows = new EntitySchema<TelemetryRow>({
  name: 'TelemetryEvent',
  tableName: 'telemetry_events',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    occurredAt: { type: 'timestamptz', primary: true, name: 'occurred_at' },
    eventId: { type: 'uuid', primary: true, name: 'event_id' },
    receivedAt: { type: 'timestamptz', name: 'received_at' },
    connectorId: { type: 'uuid', name: 'connector_id' },
    classUid: { type: 'int', name: 'class_uid' },
    activityId: { type: 'int', name: 'activity_id' },
    severityId: { type: 'int', name: 'severity_id' },
    assetId: { type: 'uuid', name: 'asset_id', nullable: true },
    hostName: { type: 'text', name: 'host_name', nullable: true },
    userName: { type: 'text', name: 'user_name', nullable: true },
    fields: { type: 'jsonb' },
    raw: { type: 'text' },
  },
});

/**
 * Adds events of one customer; those that are there already change nothing. COPY would be faster and
 * is refused under row-level security. An event that took its time from its receipt (`occurred_at` is
 * `received_at`) is known again by its id alone, since a second copy of it has another time.
 */
export async function insertTelemetry(
  tx: Transaction,
  customerId: string,
  rows: readonly NewTelemetryRow[],
): Promise<void> {
  // All transactions take rows in one order, so that two with the same events cannot block each other.
  const sorted = rows.toSorted(byTimeAndId);
  await tx.query(
    `with given as (
       select distinct on (g.occurred_at, g.event_id) g.*
       from unnest($2::timestamptz[], $3::uuid[], $4::timestamptz[], $5::uuid[], $6::int[], $7::int[],
                   $8::int[], $9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[])
         as g(occurred_at, event_id, received_at, connector_id, class_uid, activity_id, severity_id,
              asset_id, host_name, user_name, fields, raw)
       order by g.occurred_at, g.event_id
     ), undated as (
       insert into undated_events (customer_id, event_id, received_at)
       select $1, event_id, received_at from given where occurred_at = received_at
       on conflict do nothing
       returning event_id
     )
     insert into telemetry_events
       (customer_id, occurred_at, event_id, received_at, connector_id, class_uid, activity_id,
        severity_id, asset_id, host_name, user_name, fields, raw)
     select $1, occurred_at, event_id, received_at, connector_id, class_uid, activity_id,
            severity_id, asset_id, host_name, user_name, fields::jsonb, raw
     from given
     where occurred_at <> received_at or event_id in (select event_id from undated)
     on conflict do nothing`,
    [
      customerId,
      sorted.map((row) => row.occurredAt.toISOString()),
      sorted.map((row) => row.eventId),
      sorted.map((row) => row.receivedAt.toISOString()),
      sorted.map((row) => row.connectorId),
      sorted.map((row) => row.classUid),
      sorted.map((row) => row.activityId),
      sorted.map((row) => row.severityId),
      sorted.map((row) => row.assetId),
      sorted.map((row) => row.hostName),
      sorted.map((row) => row.userName),
      sorted.map((row) => row.fields),
      sorted.map((row) => row.raw),
    ],
  );
}

function byTimeAndId(a: NewTelemetryRow, b: NewTelemetryRow): number {
  const later = a.occurredAt.getTime() - b.occurredAt.getTime();
  if (later !== 0) return later;
  return a.eventId < b.eventId ? -1 : 1;
}

const searchTimeoutMs = 10_000;
/** Bytes of `raw` that a page holds at most, unless its first event alone has more. */
const maxPageBytes = 2 * 1024 * 1024;

/** An event's place in the list and its weight, which PostgreSQL knows without reading the text. */
interface Place {
  readonly occurredAt: Date;
  readonly eventId: string;
  readonly rawBytes: number;
}

/**
 * A page of one customer's events, latest first. The list is cut by the events' sizes before any of
 * them is loaded.
 * @throws {UnavailableError} the search took longer than ten seconds
 */
export async function listTelemetry(
  tx: Transaction,
  question: TelemetryQuestion,
  page: Page<['TIME', 'ID']>,
): Promise<{ readonly rows: readonly TelemetryRow[]; readonly hasNextPage: boolean }> {
  await tx.query(`select set_config('statement_timeout', $1, true)`, [String(searchTimeoutMs)]);
  try {
    const found = await toQuery(tx, question, page.after)
      .select('event.occurredAt', 'occurredAt')
      .addSelect('event.eventId', 'eventId')
      .addSelect('octet_length(event.raw)', 'rawBytes')
      .limit(page.limit + 1)
      .getRawMany<Place>();
    const places = cutToSize(found.slice(0, page.limit));
    const rows = await loadRows(tx, question, page.after, places);
    return { rows, hasNextPage: found.length > places.length };
  } catch (error) {
    if (isTimeout(error)) throw new UnavailableError('telemetry history', { cause: error });
    throw error;
  }
}

/** The first of the places that fit on a page together: one at least, where there is one. */
function cutToSize(places: readonly Place[]): readonly Place[] {
  let bytes = 0;
  const end = places.findIndex(({ rawBytes }, index) => {
    bytes += rawBytes;
    return index > 0 && bytes > maxPageBytes;
  });
  return end < 0 ? places : places.slice(0, end);
}

/** Goes the way of the search that found the places, as far as the last of them. */
async function loadRows(
  tx: Transaction,
  question: TelemetryQuestion,
  after: Page<['TIME', 'ID']>['after'],
  places: readonly Place[],
): Promise<readonly TelemetryRow[]> {
  const last = places.at(-1);
  if (!last) return [];
  return toQuery(tx, { ...question, from: last.occurredAt }, after)
    .andWhere('event.eventId in (:...ids)', { ids: places.map(({ eventId }) => eventId) })
    .getMany();
}

function toQuery(
  tx: Transaction,
  question: TelemetryQuestion,
  after: Page<['TIME', 'ID']>['after'],
): SelectQueryBuilder<TelemetryRow> {
  const { customerId, from, to, assetId, classUid } = question;
  const query = tx
    .getRepository(telemetryRows)
    .createQueryBuilder('event')
    .where('event.customerId = :customerId', { customerId })
    .andWhere('event.occurredAt >= :from and event.occurredAt < :to', { from, to });
  if (assetId) query.andWhere('event.assetId = :assetId', { assetId });
  if (classUid !== undefined) query.andWhere('event.classUid = :classUid', { classUid });
  if (after) {
    const [at, id] = after;
    query.andWhere('(event.occurredAt, event.eventId) < (:at, :id)', { at, id });
  }
  return query.orderBy('event.occurredAt', 'DESC').addOrderBy('event.eventId', 'DESC');
}

/** PostgreSQL's `query_canceled`, which is what a statement timeout ends in. */
function isTimeout(error: unknown): boolean {
  return (
    error instanceof QueryFailedError &&
    (error.driverError as { readonly code?: string }).code === '57014'
  );
}
