import {
  authorize,
  IllegalStateError,
  newId,
  NotFoundError,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { OperationContext, Transaction } from '@vedette/service-kit';
import { requireServed } from '../customer/customer.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { parseText } from '../input.ts';
import { lockPolicy } from '../response-policy/policy-version-store.ts';
import { republishPolicies } from '../response-policy/republish-policies.ts';
import { scopeWithin } from '../scope-within.ts';
import { parseMandate } from './mandate-input.ts';
import type { MandateInput } from './mandate-input.ts';
import { findMandate, insertMandate, listMandates, saveRevocation } from './mandate-store.ts';
import type { Mandate } from './mandate.ts';

export interface RecordMandateInput {
  readonly customerId: string;
  readonly mandate: MandateInput;
}

/**
 * Records a customer's authorisation, which replaces the one before from its first day on, and tells
 * what we may do from now on where that changed.
 * @throws {NotFoundError} no such customer among the viewer's
 */
export async function recordMandate(
  ctx: AccountableContext,
  input: RecordMandateInput,
): Promise<Mandate> {
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'mandate:write', { customerId });
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const customer = await lockPolicy(tx, scope, customerId);
    requireServed(customer, 'record a mandate');
    const mandate = await addMandate(tx, ctx, customer, input.mandate);
    await republishPolicies(tx, ctx, [customerId]);
    return mandate;
  });
}

/** Each is read again whenever the customer's policy is worked out. */
const maxMandates = 1_000;

/**
 * Adds a mandate to a customer that the caller has locked or just made, with its deed. The caller
 * publishes what follows by `republishPolicies`.
 * @throws {InvalidInputError} problems name fields under `path`
 */
export async function addMandate(
  tx: Transaction,
  ctx: AccountableContext,
  customer: { readonly customerId: string; readonly providerId: string },
  input: MandateInput,
  path = 'input.mandate',
): Promise<Mandate> {
  const now = ctx.clock();
  const content = parseMandate(path, input, now);
  const scope = { kind: 'CUSTOMERS', customerIds: [customer.customerId] } as const;
  const recorded = (await listMandates(tx, scope, [customer.customerId])).get(customer.customerId);
  const number = (recorded?.[0]?.number ?? 0) + 1;
  if (number > maxMandates) {
    throw new IllegalStateError(`A customer has at most ${maxMandates} mandates.`, {
      state: `${recorded?.length ?? 0} mandates`,
      attempted: 'record another',
    });
  }
  const mandate: Mandate = {
    ...content,
    mandateId: newId(now.getTime()),
    customerId: customer.customerId,
    number,
    recordedAt: now,
    recordedBy: ctx.viewer.principalId,
    revokedAt: null,
  };
  await insertMandate(tx, mandate);
  await ctx.deeds.record(tx, ctx, [
    {
      kind: 'mandate.record',
      providerId: customer.providerId,
      customerId: customer.customerId,
      targetType: 'Mandate',
      targetId: mandate.mandateId,
      before: null,
      after: content,
    },
  ]);
  return mandate;
}

export interface RevokeMandateInput {
  readonly mandateId: string;
  readonly reason: string;
}

const maxReasonLength = 1_000;

/**
 * Ends a mandate at once; until another is recorded the mode is NOTIFY. Safe to repeat.
 * @throws {NotFoundError} no such mandate among those of the viewer's customers
 */
export async function revokeMandate(
  ctx: AccountableContext,
  input: RevokeMandateInput,
): Promise<Mandate> {
  const mandateId = parseId('input.mandateId', input.mandateId);
  authorize(ctx.viewer, 'mandate:write');
  const reason = parseText('input.reason', input.reason, maxReasonLength);
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const found = await findMandate(tx, scope, mandateId);
    if (!found) throw new NotFoundError('Mandate', mandateId);
    const customer = await lockPolicy(tx, scope, found.customerId);
    // Only now nobody else revokes it.
    const before = await findMandate(tx, scope, mandateId);
    if (!before) throw new NotFoundError('Mandate', mandateId);
    if (before.revokedAt !== null) return before;
    const after: Mandate = { ...before, revokedAt: ctx.clock() };
    await saveRevocation(tx, after);
    await ctx.deeds.record(tx, ctx, [
      {
        kind: 'mandate.revoke',
        providerId: customer.providerId,
        customerId: customer.customerId,
        targetType: 'Mandate',
        targetId: mandateId,
        before: { revokedAt: null },
        after: { revokedAt: after.revokedAt, reason },
      },
    ]);
    await republishPolicies(tx, ctx, [customer.customerId]);
    return after;
  });
}

/** All mandates of customers, newest first, for references. */
export async function loadMandates(
  ctx: OperationContext,
  customerIds: readonly string[],
): Promise<(readonly Mandate[])[]> {
  authorize(ctx.viewer, 'mandate:read');
  const scope = scopeWithin(ctx.viewer, customerIds);
  const mandates = await ctx.db.transaction(scope, (tx) => listMandates(tx, scope, customerIds));
  return customerIds.map((customerId) => mandates.get(customerId) ?? []);
}
