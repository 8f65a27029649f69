import type { TenantScope, Transaction } from '@vedette/service-kit';
import type { Connectors } from './readiness.ts';

/**
 * Notes that a customer has a connector, or that one has reported. The earliest time counts. Of a
 * customer that is being purged nothing is noted: its row is held, so that its purge waits.
 */
export async function noteConnector(
  tx: Transaction,
  seen: { readonly customerId: string; readonly at: Date; readonly hasReported: boolean },
): Promise<void> {
  await tx.query(
    `insert into customer_connectors as c (customer_id, first_connector_at, first_reported_at)
     select customer_id, $2, $3 from customers
     where customer_id = $1 and status in ('ACTIVE', 'OFFBOARDED') for share
     on conflict (customer_id) do update
       set first_connector_at = least(c.first_connector_at, excluded.first_connector_at),
           first_reported_at = least(c.first_reported_at, excluded.first_reported_at)
       where excluded.first_connector_at < c.first_connector_at
         or excluded.first_reported_at < coalesce(c.first_reported_at, 'infinity')`,
    [seen.customerId, seen.at, seen.hasReported ? seen.at : null],
  );
}

/** What is known of the connectors of each customer of the scope; who has none is left out. */
export async function findConnectors(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, Connectors>> {
  const rows: (Connectors & { readonly customerId: string })[] = await tx.query(
    `select customer_id as "customerId", first_connector_at as "firstConnectorAt",
            first_reported_at as "firstReportedAt"
     from customer_connectors
     where customer_id = any ($1::uuid[]) and ($2::uuid[] is null or customer_id = any ($2))`,
    [customerIds, scope.kind === 'OPERATOR' ? null : scope.customerIds],
  );
  return new Map(rows.map((row) => [row.customerId, row]));
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
