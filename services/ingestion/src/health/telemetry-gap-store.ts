import type { Page, TenantScope, Transaction } from '@vedette/service-kit';

/** Why telemetry of a connector may be missing for a time. */
export type GapReason = 'CURSOR_LOST' | 'SILENCE' | 'OVERFLOW';

/** A time for which telemetry of a connector may be missing. */
export interface TelemetryGap {
  readonly customerId: string;
  readonly providerId: string;
  readonly connectorId: string;
  readonly from: Date;
  readonly to: Date;
  readonly reason: GapReason;
}

/** A gap as it is stored. */
export interface TelemetryGapRow extends Omit<TelemetryGap, 'providerId'> {
  readonly gapId: string;
  readonly recordedAt: Date;
}

/** Notes a gap; false where it was noted before, or its connector is gone. The scope is the transaction's. */
export async function insertTelemetryGap(tx: Transaction, row: TelemetryGapRow): Promise<boolean> {
  const inserted = await tx.query<unknown[]>(
    `insert into telemetry_gaps (customer_id, connector_id, gap_id, from_time, to_time, reason, recorded_at)
     select customer_id, connector_id, $3, $4, $5, $6, $7 from connectors
     where customer_id = $1 and connector_id = $2
     on conflict (customer_id, connector_id, reason, from_time, to_time) do nothing
     returning gap_id`,
    [
      ...[row.customerId, row.connectorId, row.gapId],
      ...[row.from, row.to, row.reason, row.recordedAt],
    ],
  );
  return inserted.length > 0;
}

/** What narrows a list of gaps. */
export interface TelemetryGapFilter {
  readonly connectorId?: string;
}

/** Gaps, the one that ended last first, one row more than the page holds. */
export function listTelemetryGaps(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TIME', 'ID']>,
  { connectorId }: TelemetryGapFilter,
): Promise<TelemetryGapRow[]> {
  const [afterTime, afterId] = page.after ?? [null, null];
  return tx.query<TelemetryGapRow[]>(
    `select customer_id as "customerId", connector_id as "connectorId", gap_id as "gapId",
       from_time as "from", to_time as "to", reason, recorded_at as "recordedAt"
     from telemetry_gaps
     where ($1::uuid[] is null or customer_id = any ($1)) and ($2::uuid is null or connector_id = $2)
       and ($3::timestamptz is null or (to_time, gap_id) < ($3, $4::uuid))
     order by to_time desc, gap_id desc
     limit $5`,
    [
      scope.kind === 'OPERATOR' ? null : scope.customerIds,
      connectorId ?? null,
      afterTime,
      afterId,
      page.limit + 1,
    ],
  );
}
