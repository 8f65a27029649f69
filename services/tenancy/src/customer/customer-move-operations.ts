import { addToOutbox } from '@vedette/event-bus';
import { authorize, ConflictError, NotFoundError, parseId, scopeOf } from '@vedette/service-kit';
import type { TenantScope, Transaction } from '@vedette/service-kit';
import { dropForeignRungs } from '../contact/contact-ladder-operations.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { customerMoved } from '../events.ts';
import { dropGrants } from '../grant/grant-operations.ts';
import {
  carryPrincipals,
  dropPrincipalsOf,
  holdPrincipalsOf,
} from '../principal/customer-principals.ts';
import { lockProvider } from '../provider/provider-store.ts';
import { republishPolicies } from '../response-policy/republish-policies.ts';
import { customerDeed } from './customer-operations.ts';
import { carryAuthority, findCustomers, lockCustomer, updateCustomer } from './customer-store.ts';
import { requireMovable } from './customer.ts';
import type { Customer } from './customer.ts';

export interface MoveCustomerInput {
  readonly customerId: string;
  readonly providerId: string;
}

/**
 * Gives a customer to another provider. Whatever let the old one's people reach it or answer for it
 * ends: grants, keys, whom its issuers vouch for, rungs. What is the customer's own follows. Moving it
 * to where it is changes nothing.
 * @throws {NotFoundError} no such customer or provider
 * @throws {IllegalStateError} it is an own estate, or no longer served
 * @throws {ConflictError} the new provider has a customer of that name or external reference
 */
export async function moveCustomer(
  ctx: AccountableContext,
  input: MoveCustomerInput,
): Promise<Customer> {
  const customerId = parseId('input.customerId', input.customerId);
  const providerId = parseId('input.providerId', input.providerId);
  authorize(ctx.viewer, 'customer:move', { customerId });
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const before = await hold(tx, scope, { customerId, providerId });
    requireMovable(before, 'MOVE');
    if (before.providerId === providerId) return before;
    const after = { ...before, providerId, version: before.version + 1 };
    await holdPrincipalsOf(tx, customerId);
    const leaving = { customerId, providerId: before.providerId };
    await dropGrants(tx, ctx, leaving);
    await dropPrincipalsOf(tx, ctx, leaving, 'PROVIDER');
    await updateCustomer(tx, after);
    await carryPrincipals(tx, ctx, customerId, providerId);
    await dropForeignRungs(tx, ctx, after);
    const doing = { at: ctx.clock(), actor: ctx.viewer.principalId };
    await addToOutbox(tx, [customerMoved(after, before.providerId, doing)]);
    await ctx.deeds.record(tx, ctx, [
      {
        ...customerDeed('customer.move', after),
        before: { providerId: before.providerId },
        after: { providerId },
      },
    ]);
    await republishPolicies(tx, ctx, [customerId]);
    return after;
  });
}

/**
 * The customer, locked: after both providers, in the order of their ids, so that no import is under
 * way at either; and after its contacts, since who changes a ladder locks both in this order, too.
 */
async function hold(
  tx: Transaction,
  scope: TenantScope,
  { customerId, providerId }: MoveCustomerInput,
): Promise<Customer> {
  const [found] = await findCustomers(tx, scope, [customerId]);
  if (!found) throw new NotFoundError('Customer', customerId);
  for (const id of [found.providerId, providerId].toSorted()) {
    if (!(await lockProvider(tx, scope, id, 'JOIN'))) throw new NotFoundError('Provider', id);
  }
  await carryAuthority(tx, customerId, providerId);
  const customer = await lockCustomer(tx, scope, customerId);
  if (customer?.providerId !== found.providerId) {
    throw new ConflictError('The customer was moved in between: load it again.');
  }
  return customer;
}
