import type { TenantScope, Transaction } from '@vedette/service-kit';
import type { HealthFacts } from './connector-health.ts';
import { silentAfterMinutes } from './silence.ts';

/** What is known of connectors, from their watches, counts and quarantine. */
export async function findHealthFacts(
  tx: Transaction,
  scope: TenantScope,
  connectorIds: readonly string[],
  now: Date,
): Promise<ReadonlyMap<string, HealthFacts>> {
  const rows = await tx.query<FactsRow[]>(factsStatement, [
    connectorIds,
    scope.kind === 'OPERATOR' ? null : scope.customerIds,
    now,
  ]);
  return new Map(rows.map((row) => [row.connector_id, toFacts(row)]));
}

interface FactsRow {
  readonly connector_id: string;
  readonly type: string;
  readonly is_paused: boolean;
  readonly silent_after_minutes: number | null;
  readonly last_event_at: Date | null;
  readonly last_received_at: Date | null;
  readonly lag_ms: string | null;
  readonly silent_since: Date | null;
  readonly this_hour: string;
  readonly hour_before: string;
  readonly events: string;
  readonly unmapped: string;
  readonly rejected: string;
  readonly pushed_out: string;
  readonly rejection_message: string | null;
  readonly rejection_at: Date | null;
}

/** `$1` are the connectors, `$2` the customers that are reached (null: all), `$3` is now. */
const factsStatement = `
  select c.connector_id, c.type, c.is_paused, c.silent_after_minutes,
    w.last_event_at, w.last_received_at, w.lag_ms, w.silent_since,
    counted.*, refused.*, rejection.message as rejection_message, rejection.received_at as rejection_at
  from connectors c
  cross join (select date_trunc('hour', $3::timestamptz, 'UTC') as hour) as this
  left join connector_watches w using (customer_id, connector_id)
  cross join lateral (
    select coalesce(sum(e.events) filter (where e.hour = this.hour), 0) as this_hour,
      coalesce(sum(e.events) filter (where e.hour = this.hour - interval '1 hour'), 0) as hour_before,
      coalesce(sum(e.events), 0) as events,
      coalesce(sum(e.events) filter (where e.class_uid = 0), 0) as unmapped
    from event_counts e
    where e.customer_id = c.customer_id and e.connector_id = c.connector_id
      and e.hour > this.hour - interval '24 hours'
  ) as counted
  cross join lateral (
    select coalesce(sum(r.rejected), 0) as rejected, coalesce(sum(r.pushed_out), 0) as pushed_out
    from rejection_counts r
    where r.customer_id = c.customer_id and r.connector_id = c.connector_id
      and r.hour > this.hour - interval '24 hours'
  ) as refused
  left join lateral (
    select q.message, q.received_at
    from quarantined_records q
    where q.customer_id = c.customer_id and q.connector_id = c.connector_id
      and q.replayed_at is null and q.received_at > $3::timestamptz - interval '24 hours'
    order by q.received_at desc, q.record_id desc limit 1
  ) as rejection on true
  where c.connector_id = any ($1::uuid[]) and ($2::uuid[] is null or c.customer_id = any ($2))`;

function toFacts(row: FactsRow): HealthFacts {
  const { rejection_message: message, rejection_at: at } = row;
  return {
    isPaused: row.is_paused,
    lastEventAt: row.last_event_at,
    lastReceivedAt: row.last_received_at,
    lagMs: row.lag_ms === null ? null : Number(row.lag_ms),
    silentSince: row.silent_since,
    silentAfterMinutes: silentAfterMinutes(row.type, row.silent_after_minutes),
    eventsThisHour: Number(row.this_hour),
    eventsHourBefore: Number(row.hour_before),
    events: Number(row.events),
    unmappedEvents: Number(row.unmapped),
    rejectedCount: Number(row.rejected),
    pushedOutCount: Number(row.pushed_out),
    rejection: message === null || at === null ? null : { message, at },
  };
}
