import type { TenantScope, Transaction } from '@vedette/service-kit';
import { restrictToScope } from '@vedette/service-kit';
import { EntitySchema } from 'typeorm';

/** What hunting keeps of a customer, from tenancy's events. */
export interface CustomerRow {
  readonly customerId: string;
  readonly providerId: string;
  /** Version of the customer in tenancy; older news is passed over. */
  readonly version: bigint;
}

export const customerRows = new EntitySchema<CustomerRow>({
  name: 'Customer',
  tableName: 'customers',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    version: {
      type: 'bigint',
      transformer: { to: (value: bigint) => String(value), from: (text: string) => BigInt(text) },
    },
  },
});

/** Keeps the newest version, in whatever order versions arrive. The scope is the transaction's. */
export async function keepCustomer(tx: Transaction, customer: CustomerRow): Promise<void> {
  await tx.query(
    `insert into customers (customer_id, provider_id, version) values ($1, $2, $3)
     on conflict (customer_id) do update
       set provider_id = excluded.provider_id, version = excluded.version
       where customers.version < excluded.version`,
    [customer.customerId, customer.providerId, String(customer.version)],
  );
}

export function findCustomer(
  tx: Transaction,
  scope: TenantScope,
  customerId: string,
): Promise<CustomerRow | null> {
  return restrictToScope(tx.getRepository(customerRows).createQueryBuilder('customer'), scope)
    .andWhere('customer.customerId = :customerId', { customerId })
    .getOne();
}
