import {
  authorize,
  NotFoundError,
  parseId,
  scopeOf,
  toConnection,
  toPage,
} from '@vedette/service-kit';
import type {
  Connection,
  OperationContext,
  Page,
  PageArguments,
  Permission,
  TenantScope,
  Transaction,
} from '@vedette/service-kit';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { findCustomers } from './customer/customer-store.ts';
import { toOwner } from './deed/deed-operations.ts';
import type { OwnerFilter } from './deed/deed-operations.ts';
import type { Owned } from './owner/owner.ts';
import { findProviders } from './provider/provider-store.ts';

/** Narrows a list to one owner. */
export interface NarrowedOwner {
  readonly customerId?: string;
  readonly providerId?: string;
}

export interface OwnedListArguments extends PageArguments {
  readonly filter?: OwnerFilter | null;
}

/**
 * A page of what belongs to owners that the viewer reaches.
 * @param list gives one row more than the page holds, newest first
 * @throws {NotFoundError} the filter names a customer or provider that the viewer does not reach
 */
export async function listOwned<Row>(
  ctx: OperationContext,
  permission: Permission,
  { filter, ...args }: OwnedListArguments,
  list: (
    tx: Transaction,
    scope: TenantScope,
    page: Page<['ID']>,
    owner: NarrowedOwner,
  ) => Promise<Row[]>,
  idOf: (row: Row) => string,
): Promise<Connection<Row>> {
  const page = toPage(args, ['ID']);
  const owner = toOwner(filter);
  authorize(ctx.viewer, permission, owner.customerId ? { customerId: owner.customerId } : {});
  const scope = scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, async (tx) => {
    if (owner.customerId && (await findCustomers(tx, scope, [owner.customerId])).length === 0) {
      throw new NotFoundError('Customer', owner.customerId);
    }
    if (owner.providerId && (await findProviders(tx, scope, [owner.providerId])).length === 0) {
      throw new NotFoundError('Provider', owner.providerId);
    }
    return list(tx, scope, page, owner);
  });
  return toConnection(rows, page, (row) => [idOf(row)]);
}

/**
 * One of what belongs to owners that the viewer reaches.
 * @throws {NotFoundError} none of them has this id
 */
export async function getOwned<Row>(
  ctx: OperationContext,
  permission: Permission,
  { type, id }: { readonly type: string; readonly id: string },
  find: (tx: Transaction, scope: TenantScope, id: string) => Promise<Row | null>,
): Promise<Row> {
  const parsed = parseId('id', id);
  authorize(ctx.viewer, permission);
  const scope = scopeOf(ctx.viewer);
  const row = await ctx.db.transaction(scope, (tx) => find(tx, scope, parsed));
  if (row === null) throw new NotFoundError(type, parsed);
  return row;
}

/**
 * Restricts a query to what belongs to the scope's provider and to those of its customers that the
 * scope reaches, on top of row-level security.
 */
export function restrictToOwners<Row extends ObjectLiteral & Owned>(
  query: SelectQueryBuilder<Row>,
  scope: TenantScope,
  owner: NarrowedOwner = {},
): SelectQueryBuilder<Row> {
  const { alias } = query;
  if (scope.kind === 'CUSTOMERS') {
    query.andWhere(
      `${alias}.providerId = :scopeProvider
       and (${alias}.customerId is null or ${alias}.customerId = any (:scopeCustomers))`,
      { scopeProvider: scope.providerId ?? null, scopeCustomers: [...scope.customerIds] },
    );
  }
  if (owner.customerId)
    query.andWhere(`${alias}.customerId = :ownerCustomer`, { ownerCustomer: owner.customerId });
  if (owner.providerId) {
    query.andWhere(`${alias}.customerId is null and ${alias}.providerId = :ownerProvider`, {
      ownerProvider: owner.providerId,
    });
  }
  return query;
}
