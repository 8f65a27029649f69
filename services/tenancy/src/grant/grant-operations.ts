import { addToOutbox } from '@vedette/event-bus';
import { authorize, NotFoundError, parseId, scopeOf } from '@vedette/service-kit';
import type { OperationContext, TenantScope, Transaction } from '@vedette/service-kit';
import { requireServed } from '../customer/customer.ts';
import type { AccountableContext, Deed } from '../deed/deed-book.ts';
import { principalChanged } from '../principal-events.ts';
import { holdCustomer } from '../principal/principal-owner.ts';
import type { HeldCustomer } from '../principal/principal-owner.ts';
import { lockPrincipal, raiseVersions } from '../principal/principal-store.ts';
import { checkGrant } from './grant.ts';
import type { Grantee } from './grant.ts';
import {
  deleteGrant,
  deleteGrantsOf,
  endApprovalsOf,
  findGrant,
  listGrants,
  saveGrants,
} from './grant-store.ts';
import type { GrantRow } from './grant-store.ts';

export interface GrantCustomerInput {
  readonly principalId: string;
  readonly customerId: string;
  readonly canApprove?: boolean | null;
}

/**
 * Lets a user or key of a provider reach one of the provider's customers. Repeating it changes
 * whether a technician may answer for the customer.
 * @throws {NotFoundError} no such principal or customer among the viewer's, or not of one provider
 */
export async function grantCustomer(
  ctx: AccountableContext,
  input: GrantCustomerInput,
): Promise<GrantRow> {
  const canApprove = input.canApprove ?? false;
  return changeGrant(ctx, input, async (tx, { grantee, customer, before }) => {
    checkGrant(grantee, canApprove);
    requireServed(customer, 'GRANT');
    if (before?.canApprove === canApprove) return before;
    const { principalId } = grantee;
    const { customerId } = customer;
    const grantedAt = before?.grantedAt ?? ctx.clock();
    const after: GrantRow = { customerId, principalId, canApprove, grantedAt };
    await saveGrants(tx, [after]);
    await recordGrants(tx, ctx, [toDeed(customer, grantee, { before, after })]);
    return after;
  });
}

/**
 * Takes a grant away. Safe to repeat.
 * @throws {NotFoundError} no such principal or customer among the viewer's, or not of one provider
 */
export async function revokeGrant(
  ctx: AccountableContext,
  input: { readonly principalId: string; readonly customerId: string },
): Promise<{ readonly principalId: string }> {
  return changeGrant(ctx, input, async (tx, { grantee, customer, before }) => {
    if (before) {
      await deleteGrant(tx, before);
      await recordGrants(tx, ctx, [toDeed(customer, grantee, { before, after: null })]);
    }
    return { principalId: grantee.principalId };
  });
}

/** Grants shown of one principal at most. */
const maxShownGrants = 1_000;

/** Grants of users and keys, for references; of each those that the viewer reaches. */
export async function loadGrants(
  ctx: OperationContext,
  principalIds: readonly string[],
): Promise<GrantRow[][]> {
  authorize(ctx.viewer, 'user:read');
  const scope = scopeOf(ctx.viewer);
  const rows = await ctx.db.transaction(scope, (tx) =>
    listGrants(tx, scope, principalIds, maxShownGrants),
  );
  const byPrincipal = Map.groupBy(rows, ({ principalId }) => principalId);
  return principalIds.map((principalId) => byPrincipal.get(principalId) ?? []);
}

/**
 * Takes away every grant of a customer that its provider no longer looks after, so that whoever had
 * one is asked for again. The transaction must see the whole provider.
 */
export async function dropGrants(
  tx: Transaction,
  ctx: AccountableContext,
  customer: LeavingCustomer,
): Promise<void> {
  const grants = await deleteGrantsOf(tx, customer.customerId);
  if (grants.length === 0) return;
  const deeds = grants.map((before) =>
    toDeed(customer, { principalId: before.principalId }, { before, after: null }),
  );
  await recordGrants(tx, ctx, deeds);
}

/**
 * Ends that a technician may answer for any customer, and answers the deeds, which the caller records
 * with its own. The transaction must see the whole provider, and hold the technician.
 */
export async function endApprovals(
  tx: Transaction,
  { principalId, providerId }: Pick<Grantee, 'principalId' | 'providerId'>,
): Promise<readonly Deed[]> {
  const grants = await endApprovalsOf(tx, principalId);
  return grants.map((after) =>
    toDeed({ customerId: after.customerId, providerId }, after, {
      ...{ before: { ...after, canApprove: true }, after },
    }),
  );
}

/** A customer with the provider that it leaves, or has. */
export type LeavingCustomer = Pick<HeldCustomer, 'customerId' | 'providerId'>;

/** The customer is held before the principal, as when it moves: otherwise the two could block each other. */
async function changeGrant<Result>(
  ctx: AccountableContext,
  input: { readonly principalId: string; readonly customerId: string },
  change: (
    tx: Transaction,
    at: {
      readonly grantee: Grantee;
      readonly customer: HeldCustomer;
      readonly before: GrantRow | null;
    },
  ) => Promise<Result>,
): Promise<Result> {
  const principalId = parseId('input.principalId', input.principalId);
  const customerId = parseId('input.customerId', input.customerId);
  authorize(ctx.viewer, 'user:write', { customerId });
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const customer = await holdCustomer(tx, scope, customerId);
    const grantee = await getGrantee(tx, scope, principalId, customer);
    const before = await findGrant(tx, scope, principalId, customerId);
    return change(tx, { grantee, customer, before });
  });
}

async function getGrantee(
  tx: Transaction,
  scope: TenantScope,
  principalId: string,
  { providerId }: HeldCustomer,
): Promise<Grantee> {
  const grantee = await lockPrincipal(tx, scope, principalId);
  if (grantee?.providerId !== providerId) throw new NotFoundError('Principal', principalId);
  return grantee;
}

/** Raises the versions of the principals that grants are of; each tells of itself once. */
async function recordGrants(
  tx: Transaction,
  ctx: AccountableContext,
  deeds: readonly Deed[],
): Promise<void> {
  const principalIds = [...new Set(deeds.map(({ targetId }) => targetId))];
  const change = { at: ctx.clock(), actor: ctx.viewer.principalId };
  const changed = await raiseVersions(tx, principalIds);
  await addToOutbox(
    tx,
    changed.map((principal) => principalChanged(principal, change)),
  );
  await ctx.deeds.record(tx, ctx, deeds);
}

function toDeed(
  { customerId, providerId }: LeavingCustomer,
  { principalId }: Pick<Grantee, 'principalId'>,
  { before, after }: { readonly before: GrantRow | null; readonly after: GrantRow | null },
): Deed {
  return {
    kind: after ? 'grant.set' : 'grant.revoke',
    ...{ providerId, customerId, targetType: 'Principal', targetId: principalId },
    before: before && toFacts(before),
    after: after && toFacts(after),
  };
}

/** What the ledger tells of a grant. */
function toFacts({ canApprove, grantedAt }: GrantRow) {
  return { canApprove, grantedAt };
}
