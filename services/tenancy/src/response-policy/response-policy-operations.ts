import {
  authorize,
  InvalidInputError,
  joinTransaction,
  newId,
  NotFoundError,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import { requireServed } from '../customer/customer.ts';
import { findCustomers, listCustomerIds } from '../customer/customer-store.ts';
import type { AccountableContext, Deed } from '../deed/deed-book.ts';
import { checkVersion } from '../expected-version.ts';
import { mandateInForce } from '../mandate/mandate.ts';
import type { Owned } from '../owner/owner.ts';
import { isOfCustomer } from '../principal/principal-store.ts';
import { findProviders } from '../provider/provider-store.ts';
import { scopeWithin } from '../scope-within.ts';
import { findGrounds } from './find-grounds.ts';
import { findPolicyVersions, lockPolicy, lockProviderPolicy } from './policy-version-store.ts';
import { republishPolicies } from './republish-policies.ts';
import { parsePolicy } from './response-policy-input.ts';
import type { ResponsePolicyInput } from './response-policy-input.ts';
import {
  findCustomerPolicies,
  findProviderPolicies,
  insertPolicies,
  isSet,
  savePolicy,
} from './response-policy-store.ts';
import type { ResponsePolicy, StoredPolicy } from './response-policy-store.ts';
import { effectivePolicy, findExcess } from './response-policy.ts';
import type { EffectivePolicy, PolicyTerms } from './response-policy.ts';

interface Customer {
  readonly customerId: string;
  readonly providerId: string;
}

const all = { kind: 'OPERATOR' } as const;

export interface SetCustomerResponsePolicyInput {
  readonly customerId: string;
  readonly expectedVersion: number;
  /** Null: its provider's holds again. */
  readonly policy?: ResponsePolicyInput | null;
}

/**
 * Sets a customer's own policy in place of its provider's, or takes it back.
 * @throws {NotFoundError} no such customer among the viewer's
 * @throws {ConflictError} the policy has changed since `expectedVersion`
 * @throws {InvalidInputError} it is above the mandate in force
 */
export async function setCustomerResponsePolicy(
  ctx: AccountableContext,
  input: SetCustomerResponsePolicyInput,
): Promise<string> {
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'policy:write', { customerId });
  const policy = input.policy ? parsePolicy('input.policy', input.policy) : null;
  const scope = scopeOf(ctx.viewer);
  await ctx.db.transaction(scope, async (tx) => {
    const customer = await lockPolicy(tx, scope, customerId);
    requireServed(customer, 'set its policy');
    const [before] = await findCustomerPolicies(tx, scope, [customerId]);
    checkVersion(shownVersion(before), input.expectedVersion);
    if (policy) await refuseExcess(tx, ctx, customer, policy, 'input.policy');
    const owner = { customerId, providerId: customer.providerId };
    await replacePolicy(tx, ctx, owner, before, policy);
    await republishPolicies(tx, ctx, [customerId]);
  });
  return customerId;
}

export interface SetProviderResponsePolicyInput {
  readonly providerId: string;
  readonly expectedVersion: number;
  readonly policy: ResponsePolicyInput;
}

/**
 * Sets what holds for a provider's customers without a policy of their own. It may be above their
 * mandates: what follows for each is lowered to its own.
 * @throws {NotFoundError} no such provider among the viewer's
 * @throws {ConflictError} the policy has changed since `expectedVersion`
 */
export async function setProviderResponsePolicy(
  ctx: AccountableContext,
  input: SetProviderResponsePolicyInput,
): Promise<string> {
  const providerId = parseId('input.providerId', input.providerId);
  authorize(ctx.viewer, 'provider-policy:write');
  const policy = parsePolicy('input.policy', input.policy);
  const scope = scopeOf(ctx.viewer);
  await ctx.db.transaction(scope, async (tx) => {
    const [provider] = await findProviders(tx, scope, [providerId]);
    if (!provider) throw new NotFoundError('Provider', providerId);
    await lockProviderPolicy(tx, providerId);
    const [before] = await findProviderPolicies(tx, scope, [providerId]);
    checkVersion(shownVersion(before), input.expectedVersion);
    await replacePolicy(tx, ctx, { providerId, customerId: null }, before, policy);
    // The viewer's token may not name its newest customers yet.
    const customerIds = await joinTransaction(tx).transaction(all, () =>
      listCustomerIds(tx, providerId),
    );
    await republishPolicies(tx, ctx, customerIds);
  });
  return providerId;
}

/** The version that everybody sees: of a policy that was cleared none. */
function shownVersion(policy: StoredPolicy | undefined): { readonly version: number } {
  return policy && isSet(policy) ? policy : { version: 0 };
}

async function refuseExcess(
  tx: Transaction,
  ctx: OperationContext,
  customer: Customer,
  policy: PolicyTerms,
  path: string,
): Promise<void> {
  const scope = { kind: 'CUSTOMERS', customerIds: [customer.customerId] } as const;
  const { mandates } = (await findGrounds(tx, scope, [customer]))(customer);
  const excess = findExcess(policy, mandateInForce(mandates, ctx.clock()));
  if (excess.length === 0) return;
  throw new InvalidInputError(
    `The policy is above the mandate: ${excess.map(({ problem }) => problem)[0]}.`,
    excess.map((part) => ({ path: `${path}.${part.path}`, problem: part.problem })),
  );
}

