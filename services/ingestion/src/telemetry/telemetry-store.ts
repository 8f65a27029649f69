import { searchTextOf } from '@vedette/event-model';
import type { Fields } from '@vedette/event-model';
import type { Page, Transaction } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';
import type { StoredEvents } from '../health/event-count-store.ts';
import type { TelemetryQuestion } from './telemetry-filter.ts';
import { findPlaces, withinSearchTime } from './telemetry-search.ts';
import type { Place } from './telemetry-search.ts';

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
 * @returns what is new, counted by connector, class and hour of receipt
 */
export async function insertTelemetry(
  tx: Transaction,
  customerId: string,
  rows: readonly NewTelemetryRow[],
): Promise<StoredEvents[]> {
  // All transactions take rows in one order, so that two with the same events cannot block each other.
  const sorted = rows.toSorted(byTimeAndId);
  const texts = [
    sorted.map(({ fields }) => fields),
    sorted.map(({ raw }) => raw),
    sorted.map(toSearchText),
  ];
  const separator = findSeparator(texts);
  const stored = await tx.query<
    (Omit<StoredEvents, 'events' | 'bytes'> & { events: string; bytes: string })[]
  >(
    `with given as (
       select distinct on (g.occurred_at, g.event_id) g.*
       from unnest($2::timestamptz[], $3::uuid[], $4::timestamptz[], $5::uuid[], $6::int[], $7::int[],
                   $8::int[], $9::uuid[], $10::text[], $11::text[], string_to_array($12, $15),
                   string_to_array($13, $15), string_to_array($14, $15))
         as g(occurred_at, event_id, received_at, connector_id, class_uid, activity_id, severity_id,
              asset_id, host_name, user_name, fields, raw, search_text)
       order by g.occurred_at, g.event_id
     ), undated as (
       insert into undated_events (customer_id, event_id, received_at)
       select $1, event_id, received_at from given where occurred_at = received_at
       on conflict do nothing
       returning event_id
     ), stored as (
       insert into telemetry_events
         (customer_id, occurred_at, event_id, received_at, connector_id, class_uid, activity_id,
          severity_id, asset_id, host_name, user_name, fields, raw)
       select $1, occurred_at, event_id, received_at, connector_id, class_uid, activity_id,
              severity_id, asset_id, host_name, user_name, fields::jsonb, coalesce(raw, '')
       from given
       where occurred_at <> received_at or event_id in (select event_id from undated)
       on conflict do nothing
       returning occurred_at, event_id, connector_id, class_uid, received_at, octet_length(raw) as bytes
     ), texts as (
       insert into telemetry_texts
         (customer_id, occurred_at, event_id, received_at, asset_id, search_text)
       select $1, occurred_at, event_id, given.received_at, asset_id, search_text
       from given join stored using (occurred_at, event_id)
       where search_text <> ''
     )
     select connector_id as "connectorId", class_uid as "classUid",
       date_trunc('hour', received_at, 'UTC') as hour, count(*) as events, sum(bytes) as bytes,
       min(received_at) as "firstReceivedAt", max(received_at) as "lastReceivedAt",
       max(least(occurred_at, received_at)) as "lastEventAt"
     from stored group by 1, 2, 3`,
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
      ...texts.map((list) => list.join(separator)),
      separator,
    ],
  );
  return stored.map(({ events, bytes, ...row }) => ({
    ...row,
    events: Number(events),
    bytes: Number(bytes),
  }));
}

/**
 * What can stand between texts that none of them holds. An array of long texts costs fifteen microseconds an event
 * to quote and to read; joined ones cost next to nothing.
 */
function findSeparator(lists: readonly (readonly string[])[]): string {
  for (let n = 0; ; n += 1) {
    // It begins unlike it ends, so that no end of a text can run into it.
    const separator = `\x1e${n}\x1f`;
    if (!lists.some((list) => list.some((text) => text.includes(separator)))) return separator;
  }
}

/** The fields were checked to be a flat object where the event was made. */
function toSearchText({ hostName, userName, fields }: NewTelemetryRow): string {
  return searchTextOf({
    ...(hostName === null ? {} : { hostname: hostName }),
    ...(userName === null ? {} : { userName }),
    fields: JSON.parse(fields) as Fields,
  });
}

function byTimeAndId(a: NewTelemetryRow, b: NewTelemetryRow): number {
  const later = a.occurredAt.getTime() - b.occurredAt.getTime();
  if (later !== 0) return later;
  return a.eventId < b.eventId ? -1 : 1;
}

/** Bytes of `raw` that a page holds at most, unless its first event alone has more. */
const maxPageBytes = 2 * 1024 * 1024;

/**
 * A page of one customer's events, latest first. The list is cut by the events' sizes before any of
 * them is loaded.
 * @throws {SearchTooLongError} the search took longer than ten seconds
 */
export async function listTelemetry(
  tx: Transaction,
  question: TelemetryQuestion,
  page: Page<['TIME', 'ID']>,
): Promise<{ readonly rows: readonly TelemetryRow[]; readonly hasNextPage: boolean }> {
  return withinSearchTime(tx, async (limitTime) => {
    const found = await findPlaces(tx, question, page.after, page.limit + 1, limitTime);
    const places = cutToSize(found.slice(0, page.limit));
    const rows = await loadRows(tx, question.customerId, places);
    return { rows, hasNextPage: found.length > places.length };
  });
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

/** One event. It is found at once where its time is known, and else looked for from the latest day back. */
export async function findTelemetryEvent(
  tx: Transaction,
  event: { readonly customerId: string; readonly eventId: string },
  period: { readonly from: Date; readonly to: Date },
): Promise<TelemetryRow | null> {
  const { customerId, eventId } = event;
  return withinSearchTime(tx, async (limitTime) => {
    const question = { customerId, ...period };
    const [place] = await findPlaces(tx, question, undefined, 1, limitTime, eventId);
    if (!place) return null;
    const [row] = await loadRows(tx, customerId, [place]);
    return row ?? null;
  });
}

/** The events at some places, in their order. */
async function loadRows(
  tx: Transaction,
  customerId: string,
  places: readonly Place[],
): Promise<readonly TelemetryRow[]> {
  const [first] = places;
  const last = places.at(-1);
  if (!first || !last) return [];
  return (
    tx
      .getRepository(telemetryRows)
      .createQueryBuilder('event')
      .where('event.customerId = :customerId', { customerId })
      // The period lets PostgreSQL leave out partitions.
      .andWhere('event.occurredAt between :from and :to', {
        from: last.occurredAt,
        to: first.occurredAt,
      })
      .andWhere('event.eventId in (:...ids)', { ids: places.map(({ eventId }) => eventId) })
      .orderBy('event.occurredAt', 'DESC')
      .addOrderBy('event.eventId', 'DESC')
      .getMany()
  );
}
