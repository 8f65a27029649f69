import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  hasFeature,
  joinTransaction,
  NotFoundError,
  parseId,
  PlanRequiredError,
  scopeOf,
} from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import { serviceContactAssigned } from '../authority-events.ts';
import { requireServed } from '../customer/customer.ts';
import { lockCustomer } from '../customer/customer-store.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { parseOptional, parsePhone, refuseInput } from '../input.ts';
import { scopeWithin } from '../scope-within.ts';
import { kindOfOwner } from '../owner/owner.ts';
import { findUser } from '../user/user-store.ts';
import {
  findOperatorNames,
  findServiceContacts,
  saveServiceContact,
} from './service-contact-store.ts';
import type { ServiceContact } from './service-contact-store.ts';

const all = { kind: 'OPERATOR' } as const;

export interface AssignServiceContactInput {
  readonly customerId: string;
  readonly contactId: string;
  readonly deputyId?: string | null;
  readonly callBackNumber: string;
}

/**
 * Says who of the operator is there for a customer. Safe to repeat.
 * @throws {NotFoundError} no such customer, or no such user
 * @throws {PlanRequiredError} the customer's plan has no named contact
 * @throws {InvalidInputError} not two different active people of the operator
 */
export async function assignServiceContact(
  ctx: AccountableContext,
  input: AssignServiceContactInput,
): Promise<string> {
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'service-contact:write', { customerId });
  const contactId = parseId('input.contactId', input.contactId);
  const deputyId = parseOptional('input.deputyId', input.deputyId, parseId);
  const callBackNumber = parsePhone('input.callBackNumber', input.callBackNumber);
  if (deputyId === contactId) refuseInput('input.deputyId', 'is the contact as well');
  const scope = scopeOf(ctx.viewer);
  await ctx.db.transaction(scope, async (tx) => {
    const customer = await lockCustomer(tx, scope, customerId);
    if (!customer) throw new NotFoundError('Customer', customerId);
    requireServed(customer, 'assign a service contact');
    if (!hasFeature(customer.plan, 'NAMED_CONTACT')) throw new PlanRequiredError('NAMED_CONTACT');
    await checkOperator(tx, 'input.contactId', contactId);
    if (deputyId !== null) await checkOperator(tx, 'input.deputyId', deputyId);
    await replace(tx, ctx, customer, { contactId, deputyId, callBackNumber });
  });
  return customerId;
}

/** Only the operator's people come here, who see each user: a wrong one is told apart from none. */
async function checkOperator(tx: Transaction, path: string, userId: string): Promise<void> {
  const user = await findUser(tx, all, userId);
  if (!user) throw new NotFoundError('User', userId);
  if (!user.isActive || kindOfOwner(user) !== 'OPERATOR') {
    refuseInput(path, 'is not an active user of the operator');
  }
}

type Assignment = Pick<ServiceContact, 'contactId' | 'deputyId' | 'callBackNumber'>;

async function replace(
  tx: Transaction,
  ctx: AccountableContext,
  { customerId, providerId }: { readonly customerId: string; readonly providerId: string },
  assignment: Assignment,
): Promise<void> {
  const [before] = await findServiceContacts(tx, all, [customerId]);
  const deed = {
    ...{ kind: 'service-contact.assign', providerId, customerId },
    ...{ targetType: 'Customer', targetId: customerId },
    ...{ before: before ? toShown(before) : null, after: toShown(assignment) },
  };
  if (JSON.stringify(deed.before) === JSON.stringify(deed.after)) return;
  const at = ctx.clock();
  const version = (before?.version ?? 0) + 1;
  const after: ServiceContact = { customerId, ...assignment, version, assignedAt: at };
  await saveServiceContact(tx, after);
  const news = { customerId, providerId, version, at, actor: ctx.viewer.principalId };
  await addToOutbox(tx, [serviceContactAssigned(news, after)]);
  await ctx.deeds.record(tx, ctx, [deed]);
}

function toShown({ contactId, deputyId, callBackNumber }: Assignment): object {
  return { contactId, deputyId, callBackNumber };
}

/** A service contact with the names of its people. */
export interface NamedServiceContact extends ServiceContact {
  readonly name: string;
  readonly deputyName: string | null;
}

/**
 * Service contacts of customers, for references. Who may no longer sign in is there for nobody: a
 * deputy is left out, and without its contact a customer has none.
 */
export async function loadServiceContacts(
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<(NamedServiceContact | null)[]> {
  authorize(ctx.viewer, 'contact:read');
  const scope = scopeWithin(ctx.viewer, customerIds);
  return ctx.db.transaction(scope, async (tx) => {
    const contacts = await findServiceContacts(tx, scope, customerIds);
    const userIds = contacts.flatMap(({ contactId, deputyId }) =>
      [contactId, deputyId ?? []].flat(),
    );
    // Nobody but the operator sees its users; these names are for the customers they are there for.
    const names = await joinTransaction(tx).transaction(all, () => findOperatorNames(tx, userIds));
    const byId = new Map(contacts.map((contact) => [contact.customerId, contact]));
    return customerIds.map((customerId) => withNames(byId.get(customerId), names));
  });
}

function withNames(
  contact: ServiceContact | undefined,
  names: ReadonlyMap<string, string>,
): NamedServiceContact | null {
  const name = contact && names.get(contact.contactId);
  if (!contact || name === undefined) return null;
  const deputyName = names.get(contact.deputyId ?? '') ?? null;
  return { ...contact, name, deputyName, deputyId: deputyName && contact.deputyId };
}
