import { ConflictError, restrictToScope } from '@vedette/service-kit';
import type { Page, TenantScope, Transaction } from '@vedette/service-kit';
import { EntitySchema, QueryFailedError } from 'typeorm';

export type Plan = 'STANDARD' | 'ADVANCED';

/** A customer as it is stored. */
export interface CustomerRow {
  readonly customerId: string;
  readonly providerId: string;
  readonly name: string;
  readonly isOwnEstate: boolean;
  readonly plan: Plan;
  readonly onboardedAt: Date;
  readonly version: number;
}

/** What narrows a list of customers. */
export interface CustomerFilter {
  readonly customerId?: string;
  readonly providerId?: string;
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
    version: { type: 'int' },
  },
});

/** @throws {ConflictError} another customer of the provider has the name */
export async function insertCustomer(tx: Transaction, row: CustomerRow): Promise<void> {
  try {
    await tx.getRepository(customerRows).insert(row);
  } catch (error) {
    if (
      error instanceof QueryFailedError &&
      error.message.includes('uq_customers_provider_id_name')
    ) {
      throw new ConflictError(`The provider has a customer named '${row.name}' already.`);
    }
    throw error;
  }
}

export function findCustomers(
  tx: Transaction,
  scope: TenantScope,
  customerIds: readonly string[],
): Promise<CustomerRow[]> {
  return restrictToScope(tx.getRepository(customerRows).createQueryBuilder('customer'), scope)
    .andWhere('customer.customerId = any (:customerIds)', { customerIds: [...customerIds] })
    .getMany();
}

/** Customers by name, one row more than the page holds. */
export function listCustomers(
  tx: Transaction,
  scope: TenantScope,
  page: Page<['TEXT', 'ID']>,
  filter: CustomerFilter,
): Promise<CustomerRow[]> {
  const query = restrictToScope(
    tx.getRepository(customerRows).createQueryBuilder('customer'),
    scope,
  );
  if (filter.customerId) query.andWhere('customer.customerId = :only', { only: filter.customerId });
  if (filter.providerId)
    query.andWhere('customer.providerId = :providerId', { providerId: filter.providerId });
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