async function replacePolicy(
  tx: Transaction,
  ctx: AccountableContext,
  owner: Owned,
  before: StoredPolicy | undefined,
  terms: PolicyTerms | null,
): Promise<void> {
  if (!terms && !before) return;
  const after: StoredPolicy = {
    ...owner,
    ...(terms ?? { mode: null, whenUnanswered: 'HOLD', actionModes: [], windows: [] }),
    policyId: before?.policyId ?? newId(ctx.clock().getTime()),
    version: (before?.version ?? 0) + 1,
    changedAt: ctx.clock(),
    changedBy: ctx.viewer.principalId,
  };
  const deed = toDeed(owner, before, after);
  if (JSON.stringify(deed.before) === JSON.stringify(deed.after)) return;
  await savePolicy(tx, after);
  await ctx.deeds.record(tx, ctx, [deed]);
}

/**
 * Gives a customer that has none a policy of its own, with its deed. Call it after `addMandate`; the
 * caller publishes what follows by `republishPolicies`.
 * @throws {InvalidInputError} it is not valid, or above the mandate in force
 */
export async function putCustomerPolicy(
  tx: Transaction,
  ctx: AccountableContext,
  customer: Customer,
  input: ResponsePolicyInput,
  path = 'input.responsePolicy',
): Promise<void> {
  await refuseExcess(tx, ctx, customer, parsePolicy(path, input), path);
  await putCustomerPolicies(tx, ctx, [customer], input, path);
}

/**
 * The same policy for many new customers, set-based, such as an import's. It is not held against a
 * mandate: they have none yet, and what we may do is lowered to the mandate whenever there is one.
 */
export async function putCustomerPolicies(
  tx: Transaction,
  ctx: AccountableContext,
  customers: readonly Customer[],
  input: ResponsePolicyInput,
  path = 'input.responsePolicy',
): Promise<void> {
  const terms = parsePolicy(path, input);
  const now = ctx.clock();
  const policies = customers.map(({ customerId, providerId }): ResponsePolicy => ({
    ...{ ...terms, customerId, providerId, policyId: newId(now.getTime()) },
    ...{ version: 1, changedAt: now, changedBy: ctx.viewer.principalId },
  }));
  await insertPolicies(tx, policies);
  await ctx.deeds.record(
    tx,
    ctx,
    policies.map((policy) => toDeed(policy, undefined, policy)),
  );
}

function toDeed(owner: Owned, before: StoredPolicy | undefined, after: StoredPolicy): Deed {
  return {
    kind: owner.customerId ? 'policy.set' : 'provider-policy.set',
    providerId: owner.providerId,
    customerId: owner.customerId,
    targetType: owner.customerId ? 'Customer' : 'Provider',
    targetId: owner.customerId ?? owner.providerId,
    before: toShown(before),
    after: toShown(after),
  };
}

/** In one order, so that the same policy is the same text; null where there is none. */
function toShown(policy: StoredPolicy | undefined): object | null {
  if (!policy || !isSet(policy)) return null;
  const { mode, whenUnanswered, actionModes, windows } = policy;
  return {
    ...{ mode, whenUnanswered },
    actionModes: actionModes.map(({ action, mode: own }) => ({ action, mode: own })),
    windows: windows.map(({ weekdays, fromMinute, toMinute, timeZone, mode: own }) => ({
      ...{ weekdays, fromMinute, toMinute, timeZone, mode: own },
    })),
  };
}

/** What we may do at a customer at the moment it was asked for. */
export interface ShownEffectivePolicy extends EffectivePolicy {
  /** The one that was told last: a mandate that has just begun or ended is told of within a minute. */
  readonly version: number;
}

/** A customer's own policy, and what follows with its mandate and its provider's. */
export interface CustomerPolicies {
  readonly own: ResponsePolicy | null;
  readonly effective: ShownEffectivePolicy;
}

/** Policies of customers, for references; null where the viewer does not reach one. */
export async function loadCustomerPolicies(
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<(CustomerPolicies | null)[]> {
  authorize(ctx.viewer, 'policy:read');
  const scope = scopeWithin(ctx.viewer, customerIds);
  return ctx.db.transaction(scope, async (tx) => {
    const customers = await findCustomers(tx, scope, customerIds);
    const grounds = await findGrounds(tx, scope, customers);
    const versions = await findPolicyVersions(tx, scope, customerIds);
    const byId = new Map(customers.map((customer) => [customer.customerId, customer]));
    return customerIds.map((customerId): CustomerPolicies | null => {
      const customer = byId.get(customerId);
      if (!customer) return null;
      const { mandates, ...policies } = grounds(customer);
      const mandate = mandateInForce(mandates, ctx.clock());
      const effective = effectivePolicy({ mandate, ...policies });
      return {
        own: policies.customerPolicy,
        effective: { ...effective, version: versions.get(customerId) ?? 0 },
      };
    });
  });
}

/**
 * What providers have set for their customers, for references; null where nothing is set, and to a
 * customer's people and keys, who see what follows from it for their customer.
 */
export async function loadProviderPolicies(
  ctx: OperationContext,
  providerIds: readonly string[],
): Promise<(ResponsePolicy | null)[]> {
  authorize(ctx.viewer, 'policy:read');
  const scope = scopeWithin(ctx.viewer, []);
  const policies = await ctx.db.transaction(scope, async (tx): Promise<StoredPolicy[]> =>
    (await isOfCustomer(tx, ctx.viewer)) ? [] : findProviderPolicies(tx, scope, providerIds),
  );
  const byId = new Map(policies.filter(isSet).map((policy) => [policy.providerId, policy]));
  return providerIds.map((providerId) => byId.get(providerId) ?? null);
}
