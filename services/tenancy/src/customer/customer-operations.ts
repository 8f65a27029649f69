import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  newId,
  NotFoundError,
  parseId,
  scopeOf,
  toConnection,
  toPage,
} from '@vedette/service-kit';
import type {
  Connection,
  OperationContext,
  PageArguments,
  Plan,
  TenantScope,
  Transaction,
} from '@vedette/service-kit';
import { addContactsAndLadder } from '../contact/contact-ladder-operations.ts';
import type { NewRungInput } from '../contact/contact-input.ts';
import { changedFields } from '../deed/changed-fields.ts';
import type { AccountableContext, Deed } from '../deed/deed-book.ts';
import { toOwner } from '../deed/deed-operations.ts';
import { customerChanged, customerOnboarded } from '../events.ts';
import { checkVersion } from '../expected-version.ts';
import { parseLabel, parseName, parseOptional, parseText, refuseInput } from '../input.ts';
import type { MandateInput } from '../mandate/mandate-input.ts';
import { addMandate } from '../mandate/mandate-operations.ts';
import { findProviders, lockProvider } from '../provider/provider-store.ts';
import { republishPolicies } from '../response-policy/republish-policies.ts';
import type { ResponsePolicyInput } from '../response-policy/response-policy-input.ts';
import { putCustomerPolicy } from '../response-policy/response-policy-operations.ts';
import { scopeWithin } from '../scope-within.ts';
import { parseProfile } from '../company-profile/company-profile-input.ts';
import type { CompanyProfileInput } from '../company-profile/company-profile-input.ts';
import { contentOf, requireServed } from './customer.ts';
import type { Customer, CustomerContent } from './customer.ts';
import {
  findCustomers,
  insertCustomer,
  listCustomers as listCustomerRows,
  listCustomersOfProvider,
  lockCustomer,
  updateCustomer as updateCustomerRow,
} from './customer-store.ts';
import type { CustomerFilter, CustomerRow } from './customer-store.ts';

export interface OnboardCustomerInput {
  readonly providerId: string;
  readonly name: string;
  readonly plan?: Plan | null;
  readonly externalReference?: string | null;
  readonly profile?: CompanyProfileInput | null;
  readonly mandate?: MandateInput | null;
  readonly responsePolicy?: ResponsePolicyInput | null;
  readonly ladder?: readonly NewRungInput[] | null;
}

/**
 * Takes a customer of a provider into the service, with as much as is known about it: all of it or,
 * when a part is refused, nothing.
 * @throws {NotFoundError} no such provider among the viewer's
 * @throws {ConflictError} the provider has a customer of that name or external reference
 * @throws {InvalidInputError} a part is not valid, or the policy is above the mandate
 */
export async function onboardCustomer(
  ctx: AccountableContext,
  input: OnboardCustomerInput,
): Promise<CustomerRow> {
  const providerId = parseId('input.providerId', input.providerId);
  authorize(ctx.viewer, 'customer:create');
  const customer = newCustomer(ctx, providerId, {
    name: parseName(input.name),
    plan: input.plan ?? 'STANDARD',
    externalReference: parseReference(input.externalReference),
    ...parseProfile('input.profile', input.profile),
  });
  const { customerId } = customer;
  const scope = scopeOf(ctx.viewer);
  // The new customer is inside the scope of its own transaction only; the viewer reaches it once the
  // gateway has asked again who the viewer is.
  const widened: TenantScope =
    scope.kind === 'OPERATOR' ? scope : { ...scope, customerIds: [customerId] };
  await ctx.db.transaction(widened, async (tx) => {
    if (!(await lockProvider(tx, scope, providerId, 'JOIN'))) {
      throw new NotFoundError('Provider', providerId);
    }
    await insertCustomer(tx, customer);
    await addToOutbox(tx, [customerOnboarded(customer, ctx.viewer.principalId)]);
    await ctx.deeds.record(tx, ctx, [onboardingDeed(customer)]);
    await addAuthority(tx, ctx, customer, input);
    await republishPolicies(tx, ctx, [customerId]);
  });
  return customer;
}

async function addAuthority(
  tx: Transaction,
  ctx: AccountableContext,
  customer: Customer,
  { mandate, responsePolicy, ladder }: OnboardCustomerInput,
): Promise<void> {
  if (mandate) await addMandate(tx, ctx, customer, mandate);
  if (responsePolicy) await putCustomerPolicy(tx, ctx, customer, responsePolicy);
  if (ladder) await addContactsAndLadder(tx, ctx, customer, ladder);
}

/** A customer that is about to be onboarded. */
export function newCustomer(
  ctx: OperationContext,
  providerId: string,
  content: CustomerContent,
): Customer {
  const onboardedAt = ctx.clock();
  return {
    ...content,
    ...{ customerId: newId(onboardedAt.getTime()), providerId, isOwnEstate: false, onboardedAt },
    ...{ status: 'ACTIVE', offboardedAt: null, version: 1 },
  };
}

