import { ConflictError, restrictToScope } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema, QueryFailedError } from 'typeorm';
import type { SelectQueryBuilder } from 'typeorm';
import type { Customer } from './customer.ts';

/** A customer as it is stored. */
export type CustomerRow = Customer;

/** What narrows a list of customers. */
export interface CustomerFilter {
  readonly customerId?: string;
  readonly providerId?: string;
  readonly externalReference?: string;
  readonly from?: Date;
  readonly to?: Date;
}

export const customerRows = new EntitySchema<CustomerRow>({
  name: 'Customer',
  tableName: 'customers',
  columns: {
    customerId: { type: 'uuid', primary: true, name: 'customer_id' },
    providerId: { type: 'uuid', name: 'provider_id' },
    name: { type: 'text' },
    isOwnEstate: { type: 'boolean', name: 'is_own_estate' },
    plan: { type: 'text' },
    onboardedAt: { type: 'timestamptz', name: 'onboarded_at' },
    externalReference: { type: 'text', name: 'external_reference', nullable: true },
    status: { type: 'text' },
    offboardedAt: { type: 'timestamptz', name: 'offboarded_at', nullable: true },
    sector: { type: 'text', nullable: true },
    size: { type: 'text', nullable: true },
    region: { type: 'text', nullable: true },
    technologies: { type: 'text', array: true },
    exposure: { type: 'text', array: true },
    version: { type: 'int' },
  },
});

/** @throws {ConflictError} another customer of the provider has the name or the reference */
export async function insertCustomer(tx: Transaction, row: CustomerRow): Promise<void> {
  await refusingClashes(() => tx.getRepository(customerRows).insert({ ...row }));
}

/** @throws {ConflictError} another customer of the provider has the name or the reference */
export async function updateCustomer(tx: Transaction, row: CustomerRow): Promise<void> {
  const { customerId, ...changed } = row;
  await refusingClashes(() =>
    tx.getRepository(customerRows).update({ customerId }, { ...changed }),
  );
}

/** Columns of a customer in JSON, for statements that write many. */
const recordOf = `jsonb_to_recordset($1) as r (
  "customerId" uuid, "providerId" uuid, name text, "isOwnEstate" boolean, plan text,
  "onboardedAt" timestamptz, "externalReference" text, status text, "offboardedAt" timestamptz,
  sector text, size text, region text, technologies text[], exposure text[], version int)`;

/** Adds many customers in one statement. The caller knows that no name and no reference clashes. */
export async function insertCustomers(
  tx: Transaction,
  rows: readonly CustomerRow[],
): Promise<void> {
  await tx.query(
    `insert into customers (customer_id, provider_id, name, is_own_estate, plan, onboarded_at,
       external_reference, status, offboarded_at, sector, size, region, technologies, exposure, version)
     select * from ${recordOf}`,
    [JSON.stringify(rows)],
  );
}

/**
 * Changes content and version of many customers in one statement, so that two of them can swap their
 * names. The caller holds their provider and knows that no name clashes in the end.
 */
export async function updateCustomers(
  tx: Transaction,
  rows: readonly CustomerRow[],
): Promise<void> {
  await tx.query(
    `update customers c set name = r.name, plan = r.plan, external_reference = r."externalReference",
       sector = r.sector, size = r.size, region = r.region, technologies = r.technologies,
       exposure = r.exposure, version = r.version
     from ${recordOf}
     where c.customer_id = r."customerId" and c.provider_id = r."providerId"`,
    [JSON.stringify(rows)],
  );
}

