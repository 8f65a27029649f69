import {
  authorize,
  NotFoundError,
  parseId,
  scopeOf,
  toConnection,
  toPage,
} from '@vedette/service-kit';
import type { Connection, PageArguments } from '@vedette/service-kit';
import { findCustomers } from '../customer/customer-store.ts';
import { findProviders } from '../provider/provider-store.ts';
import { parseOptional } from '../input.ts';
import type { AccountableContext, Change } from './deed-book.ts';
import { listDeeds as listDeedRows } from './deed-store.ts';
import type { DeedRow } from './deed-store.ts';

/** A deed with what it changed; null when the customer was purged. */
export interface ShownDeed extends DeedRow {
  readonly change: Change | null;
}

export interface OwnerFilter {
  readonly customerId?: string | null;
  readonly providerId?: string | null;
}

export interface ListDeedsArguments extends PageArguments {
  readonly filter?: OwnerFilter | null;
}

/**
 * Deeds about what the viewer reaches. A customer's people see their customer's and not their
 * provider's own; a provider's people see of a customer what was done while it was their provider's.
 * @throws {NotFoundError} the filter names a customer or provider that the viewer does not reach
 */
export async function listDeeds(
  ctx: AccountableContext,
  { filter, ...args }: ListDeedsArguments,
): Promise<Connection<ShownDeed>> {
  const page = toPage(args, ['TIME', 'NUMBER', 'ID']);
  const owner = toOwner(filter);
  authorize(ctx.viewer, 'deed:read', owner.customerId ? { customerId: owner.customerId } : {});
  const scope = scopeOf(ctx.viewer);
  const isOfCustomer = ctx.viewer.role.startsWith('CUSTOMER_');
  const visible =
    scope.kind === 'CUSTOMERS' && isOfCustomer
      ? { kind: scope.kind, customerIds: scope.customerIds }
      : scope;
  const shown = await ctx.db.transaction(visible, async (tx) => {
    if (owner.customerId && (await findCustomers(tx, visible, [owner.customerId])).length === 0) {
      throw new NotFoundError('Customer', owner.customerId);
    }
    if (owner.providerId && (await findProviders(tx, visible, [owner.providerId])).length === 0) {
      throw new NotFoundError('Provider', owner.providerId);
    }
    const rows = await listDeedRows(tx, visible, page, owner);
    const changes = await ctx.deeds.open(tx, rows);
    return rows.map((row, index): ShownDeed => ({ ...row, change: changes[index] ?? null }));
  });
  return toConnection(shown, page, (row) => [row.at, row.sequence, row.deedId]);
}

/** The owner that a filter names, its ids checked. */
export function toOwner(filter: OwnerFilter | null | undefined): {
  readonly customerId?: string;
  readonly providerId?: string;
} {
  const customerId = parseOptional('filter.customerId', filter?.customerId, parseId);
  const providerId = parseOptional('filter.providerId', filter?.providerId, parseId);
  return {
    ...(customerId === null ? {} : { customerId }),
    ...(providerId === null ? {} : { providerId }),
  };
}
