import {
  authorize,
  joinTransaction,
  newId,
  NotFoundError,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import { requireServed } from '../customer/customer.ts';
import { lockCustomer } from '../customer/customer-store.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { checkVersion } from '../expected-version.ts';
import { scopeWithin } from '../scope-within.ts';
import { changeLadders, noLadder } from './change-ladders.ts';
import { parseNewRungs, parseRungs, requireAddress } from './contact-input.ts';
import type { NewRungInput, ParsedRung, RungInput } from './contact-input.ts';
import { findLadders } from './contact-ladder-store.ts';
import { addContacts } from './contact-operations.ts';
import { lockContacts } from './contact-store.ts';
import { isSameLadder, mayBeAskedAbout } from './contact.ts';
import type { Contact, ContactLadder, Rung } from './contact.ts';

interface Customer {
  readonly customerId: string;
  readonly providerId: string;
}

export interface SetContactLadderInput {
  readonly customerId: string;
  readonly expectedVersion: number;
  readonly rungs: readonly RungInput[];
}

/**
 * Sets whom to ask about a customer, whole. Whoever was on the ladder before and is no longer is named
 * in the event, so that they are told. The same ladder again changes nothing.
 * @throws {NotFoundError} no such customer among the viewer's, or a contact that is neither the
 * customer's nor its provider's
 * @throws {ConflictError} the ladder has changed since `expectedVersion`
 */
export async function setContactLadder(
  ctx: AccountableContext,
  input: SetContactLadderInput,
): Promise<string> {
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'contact:write', { customerId });
  const parsed = parseRungs('input.rungs', input.rungs);
  const scope = scopeOf(ctx.viewer);
  await ctx.db.transaction(scope, async (tx) => {
    // Contacts before customers: who changes a contact locks both in this order, too.
    const contactIds = parsed.map(({ contactId }) => contactId);
    const contacts = await lockContacts(tx, scope, contactIds, 'FROM_CHANGE');
    const customer = await lockCustomer(tx, scope, customerId);
    if (!customer) throw new NotFoundError('Customer', customerId);
    requireServed(customer, 'set its contact ladder');
    const before =
      (await findLadders(tx, scope, [customerId])).get(customerId) ?? noLadder(customerId);
    checkVersion(before, input.expectedVersion);
    const rungs = toRungs(parsed, contacts, customer);
    if (isSameLadder(rungs, before.rungs)) return;
    await changeLadders(tx, ctx, [{ customer, before, rungs }]);
  });
  return customerId;
}

function toRungs(
  parsed: readonly ParsedRung[],
  contacts: readonly Contact[],
  customer: Customer,
): Rung[] {
  const byId = new Map(contacts.map((contact) => [contact.contactId, contact]));
  return parsed.map(({ contactId, channel, timeoutMinutes }, index) => {
    const contact = byId.get(contactId);
    if (!contact || !mayBeAskedAbout(contact, customer)) {
      throw new NotFoundError('Contact', contactId);
    }
    requireAddress(`input.rungs.${index}`, contact, channel);
    return { contact, channel, timeoutMinutes };
  });
}

/** Ladders of customers, for references; one that was never set is empty, at version 0. */
export async function loadLadders(
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<ContactLadder[]> {
  authorize(ctx.viewer, 'contact:read');
  const scope = scopeWithin(ctx.viewer, customerIds);
  const ladders = await ctx.db.transaction(scope, (tx) => findLadders(tx, scope, customerIds));
  return customerIds.map((customerId) => ladders.get(customerId) ?? noLadder(customerId));
}

/**
 * Makes people of a new customer its contacts and, in this order, its ladder, with event and deeds.
 * @throws {InvalidInputError} problems name fields under `path`
 */
export async function addContactsAndLadder(
  tx: Transaction,
  ctx: AccountableContext,
  customer: Customer,
  rungs: readonly NewRungInput[],
  path = 'input.ladder',
): Promise<void> {
  const added = parseNewRungs(path, rungs).map(({ contact, ...step }) => ({
    ...step,
    contact: {
      ...contact,
      contactId: newId(ctx.clock().getTime()),
      customerId: customer.customerId,
      providerId: customer.providerId,
      version: 1,
    },
  }));
  if (added.length === 0) return;
  await addContacts(
    tx,
    ctx,
    added.map(({ contact }) => contact),
  );
  await changeLadders(tx, ctx, [{ customer, before: noLadder(customer.customerId), rungs: added }]);
}

/**
 * For a customer that has moved: takes the rungs of whoever is neither its own nor its new provider's
 * from its ladder, with event and deed. The customer already carries its new provider.
 */
export async function dropForeignRungs(
  tx: Transaction,
  ctx: AccountableContext,
  customer: Customer,
): Promise<void> {
  const all = { kind: 'OPERATOR' } as const;
  await joinTransaction(tx).transaction(all, async () => {
    const before = (await findLadders(tx, all, [customer.customerId])).get(customer.customerId);
    if (!before) return;
    const rungs = before.rungs.filter(({ contact }) => mayBeAskedAbout(contact, customer));
    if (rungs.length < before.rungs.length) {
      await changeLadders(tx, ctx, [{ customer, before, rungs }]);
    }
  });
}
