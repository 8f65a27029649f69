import type { TenantScope, Transaction } from '@vedette/service-kit';
import type { Connector } from './readiness.ts';

interface HeardConnector {
  readonly customerId: string;
  readonly connectorId: string;
  /** Counts what was heard of it; older news is passed over. */
  readonly version: bigint;
  /** When it was given a key; null when all of its keys ended. */
  readonly keyedAt: Date | null;
}

/**
 * Notes that a connector got a key or lost all. What it showed by keys that have ended says nothing of
 * whether it reports. Of a customer that is being purged nothing is noted: its row is held, so that its
 * purge waits.
 */
export async function noteConnector(tx: Transaction, heard: HeardConnector): Promise<void> {
  await tx.query(
    `insert into customer_connectors as c (customer_id, connector_id, version, keyed_at)
     select customer_id, $2, $3, $4 from customers
     where customer_id = $1 and status in ('ACTIVE', 'OFFBOARDED') for share
     on conflict (customer_id, connector_id) do update
       set version = excluded.version,
           keyed_at = case when excluded.keyed_at is null then null
                           else coalesce(c.keyed_at, excluded.keyed_at) end,
           reported_at = case when excluded.keyed_at is null then null else c.reported_at end
       where c.version < excluded.version`,
    [heard.customerId, heard.connectorId, String(heard.version), heard.keyedAt],
  );
}

/**
 * Notes that something of a customer's estate was shown. Nobody is told by which connector, so it
 * counts for one that is the customer's only one.
 */
export async function noteReport(
  tx: Transaction,
  { customerId, at }: { readonly customerId: string; readonly at: Date },
): Promise<void> {
  await tx.query(
    `update customer_connectors set reported_at = $2
     where customer_id = $1 and reported_at is null and keyed_at <= $2
       and (select count(*) from customer_connectors where customer_id = $1) = 1`,
    [customerId, at],
  );
}

/** The connectors of each customer of the scope; who has none is left out. */
export async function findConnectors(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Connector[]>> {
  const rows: (Connector & { readonly customerId: string })[] = await tx.query(
    `select customer_id as "customerId", keyed_at as "keyedAt", reported_at as "reportedAt"
     from customer_connectors
     where customer_id = any ($1::uuid[]) and ($2::uuid[] is null or customer_id = any ($2))`,
    [customerIds, scope.kind === 'OPERATOR' ? null : scope.customerIds],
  );
  return Map.groupBy(rows, ({ customerId }) => customerId);
}

/** How many rungs the ladder of each customer of the scope has; who has none is left out. */
export async function countRungs(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows: { customer_id: string; rungs: number }[] = await tx.query(
    `select customer_id, count(*)::int as rungs from rungs
     where customer_id = any ($1::uuid[]) and ($2::uuid[] is null or customer_id = any ($2))
     group by customer_id`,
    [customerIds, scope.kind === 'OPERATOR' ? null : scope.customerIds],
  );
  return new Map(rows.map((row) => [row.customer_id, row.rungs]));
}