export function onboardingDeed(customer: Customer): Deed {
  return {
    ...customerDeed('customer.onboard', customer),
    before: null,
    after: contentOf(customer),
  };
}

export function updateDeed(before: Customer, after: Customer): Deed {
  return {
    ...customerDeed('customer.update', after),
    ...changedFields(contentOf(before), contentOf(after)),
  };
}

/** A deed about a customer, without what it changed. */
export function customerDeed(
  kind: string,
  { customerId, providerId }: Customer,
): Omit<Deed, 'before' | 'after'> {
  return { kind, providerId, customerId, targetType: 'Customer', targetId: customerId };
}

function parseReference(reference: string | null | undefined): string | null {
  return parseOptional('input.externalReference', reference, parseLabel);
}

export interface UpdateCustomerInput {
  readonly customerId: string;
  readonly expectedVersion: number;
  readonly name?: string | null;
  readonly plan?: Plan | null;
  /** Null clears it. */
  readonly externalReference?: string | null;
  /** Whole; null clears it. */
  readonly profile?: CompanyProfileInput | null;
}

/**
 * Changes what is given and leaves the rest. What is already so is left alone, version included.
 * @throws {NotFoundError} no such customer among the viewer's
 * @throws {ConflictError} it has changed since `expectedVersion`, or another customer of the provider
 * has the name or external reference
 * @throws {IllegalStateError} it is no longer served
 */
export async function updateCustomer(
  ctx: AccountableContext,
  input: UpdateCustomerInput,
): Promise<CustomerRow> {
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'customer:write', { customerId });
  const change = parseChange(input);
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const before = await holdCustomer(tx, scope, customerId);
    checkVersion(before, input.expectedVersion);
    requireServed(before, 'UPDATE');
    const after: Customer = { ...before, ...change, version: before.version + 1 };
    const deed = updateDeed(before, after);
    if (Object.keys(deed.after ?? {}).length === 0) return before;
    await updateCustomerRow(tx, after);
    const doing = { at: ctx.clock(), actor: ctx.viewer.principalId };
    await addToOutbox(tx, [customerChanged(after, doing)]);
    await ctx.deeds.record(tx, ctx, [deed]);
    return after;
  });
}

/** Left out stays, so it is left out here, too. */
function parseChange(input: UpdateCustomerInput): Partial<CustomerContent> {
  const { name, plan, externalReference, profile } = input;
  if (name === null) refuseInput('input.name', 'cannot be cleared');
  if (plan === null) refuseInput('input.plan', 'cannot be cleared');
  return {
    ...(name === undefined ? {} : { name: parseName(name) }),
    ...(plan === undefined ? {} : { plan }),
    ...(externalReference === undefined
      ? {}
      : { externalReference: parseReference(externalReference) }),
    ...(profile === undefined ? {} : parseProfile('input.profile', profile)),
  };
}

/** Its provider first, so that no import of that provider's customers is under way meanwhile. */
async function holdCustomer(
  tx: Transaction,
  scope: TenantScope,
  customerId: string,
): Promise<Customer> {
  const [found] = await findCustomers(tx, scope, [customerId]);
  if (found) await lockProvider(tx, scope, found.providerId, 'JOIN');
  const customer = await lockCustomer(tx, scope, customerId);
  if (!customer) throw new NotFoundError('Customer', customerId);
  return customer;
}

/** Customers by id, for references from other services; what the viewer does not reach is null. */
export async function loadCustomers(
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<(CustomerRow | null)[]> {
  authorize(ctx.viewer, 'customer:read');
  const ids = customerIds.map((id) => parseId('id', id));
  const scope = scopeWithin(ctx.viewer, ids);
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
    readonly externalReference?: string | null;
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
  const { customerId, providerId } = toOwner(filter);
  authorize(ctx.viewer, 'customer:read', customerId ? { customerId } : {});
  const { role, providerId: own } = ctx.viewer;
  const reference = parseOptional('filter.externalReference', filter?.externalReference, parseText);
  const narrowed: CustomerFilter = {
    ...(customerId ? { customerId } : {}),
    ...(providerId ? { providerId } : {}),
    ...(typeof reference === 'string' ? { externalReference: reference.normalize('NFC') } : {}),
    ...(filter?.from ? { from: filter.from } : {}),
    ...(filter?.to ? { to: filter.to } : {}),
  };
  // A provider's admin reaches all its customers, and there may be thousands.
  const wholly = role === 'PROVIDER_ADMIN' && own && !customerId ? own : null;
  const scope = wholly ? scopeWithin(ctx.viewer, []) : scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, async (tx) => {
    if (customerId && (await findCustomers(tx, scope, [customerId])).length === 0) {
      throw new NotFoundError('Customer', customerId);
    }
    if (providerId && (await findProviders(tx, scope, [providerId])).length === 0) {
      throw new NotFoundError('Provider', providerId);
    }
    return wholly
      ? listCustomersOfProvider(tx, wholly, page, narrowed)
      : listCustomerRows(tx, scope, page, narrowed);
  });
  return toConnection(rows, page, (row) => [row.name, row.customerId]);
}
