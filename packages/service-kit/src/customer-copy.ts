import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { Transaction } from './database.ts';
import { protectByCustomer } from './migrate.ts';
import type { TenantScope } from './viewer.ts';

/**
 * What a service keeps of a customer, from tenancy's events: enough to say whether there is one and
 * who looks after it. The table is the same in every service; each has its own consumer for it.
 */
export interface CustomerCopy {
  readonly customerId: string;
  readonly providerId: string;
  /** Version of the customer in tenancy; older news is passed over. */
  readonly version: bigint;
}

/** Keeps the newest version, in whatever order versions arrive. The scope is the transaction's. */
export async function keepCustomer(tx: Transaction, customer: CustomerCopy): Promise<void> {
  await tx.query(
    `insert into customers (customer_id, provider_id, version) values ($1, $2, $3)
     on conflict (customer_id) do update
       set provider_id = excluded.provider_id, version = excluded.version
       where customers.version < excluded.version`,
    [customer.customerId, customer.providerId, String(customer.version)],
  );
}

export async function findCustomer(
  tx: Transaction,
  scope: TenantScope,
  customerId: string,
): Promise<CustomerCopy | null> {
  const rows: { customer_id: string; provider_id: string; version: string }[] = await tx.query(
    `select customer_id, provider_id, version from customers
     where customer_id = $1 and ($2::uuid[] is null or customer_id = any ($2))`,
    [customerId, scope.kind === 'OPERATOR' ? null : scope.customerIds],
  );
  const [row] = rows;
  if (!row) return null;
  return {
    customerId: row.customer_id,
    providerId: row.provider_id,
    version: BigInt(row.version),
  };
}

/**
 * The provider that looks after a customer now, for the events of a change. A move of the customer
 * waits until this transaction ends, and then finds what it wrote.
 * @param told what is taken while this service has not heard of the customer yet
 */
export async function findProviderNow(
  tx: Transaction,
  told: { readonly customerId: string; readonly providerId: string },
): Promise<string> {
  const rows: { provider_id: string }[] = await tx.query(
    'select provider_id from customers where customer_id = $1 for share',
    [told.customerId],
  );
  return rows[0]?.provider_id ?? told.providerId;
}

/** Creates the table, before those that refer to it. */
export class CreateCustomerCopy implements MigrationInterface {
  readonly name = 'CreateCustomerCopy20260101010000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table customers (
        customer_id uuid primary key,
        provider_id uuid not null,
        version bigint not null
      )`);
    await protectByCustomer(runner, 'customers');
    const schema = (await runner.query('select current_schema() as name')) as { name: string }[];
    const runtime = `${schema[0]?.name ?? ''}_runtime`;
    await runner.query(`grant select, insert, update on customers to ${runtime}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table customers');
  }
}
