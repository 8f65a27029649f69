import {
  authorize,
  hasPermission,
  joinTransaction,
  newId,
  NotFoundError,
  parseId,
  reachesCustomer,
  scopeOf,
} from '@vedette/service-kit';
import type { Connection, OperationContext, Transaction, Viewer } from '@vedette/service-kit';
import type { AccountableContext, Deed } from '../deed/deed-book.ts';
import { checkVersion } from '../expected-version.ts';
import { refuseInput } from '../input.ts';
import { getOwned, listOwned } from '../owned-list.ts';
import type { OwnedListArguments } from '../owned-list.ts';
import { holdOwner, parseOwner } from '../principal/principal-owner.ts';
import type { OwnerInput } from '../principal/principal-owner.ts';
import { lockCustomers } from '../response-policy/policy-version-store.ts';
import { changeLadders } from './change-ladders.ts';
import type { LadderChange } from './change-ladders.ts';
import { parseContact, parseContactChanges } from './contact-input.ts';
import type { ContactChanges, ContactInput } from './contact-input.ts';
import { findLadders, listAskedAbout } from './contact-ladder-store.ts';
import {
  deleteContact,
  findContacts,
  insertContacts,
  listContacts as listContactRows,
  lockContacts,
  saveContact,
} from './contact-store.ts';
import { isReachedBy } from './contact.ts';
import type { Contact } from './contact.ts';

/** A customer's people do not see their provider's, but for those on their ladder. */
function isOfCustomer({ role }: Viewer): boolean {
  return role.startsWith('CUSTOMER_');
}

/**
 * Where chat messages to somebody go. Whoever knows such an address can post to it, so it is for those
 * who may change the contact; null to everybody else.
 */
export function chatWebhookUrlFor(
  viewer: Viewer,
  { customerId, providerId, chatWebhookUrl }: Contact,
): string | null {
  if (!hasPermission(viewer, 'contact:write')) return null;
  const isOfOwn = viewer.customerIds === 'ALL' || viewer.providerId === providerId;
  const isTheirs =
    customerId === null ? isOfOwn && !isOfCustomer(viewer) : reachesCustomer(viewer, customerId);
  return isTheirs ? chatWebhookUrl : null;
}

/** @throws {NotFoundError} no such contact among the viewer's */
export function getContact(ctx: OperationContext, id: string): Promise<Contact> {
  return getOwned(ctx, 'contact:read', { type: 'Contact', id }, async (tx, scope, contactId) => {
    const [contact] = await findContacts(tx, scope, [contactId]);
    const isHidden = contact?.customerId === null && isOfCustomer(ctx.viewer);
    return contact && !isHidden ? contact : null;
  });
}

/** People to ask that the viewer reaches, newest first. */
export function listContacts(
  ctx: OperationContext,
  args: OwnedListArguments,
): Promise<Connection<Contact>> {
  return listOwned(
    ctx,
    'contact:read',
    args,
    (tx, scope, page, owner) =>
      listContactRows(tx, scope, page, owner, isOfCustomer(ctx.viewer) ? 'CUSTOMERS' : 'ALL'),
    ({ contactId }) => contactId,
  );
}

export interface AddContactInput extends OwnerInput {
  readonly contact: ContactInput;
}

/**
 * Adds somebody who can be asked, of a customer or of a provider.
 * @throws {NotFoundError} no such customer or provider among the viewer's
 */
export async function addContact(
  ctx: AccountableContext,
  input: AddContactInput,
): Promise<Contact> {
  const named = parseOwner(input);
  if (!named.customerId && !named.providerId) {
    refuseInput('input.customerId', 'is missing: give it or providerId');
  }
  authorize(ctx.viewer, 'contact:write', named.customerId ? { customerId: named.customerId } : {});
  if (named.providerId && isOfCustomer(ctx.viewer)) {
    throw new NotFoundError('Provider', named.providerId);
  }
  const details = parseContact('input.contact', input.contact);
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const owner = await holdOwner(tx, scope, named);
    const contact = { ...details, ...owner, contactId: newId(ctx.clock().getTime()), version: 1 };
    await addContacts(tx, ctx, [contact]);
    return contact;
  });
}

/** Keeps new contacts, with a deed each. */
export async function addContacts(
  tx: Transaction,
  ctx: AccountableContext,
  contacts: readonly Contact[],
): Promise<void> {
  await insertContacts(tx, contacts);
  await ctx.deeds.record(
    tx,
    ctx,
    contacts.map((contact) => toDeed('contact.add', null, contact)),
  );
}

