import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { TenantScope } from './viewer.ts';

/**
 * Restricts a query to the scope's customers by name, on top of row-level security, so that one
 * mistake in either does not open a tenant.
 * @param property the entity's property that holds the customer's id
 */
export function restrictToScope<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  scope: TenantScope,
  property = 'customerId',
): SelectQueryBuilder<Row> {
  if (scope.kind === 'OPERATOR') return query;
  return query.andWhere(`${query.alias}.${property} = any (:scopeIds)`, {
    scopeIds: [...scope.customerIds],
  });
}
