import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  InvalidInputError,
  newId,
  NotFoundError,
  parseId,
  scopeOf,
  toConnection,
  toPage,
} from '@vedette/service-kit';
import type { Connection, OperationContext, PageArguments } from '@vedette/service-kit';
import { customerOnboarded } from '../events.ts';
import { findProviders } from '../provider/provider-store.ts';
import {
  findCustomers,
  insertCustomer,
  listCustomers as listCustomerRows,
} from './customer-store.ts';
import type { CustomerFilter, CustomerRow, Plan } from './customer-store.ts';

export interface OnboardCustomerInput {
  readonly providerId: string;
  readonly name: string;
  readonly plan?: Plan | null;
}

/**
 * Takes a customer of a provider into the service.
 * @throws {NotFoundError} no such provider among the viewer's
 * @throws {ConflictError} the provider has a customer of that name
 */
export async function onboardCustomer(
  ctx: OperationContext,
  input: OnboardCustomerInput,
): Promise<CustomerRow> {
  const providerId = parseId('input.providerId', input.providerId);
  authorize(ctx.viewer, 'customer:create');
  const customer: CustomerRow = {
    customerId: newId(ctx.clock().getTime()),
    providerId,
    name: parseName(input.name),
    isOwnEstate: false,
    plan: input.plan ?? 'STANDARD',
    onboardedAt: ctx.clock(),
    version: 1,
  };
  const scope = scopeOf(ctx.viewer);
  // The new customer is inside the scope of its own transaction only; the viewer reaches it once the
  // gateway has asked again who the viewer is.
  const widened =
    scope.kind === 'OPERATOR' ? scope : { ...scope, customerIds: [customer.customerId] };
  await ctx.db.transaction(widened, async (tx) => {
    const [provider] = await findProviders(tx, scope, [providerId]);
    if (!provider) throw new NotFoundError('Provider', providerId);
    await insertCustomer(tx, customer);
    await addToOutbox(tx, [customerOnboarded(customer, ctx.viewer.principalId)]);
  });
  return customer;
}

/** Customers by id, for references from other services; what the viewer does not reach is null. */
export async function loadCustomers(
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<(CustomerRow | null)[]> {
  authorize(ctx.viewer, 'customer:read');
  const ids = customerIds.map((id) => parseId('id', id));
  const scope = scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, (tx) => findCustomers(tx, scope, ids));
  const byId = new Map(rows.map((row) => [row.customerId, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** @throws {NotFoundError} no such customer among the viewer's */
export async function getCustomer(ctx: OperationContext, id: string): Promise<CustomerRow> {
  const [customer] = await loadCustomers(ctx, [id]);
  if (!customer) throw new NotFoundError('Customer', id);
  return customer;
}

export interface ListCustomersArguments extends PageArguments {
  readonly filter?: {
    readonly customerId?: string | null;
    readonly providerId?: string | null;
    readonly from?: Date | null;
    readonly to?: Date | null;
  } | null;
}

/** @throws {NotFoundError} the filter names a customer or provider that the viewer does not reach */
export async function listCustomers(
  ctx: OperationContext,
  { filter, ...args }: ListCustomersArguments,
): Promise<Connection<CustomerRow>> {
  const page = toPage(args, ['TEXT', 'ID']);
  const customerId = filter?.customerId
    ? parseId('filter.customerId', filter.customerId)
    : undefined;
  const providerId = filter?.providerId
    ? parseId('filter.providerId', filter.providerId)
    : undefined;
  authorize(ctx.viewer, 'customer:read', customerId ? { customerId } : {});
  const scope = scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && (await findCustomers(tx, scope, [customerId])).length === 0) {
      throw new NotFoundError('Customer', customerId);
    }
    if (providerId && (await findProviders(tx, scope, [providerId])).length === 0) {
      throw new NotFoundError('Provider', providerId);
    }
    const narrowed: CustomerFilter = {
      ...(customerId ? { customerId } : {}),
      ...(providerId ? { providerId } : {}),
      ...(filter?.from ? { from: filter.from } : {}),
      ...(filter?.to ? { to: filter.to } : {}),
    };
    return listCustomerRows(tx, scope, page, narrowed);
  });
  return toConnection(rows, page, (row) => [row.name, row.customerId]);
}

const maxNameLength = 200;

/** @throws {InvalidInputError} empty, too long, or with a NUL character, which PostgreSQL cannot hold */
export function parseName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length < 1 || trimmed.length > maxNameLength || trimmed.includes('\0')) {
    throw new InvalidInputError(`A name has 1 to ${maxNameLength} characters.`, [
      { path: 'input.name', problem: 'empty, too long, or not text' },
    ]);
  }
  return trimmed.toWellFormed();
}