export function findCustomers(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<CustomerRow[]> {
  const asked = new Set(customerIds);
  // The few that were asked for go to the database, and not the thousands in reach.
  const within =
    scope.kind === 'OPERATOR'
      ? scope
      : { ...scope, customerIds: scope.customerIds.filter((id) => asked.has(id)) };
  return reached(tx, within)
    .andWhere('customer.customerId = any (:customerIds)', { customerIds: [...asked] })
    .getMany();
}

/** A customer that the scope reaches, locked until the end of the transaction. */
export function lockCustomer(
  tx: Transaction,
  scope: TenantScope,
  customerId: string,
): Promise<CustomerRow | null> {
  return reached(tx, scope)
    .andWhere('customer.customerId = :customerId', { customerId })
    .setLock('pessimistic_write')
    .getOne();
}

/** Customers by name, one row more than the page holds. */
export function listCustomers(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TEXT', 'ID']>,
  filter: CustomerFilter,
): Promise<CustomerRow[]> {
  return listPage(reached(tx, scope), page, filter);
}

/**
 * The same for somebody who reaches all customers of a provider, in a transaction of that provider.
 * Row security then goes by the provider too: to send, parse and compare thousands of ids took longer
 * than the page. The planner cannot know that the policy lets all of the provider's rows pass, and
 * would read and sort them all instead of following the index by name.
 */
export async function listCustomersOfProvider(
  tx: Transaction,
  providerId: string,
  page: Page<['TEXT', 'ID']>,
  filter: CustomerFilter,
): Promise<CustomerRow[]> {
  await tx.query(
    `select set_config('app.scope', 'provider', true), set_config('enable_sort', 'off', true)`,
  );
  const query = tx
    .getRepository(customerRows)
    .createQueryBuilder('customer')
    .where('customer.providerId = :providerId', { providerId })
    .andWhere(`customer.status in ('ACTIVE', 'OFFBOARDED')`);
  return listPage(query, page, filter);
}

function listPage(
  query: SelectQueryBuilder<CustomerRow>,
  page: Page<['TEXT', 'ID']>,
  filter: CustomerFilter,
): Promise<CustomerRow[]> {
  if (filter.customerId) query.andWhere('customer.customerId = :only', { only: filter.customerId });
  if (filter.providerId)
    query.andWhere('customer.providerId = :ofProvider', { ofProvider: filter.providerId });
  if (filter.externalReference !== undefined) {
    query.andWhere('customer.externalReference = :reference', {
      reference: filter.externalReference,
    });
  }
  if (filter.from) query.andWhere('customer.onboardedAt >= :from', { from: filter.from });
  if (filter.to) query.andWhere('customer.onboardedAt < :to', { to: filter.to });
  if (page.after) {
    query.andWhere('(customer.name, customer.customerId) > (:name, :customerId)', {
      name: page.after[0],
      customerId: page.after[1],
    });
  }
  return query
    .orderBy('customer.name')
    .addOrderBy('customer.customerId')
    .limit(page.limit + 1)
    .getMany();
}

/** Ids of all customers of a provider. */
export async function listCustomerIds(tx: Transaction, providerId: string): Promise<string[]> {
  const rows = await tx
    .getRepository(customerRows)
    .find({ select: { customerId: true }, where: { providerId } });
  return rows.map((row) => row.customerId);
}

/** A customer, and what its name is compared by; null once another one may have the name. */
export interface KeyedCustomer extends CustomerRow {
  readonly nameKey: string | null;
}

/** All customers of the scope's provider. */
export async function listKeyedCustomers(
  tx: Transaction,
  scope: TenantScope,
): Promise<KeyedCustomer[]> {
  const query = reached(tx, scope).addSelect('customer.name_key', 'name_key');
  const { entities, raw } = await query.getRawAndEntities<{ name_key: string | null }>();
  return entities.map((row, index) => ({ ...row, nameKey: raw[index]?.name_key ?? null }));
}

/**
 * What names are compared by, in their order: PostgreSQL's own small letters, as the column has them.
 * Null stays null.
 */
export async function toNameKeys(
  tx: Transaction,
  names: readonly (string | null)[],
): Promise<(string | null)[]> {
  const rows: { key: string | null }[] = await tx.query(
    `select lower(name) as key from unnest($1::text[]) with ordinality as given (name, n) order by n`,
    [names],
  );
  return rows.map(({ key }) => key);
}

/** Lets a customer's contacts and its own policy follow it to another provider. */
export async function carryAuthority(
  tx: Transaction,
  customerId: string,
  toProviderId: string,
): Promise<void> {
  for (const table of ['contacts', 'response_policies']) {
    await tx.query(`update ${table} set provider_id = $2 where customer_id = $1`, [
      customerId,
      toProviderId,
    ]);
  }
}

/**
 * Restricts to the scope's customers, and to its provider's where it has one: a customer that has
 * moved is no longer seen by whoever was its provider a moment ago. The provider also is the column
 * that a list of thousands of customers is found by.
 */
function reached(tx: Transaction, scope: TenantScope): SelectQueryBuilder<CustomerRow> {
  const query = restrictToScope(
    tx.getRepository(customerRows).createQueryBuilder('customer'),
    scope,
  );
  if (scope.kind === 'CUSTOMERS' && scope.providerId) {
    query.andWhere('customer.providerId = :scopeProvider', { scopeProvider: scope.providerId });
  }
  return query;
}

async function refusingClashes(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    const violated = error instanceof QueryFailedError ? error.message : '';
    if (violated.includes('uq_customers_provider_id_name')) {
      throw new ConflictError('The provider has a customer of that name already.');
    }
    if (violated.includes('uq_customers_provider_id_external_reference')) {
      throw new ConflictError('The provider has a customer with that external reference already.');
    }
    throw error;
  }
}
