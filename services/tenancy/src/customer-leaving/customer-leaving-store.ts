import type { TenantScope, Transaction } from '@vedette/service-kit';
import { customerTables } from './customer-data.ts';
import type { AnsweredRequest, CustomerRequest, Receipt } from './customer-leaving.ts';

export async function insertExport(tx: Transaction, request: CustomerRequest): Promise<void> {
  await tx.query(
    `insert into customer_exports (export_id, customer_id, requested_at, requested_by)
     values ($1, $2, $3, $4)`,
    [request.requestId, request.customerId, request.requestedAt, request.requestedBy],
  );
}

export async function insertPurge(tx: Transaction, request: CustomerRequest): Promise<void> {
  await tx.query(
    `insert into customer_purges (purge_id, customer_id, requested_at, requested_by)
     values ($1, $2, $3, $4)`,
    [request.requestId, request.customerId, request.requestedAt, request.requestedBy],
  );
}

/** Keeps a service's answer. A repeated one changes nothing, and is answered false. */
export async function saveReceipt(
  tx: Transaction,
  { customerId, requestId }: Pick<CustomerRequest, 'customerId' | 'requestId'>,
  receipt: Receipt,
): Promise<boolean> {
  const rows: unknown[] = await tx.query(
    `insert into customer_receipts
       (customer_id, request_id, service, received_at, rows, sha256, bytes, messages)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing returning 1`,
    [
      ...[customerId, requestId, receipt.service, receipt.receivedAt, receipt.rows],
      ...[receipt.sha256, receipt.bytes, receipt.messages],
    ],
  );
  return rows.length > 0;
}

/** Makes tenancy's own receipt of a purge whole, once its messages are gone, which are the last to go. */
export async function saveDeletedMessages(
  tx: Transaction,
  { customerId, requestId }: Pick<CustomerRequest, 'customerId' | 'requestId'>,
  { messages, at }: { readonly messages: number; readonly at: Date },
): Promise<void> {
  await tx.query(
    `update customer_receipts set messages = $3, received_at = $4
     where customer_id = $1 and request_id = $2 and service = 'tenancy'`,
    [customerId, requestId, messages, at],
  );
}

/** The last export of each customer of the scope, with its receipts; who has none is left out. */
export function findLastExports(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, AnsweredRequest>> {
  return findRequests(tx, scope, customerIds, {
    table: 'customer_exports',
    id: 'export_id',
  });
}

/** The purge of each customer of the scope that is purged or about to be. */
export function findPurges(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<ReadonlyMap<string, AnsweredRequest>> {
  return findRequests(tx, scope, customerIds, { table: 'customer_purges', id: 'purge_id' });
}

/** An export of the customer, with its receipts; null where none was asked for under this id. */
export async function findExport(
  tx: Transaction,
  customerId: string,
  exportId: string,
): Promise<AnsweredRequest | null> {
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  const source = { table: 'customer_exports', id: 'export_id', requestId: exportId };
  return (await findRequests(tx, scope, [customerId], source)).get(customerId) ?? null;
}

interface RequestRow extends CustomerRequest {
  readonly receipts: readonly (Omit<Receipt, 'receivedAt'> & { readonly receivedAt: string })[];
}

async function findRequests(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
  {
    table,
    id,
    requestId = null,
  }: { readonly table: string; readonly id: string; readonly requestId?: string | null },
): Promise<ReadonlyMap<string, AnsweredRequest>> {
  const rows: RequestRow[] = await tx.query(
    `select ${id} as "requestId", customer_id as "customerId", requested_at as "requestedAt",
            requested_by as "requestedBy",
            (select coalesce(json_agg(json_build_object(
                      'service', service, 'receivedAt', received_at, 'rows', rows, 'sha256', sha256,
                      'bytes', bytes, 'messages', messages) order by service), '[]')
             from customer_receipts r
             where r.customer_id = last.customer_id and r.request_id = last.${id}) as receipts
     from (select distinct on (customer_id) * from ${table}
           where customer_id = any ($1::uuid[]) and ($2::uuid[] is null or customer_id = any ($2))
             and ($3::uuid is null or ${id} = $3)
           order by customer_id, requested_at desc, ${id} desc) as last`,
    [customerIds, scope.kind === 'OPERATOR' ? null : scope.customerIds, requestId],
  );
  return new Map(
    rows.map(({ receipts, ...request }) => [
      request.customerId,
      {
        ...request,
        receipts: receipts.map((each) => ({ ...each, receivedAt: new Date(each.receivedAt) })),
      },
    ]),
  );
}

/** Deletes what is listed of a customer. */
export async function deleteCustomerData(tx: Transaction, customerId: string): Promise<void> {
  for (const { name } of customerTables) {
    await tx.query(`delete from ${name} where customer_id = $1`, [customerId]);
  }
}

/** How many rows of a customer there are to delete. */
export async function countCustomerData(tx: Transaction, customerId: string): Promise<number> {
  const counts = customerTables.map(
    ({ name }) => `(select count(*) from ${name} where customer_id = $1)`,
  );
  const [row]: { rows: string }[] = await tx.query(`select ${counts.join(' + ')} as rows`, [
    customerId,
  ]);
  return Number(row?.rows ?? 0);
}