export interface UpdateContactInput {
  readonly contactId: string;
  readonly expectedVersion: number;
  readonly contact: ContactChanges;
}

/**
 * Changes what is given and leaves the rest. Every ladder that they are on is told again with it.
 * @throws {NotFoundError} no such contact among the viewer's
 * @throws {ConflictError} the contact has changed since `expectedVersion`
 * @throws {InvalidInputError} a ladder asks by an address that would be gone
 */
export async function updateContact(
  ctx: AccountableContext,
  input: UpdateContactInput,
): Promise<Contact> {
  return changeContact(ctx, input.contactId, async (tx, before) => {
    checkVersion(before, input.expectedVersion);
    const details = parseContactChanges('input.contact', input.contact, before);
    const after = { ...before, ...details, version: before.version + 1 };
    const deed = toDeed('contact.change', before, after);
    if (JSON.stringify(deed.before) === JSON.stringify(deed.after)) return before;
    await saveContact(tx, after);
    const changes = await lockLadders(tx, after.contactId, (rungs) =>
      rungs.map((rung) =>
        rung.contact.contactId === after.contactId ? { ...rung, contact: after } : rung,
      ),
    );
    const rungs = changes.flatMap((change) => change.rungs);
    const unreached = rungs.find(({ contact, channel }) => !isReachedBy(contact, channel));
    if (unreached)
      refuseInput('input.contact', `lacks an address: a ladder asks them by ${unreached.channel}`);
    await changeLadders(tx, ctx, changes);
    await ctx.deeds.record(tx, ctx, [deed]);
    return after;
  });
}

/**
 * Removes a contact and its rungs from every ladder, which close up.
 * @throws {NotFoundError} no such contact among the viewer's
 */
export async function removeContact(
  ctx: AccountableContext,
  input: { readonly contactId: string },
): Promise<string> {
  const removed = await changeContact(ctx, input.contactId, async (tx, contact) => {
    const { contactId } = contact;
    const changes = await lockLadders(tx, contactId, (rungs) =>
      rungs.filter((rung) => rung.contact.contactId !== contactId),
    );
    await changeLadders(tx, ctx, changes);
    await deleteContact(tx, contactId);
    await ctx.deeds.record(tx, ctx, [toDeed('contact.remove', contact, null)]);
    return contact;
  });
  return removed.contactId;
}

/**
 * Runs a change of one contact of the viewer, locked. A provider's contact may be on ladders of
 * customers that the viewer's token does not name yet: the change sees them all.
 */
async function changeContact(
  ctx: AccountableContext,
  id: string,
  change: (tx: Transaction, contact: Contact) => Promise<Contact>,
): Promise<Contact> {
  const contactId = parseId('input.contactId', id);
  authorize(ctx.viewer, 'contact:write');
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const [contact] = await lockContacts(tx, scope, [contactId], 'FROM_USE');
    if (!contact || (contact.customerId === null && isOfCustomer(ctx.viewer))) {
      throw new NotFoundError('Contact', contactId);
    }
    return joinTransaction(tx).transaction({ kind: 'OPERATOR' }, () => change(tx, contact));
  });
}

/** Locks the customers on whose ladders a contact is, and tells how each ladder is to change. */
async function lockLadders(
  tx: Transaction,
  contactId: string,
  toRungs: (rungs: LadderChange['rungs']) => LadderChange['rungs'],
): Promise<LadderChange[]> {
  const all = { kind: 'OPERATOR' } as const;
  const customers = await lockCustomers(tx, all, await listAskedAbout(tx, contactId));
  const ladders = await findLadders(
    tx,
    all,
    customers.map(({ customerId }) => customerId),
  );
  return customers.flatMap(({ customerId, providerId }) => {
    const before = ladders.get(customerId);
    if (!before) return [];
    return [{ customer: { customerId, providerId }, before, rungs: toRungs(before.rungs) }];
  });
}

function toDeed(kind: string, before: Contact | null, after: Contact | null): Deed {
  const about = after ?? before;
  if (!about) throw new Error('a deed is about a contact');
  return {
    kind,
    providerId: about.providerId,
    customerId: about.customerId,
    targetType: 'Contact',
    targetId: about.contactId,
    before: toShown(before),
    after: toShown(after),
  };
}

/** In one order, so that the same details are the same text. */
function toShown(contact: Contact | null): object | null {
  if (!contact) return null;
  const { name, email, phone, chatWebhookUrl, language, timeZone, quietHours } = contact;
  return { name, email, phone, chatWebhookUrl, language, timeZone, quietHours };
}
