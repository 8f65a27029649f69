import { addToOutbox } from '@vedette/event-bus';
import { authorize, newId, NotFoundError, parseId, scopeOf } from '@vedette/service-kit';
import type { OperationContext, TenantScope, Transaction } from '@vedette/service-kit';
import { customerDeed } from '../customer/customer-operations.ts';
import { lockCustomer, updateCustomer } from '../customer/customer-store.ts';
import type { Customer } from '../customer/customer.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { customerExportRequested, customerOffboarded, customerPurgeRequested } from '../events.ts';
import { parseText } from '../input.ts';
import { scopeWithin } from '../scope-within.ts';
import { beginPurge, needsNewExport, nextToAnswer, offboard } from './customer-leaving.ts';
import type { AnsweredRequest, CustomerRequest } from './customer-leaving.ts';
import {
  findLastExports,
  findPurges,
  insertExport,
  insertPurge,
} from './customer-leaving-store.ts';

const maxReasonLength = 1_000;

/**
 * Ends the service for a customer and asks for its export. Its data stays until it is purged.
 * @throws {NotFoundError} no such customer among the viewer's
 * @throws {IllegalStateError} it is an own estate, or was off-boarded before
 */
export async function offboardCustomer(
  ctx: AccountableContext,
  input: { readonly customerId: string; readonly reason: string },
): Promise<Customer> {
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'customer:offboard', { customerId });
  const reason = parseText('input.reason', input.reason, maxReasonLength);
  return changeCustomer(ctx, customerId, async (tx, before) => {
    const after = offboard(before, ctx.clock());
    await updateCustomer(tx, after);
    await addToOutbox(tx, [customerOffboarded(after, reason, doingOf(ctx))]);
    await ctx.deeds.record(tx, ctx, [
      {
        ...customerDeed('customer.offboard', after),
        before: { status: before.status },
        after: { status: after.status, reason },
      },
    ]);
    await requestExport(tx, ctx, after);
    return after;
  });
}

/**
 * Asks every service to write what it holds of a customer to its export store, one after the other.
 * While an export is under way, the service that it waits for is asked again.
 * @throws {NotFoundError} no such customer among the viewer's
 * @throws {IllegalStateError} its data is being deleted, or is gone
 */
export async function requestCustomerExport(
  ctx: AccountableContext,
  input: { readonly customerId: string },
): Promise<Customer> {
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'customer:offboard', { customerId });
  return changeCustomer(ctx, customerId, async (tx, customer, scope) => {
    const last = (await findLastExports(tx, scope, [customerId])).get(customerId) ?? null;
    if (needsNewExport(customer, last)) await requestExport(tx, ctx, customer);
    else if (last) await askForExport(tx, ctx, customer, last);
    return customer;
  });
}

/**
 * Asks every service to delete what it holds of a customer. There is no way back. While answers are
 * missing they may be asked again, by the same call; who has answered finds nothing more to delete.
 * @throws {NotFoundError} no such customer
 * @throws {IllegalStateError} it was not off-boarded, no export since then is complete, or it is purged
 * @throws {InvalidInputError} the name is not its name
 */
export async function purgeCustomer(
  ctx: AccountableContext,
  input: { readonly customerId: string; readonly name: string },
): Promise<Customer> {
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'customer:purge', { customerId });
  return changeCustomer(ctx, customerId, async (tx, before, scope) => {
    const present = (await findPurges(tx, scope, [customerId])).get(customerId);
    if (present && before.status === 'PURGING') {
      await addToOutbox(tx, [customerPurgeRequested(before, present.requestId, doingOf(ctx))]);
      return before;
    }
    const last = (await findLastExports(tx, scope, [customerId])).get(customerId) ?? null;
    const after = beginPurge(before, last, input.name);
    const purge = newRequest(ctx, customerId);
    await updateCustomer(tx, after);
    await insertPurge(tx, purge);
    await addToOutbox(tx, [customerPurgeRequested(after, purge.requestId, doingOf(ctx))]);
    await ctx.deeds.record(tx, ctx, [
      {
        ...customerDeed('customer.purge', after),
        before: { status: before.status },
        after: { status: after.status, purgeId: purge.requestId },
      },
    ]);
    return after;
  });
}

/** The last export of each customer, for references; null where none was asked for. */
export async function loadExports(
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<(AnsweredRequest | null)[]> {
  authorize(ctx.viewer, 'customer:read');
  const scope = scopeWithin(ctx.viewer, customerIds);
  const found = await ctx.db.transaction(scope, (tx) => findLastExports(tx, scope, customerIds));
  return customerIds.map((customerId) => found.get(customerId) ?? null);
}

/** The purge of each customer, for references; null where none was asked for. */
export async function loadPurges(
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<(AnsweredRequest | null)[]> {
  authorize(ctx.viewer, 'customer:read');
  const scope = scopeWithin(ctx.viewer, customerIds);
  const found = await ctx.db.transaction(scope, (tx) => findPurges(tx, scope, customerIds));
  return customerIds.map((customerId) => found.get(customerId) ?? null);
}

async function changeCustomer(
  ctx: AccountableContext,
  customerId: string,
  change: (tx: Transaction, customer: Customer, scope: TenantScope) => Promise<Customer>,
): Promise<Customer> {
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const customer = await lockCustomer(tx, scope, customerId);
    if (!customer) throw new NotFoundError('Customer', customerId);
    return change(tx, customer, scope);
  });
}

async function requestExport(
  tx: Transaction,
  ctx: AccountableContext,
  customer: Customer,
): Promise<void> {
  const request = newRequest(ctx, customer.customerId);
  const { requestId: exportId } = request;
  await insertExport(tx, request);
  await askForExport(tx, ctx, customer, { ...request, receipts: [] });
  await ctx.deeds.record(tx, ctx, [
    { ...customerDeed('customer.export', customer), before: null, after: { exportId } },
  ]);
}

/** Asks the first service that has not answered. */
async function askForExport(
  tx: Transaction,
  ctx: OperationContext,
  customer: Customer,
  request: AnsweredRequest,
): Promise<void> {
  const service = nextToAnswer(request);
  if (!service) return;
  const asked = { exportId: request.requestId, service };
  await addToOutbox(tx, [customerExportRequested(customer, asked, doingOf(ctx))]);
}

function newRequest(ctx: OperationContext, customerId: string): CustomerRequest {
  const requestedAt = ctx.clock();
  const requestId = newId(requestedAt.getTime());
  return { requestId, customerId, requestedAt, requestedBy: ctx.viewer.principalId };
}

function doingOf(ctx: OperationContext) {
  return { at: ctx.clock(), actor: ctx.viewer.principalId };
}
