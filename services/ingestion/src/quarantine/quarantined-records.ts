import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import type { Sensor } from '../connector/sensor-key-store.ts';

/** A record in quarantine, as people see it. */
export interface QuarantinedRow {
  readonly customerId: string;
  readonly connectorId: string;
  readonly recordId: string;
  readonly receivedAt: Date;
  readonly line: number;
  readonly code: string;
  readonly message: string;
  readonly raw: Buffer;
  readonly rawBytes: number;
  readonly triedAt: Date | null;
  readonly replayedAt: Date | null;
}

/** What narrows a list of records in quarantine. */
export interface QuarantineFilter {
  readonly connectorId?: string;
  readonly code?: string;
  readonly isReplayed?: boolean;
}

/** Bytes of records that a page holds, unless its first record alone has more. */
const maxPageBytes = 1024 * 1024;

const columns = `customer_id as "customerId", connector_id as "connectorId", record_id as "recordId",
  received_at as "receivedAt", line, code, message, raw, raw_bytes as "rawBytes",
  tried_at as "triedAt", replayed_at as "replayedAt"`;

/** Records, latest received first. A page ends sooner where its records are large. */
export async function listQuarantined(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TIME', 'ID']>,
  { connectorId, code, isReplayed }: QuarantineFilter,
): Promise<{ readonly rows: readonly QuarantinedRow[]; readonly hasNextPage: boolean }> {
  const [afterTime, afterId] = page.after ?? [null, null];
  const found: { recordId: string; keptBytes: number }[] = await tx.query(
    `select record_id as "recordId", kept_bytes as "keptBytes" from quarantined_records
     where ($1::uuid[] is null or customer_id = any ($1)) and ($2::uuid is null or connector_id = $2)
       and ($3::text is null or code = $3) and ($4::boolean is null or (replayed_at is not null) = $4)
       and ($5::timestamptz is null or (received_at, record_id) < ($5, $6::uuid))
     order by received_at desc, record_id desc limit $7`,
    [
      scope.kind === 'OPERATOR' ? null : scope.customerIds,
      ...[connectorId ?? null, code ?? null, isReplayed ?? null],
      ...[afterTime, afterId, page.limit + 1],
    ],
  );
  const shown = cutToSize(found.slice(0, page.limit));
  const rows = await findQuarantined(
    tx,
    scope,
    shown.map(({ recordId }) => recordId),
  );
  return { rows, hasNextPage: found.length > shown.length };
}

function cutToSize<Sized extends { readonly keptBytes: number }>(
  found: readonly Sized[],
): readonly Sized[] {
  let bytes = 0;
  const end = found.findIndex(({ keptBytes }, index) => {
    bytes += keptBytes;
    return index > 0 && bytes > maxPageBytes;
  });
  return end < 0 ? found : found.slice(0, end);
}

/** Records by id, latest received first; those that the scope does not reach are left out. */
export function findQuarantined(
  tx: Transaction,
  scope: TenantScope,
  recordIds: readonly string[],
): Promise<QuarantinedRow[]> {
  return tx.query<QuarantinedRow[]>(
    `select ${columns} from quarantined_records
     where record_id = any ($1::uuid[]) and ($2::uuid[] is null or customer_id = any ($2))
     order by received_at desc, record_id desc`,
    [recordIds, scope.kind === 'OPERATOR' ? null : scope.customerIds],
  );
}

/** Records of a connector that wait and were not tried since a time, longest untried first: one part of them. */
export function listUntried(
  tx: Transaction,
  connector: Pick<Sensor, 'customerId' | 'connectorId'>,
  notTriedSince: Date,
  limit: number,
): Promise<QuarantinedRow[]> {
  return tx.query<QuarantinedRow[]>(
    `select ${columns} from quarantined_records
     where customer_id = $1 and connector_id = $2 and replayed_at is null
       and (tried_at is null or tried_at < $3)
     order by tried_at nulls first, received_at, record_id limit $4`,
    [connector.customerId, connector.connectorId, notTriedSince, limit],
  );
}

export async function countUntried(
  tx: Transaction,
  connector: Pick<Sensor, 'customerId' | 'connectorId'>,
  notTriedSince: Date,
): Promise<number> {
  const [row] = await tx.query<{ count: string }[]>(
    `select count(*) from quarantined_records
     where customer_id = $1 and connector_id = $2 and replayed_at is null
       and (tried_at is null or tried_at < $3)`,
    [connector.customerId, connector.connectorId, notTriedSince],
  );
  return Number(row?.count ?? 0);
}

/** What became of a record that was tried once more. */
export interface Trial {
  readonly recordId: string;
  /** Why it is still not taken; null where it is. */
  readonly problem: { readonly code: string; readonly message: string } | null;
}

/** Notes trials, with today's reasons. The scope is the transaction's. */
export async function keepTrials(
  tx: Transaction,
  trials: readonly Trial[],
  now: Date,
): Promise<void> {
  await tx.query(
    `update quarantined_records q
     set tried_at = $4,
         replayed_at = coalesce(q.replayed_at, case when t.code is null then $4::timestamptz end),
         code = coalesce(t.code, q.code), message = coalesce(t.message, q.message)
     from unnest($1::uuid[], $2::text[], $3::text[]) as t(record_id, code, message)
     where q.record_id = t.record_id`,
    [
      trials.map(({ recordId }) => recordId),
      trials.map(({ problem }) => problem?.code ?? null),
      trials.map(({ problem }) => problem?.message ?? null),
      now,
    ],
  );
}

/** A sensor as it is set today, and whether its customer is served. */
export interface ReplaySensor {
  readonly sensor: Sensor;
  readonly isServed: boolean;
}

/** The sensors of connectors; those that are gone or not reached are left out. */
export async function findSensors(
  tx: Transaction,
  scope: TenantScope,
  connectorIds: readonly string[],
): Promise<ReplaySensor[]> {
  const rows: (Sensor & { isServed: boolean })[] = await tx.query(
    `select c.connector_id as "connectorId", c.type as "connectorType", c.settings,
       c.customer_id as "customerId", o.provider_id as "providerId", o.is_served as "isServed"
     from connectors c join customers o using (customer_id)
     where c.connector_id = any ($1::uuid[]) and ($2::uuid[] is null or c.customer_id = any ($2))`,
    [connectorIds, scope.kind === 'OPERATOR' ? null : scope.customerIds],
  );
  return rows.map(({ isServed, ...sensor }) => ({ sensor, isServed }));
}
