import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  IllegalStateError,
  newId,
  NotFoundError,
  operatorId,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { Connection, OperationContext, Transaction } from '@vedette/service-kit';
import { changedFields } from '../deed/changed-fields.ts';
import type { AccountableContext, Change } from '../deed/deed-book.ts';
import { checkVersion } from '../expected-version.ts';
import { listOwned } from '../owned-list.ts';
import type { OwnedListArguments } from '../owned-list.ts';
import type { Owned } from '../owner/owner.ts';
import { issuerChanged } from '../principal-events.ts';
import { holdOwner, parseOwner } from '../principal/principal-owner.ts';
import type { OwnerInput } from '../principal/principal-owner.ts';
import { requireAdmin } from '../user/admins.ts';
import { findUser } from '../user/user-store.ts';
import { kindOfOwner } from '../owner/owner.ts';
import { newTokenRules, parseIssuer, toTokenRules } from './issuer-input.ts';
import type { TokenRules, TokenRulesInput } from './issuer-input.ts';
import {
  findIssuer,
  insertIssuer,
  listIssuers as listIssuerRows,
  saveIssuer,
} from './issuer-store.ts';
import type { IssuerRow } from './issuer-store.ts';

export interface IssuerContext extends AccountableContext {
  /** Whether `http` on the loopback is as good as https: in a local stack only. */
  readonly allowsLoopbackIssuers: boolean;
}

export interface RegisterIssuerInput extends OwnerInput, TokenRulesInput {
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly audience: string;
}

/**
 * Registers an OpenID provider for the operator, a provider or a customer.
 * @throws {NotFoundError} no such provider or customer
 * @throws {ConflictError} the issuer is registered already, whoever it is bound to
 */
export async function registerIssuer(
  ctx: IssuerContext,
  input: RegisterIssuerInput,
): Promise<IssuerRow> {
  const given = parseOwner(input);
  authorize(ctx.viewer, 'issuer:write');
  const options = { allowsLoopback: ctx.allowsLoopbackIssuers };
  const issuer = parseIssuer('input.issuer', input.issuer, options);
  const rules = toTokenRules(input, newTokenRules, options);
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const owner = await holdOwner(tx, scope, given);
    return addIssuer(tx, ctx, { ...owner, issuer, rules });
  });
}

/** Adds an issuer with its event and deed, in a transaction that sees its owner. */
export async function addIssuer(
  tx: Transaction,
  ctx: AccountableContext,
  { rules, ...bound }: Owned & { readonly issuer: string; readonly rules: TokenRules },
): Promise<IssuerRow> {
  const now = ctx.clock();
  const row: IssuerRow = {
    ...{ issuerId: newId(now.getTime()), ...bound, ...rules },
    ...{ isActive: true, registeredAt: now, version: 1 },
  };
  await insertIssuer(tx, row);
  await recordIssuer(tx, ctx, row, 'issuer.register', { before: null, after: toFacts(row) });
  return row;
}

export interface UpdateIssuerInput extends TokenRulesInput {
  readonly issuerId: string;
  readonly expectedVersion: number;
  readonly isActive?: boolean | null;
}

/**
 * Changes how an issuer's tokens are checked, or whether they are believed at all.
 * @throws {NotFoundError} no such issuer
 * @throws {ConflictError} somebody else changed it in between
 * @throws {IllegalStateError} nobody would be left who administers, or it lets in the viewer and might no
 * longer: an `aud` with a wrong letter locks out whoever could correct it
 */
export async function updateIssuer(
  ctx: IssuerContext,
  input: UpdateIssuerInput,
): Promise<IssuerRow> {
  const issuerId = parseId('input.issuerId', input.issuerId);
  authorize(ctx.viewer, 'issuer:write');
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const before = await findIssuer(tx, scope, issuerId, 'FOR_UPDATE');
    if (!before) throw new NotFoundError('Issuer', issuerId);
    checkVersion(before, input.expectedVersion);
    const changed = {
      ...before,
      ...toTokenRules(input, before, { allowsLoopback: ctx.allowsLoopbackIssuers }),
      isActive: input.isActive ?? before.isActive,
    };
    if (mayLockOut(before, changed)) {
      const self = await findUser(tx, scope, ctx.viewer.principalId);
      if (self?.issuerId === issuerId) {
        const how =
          "the operator's first one by its settings, another by somebody who does not need it";
        throw new IllegalStateError(
          `You sign in by it, and this could lock you out. Change ${how}.`,
          {
            ...{ state: 'OWN', attempted: 'CHANGE' },
          },
        );
      }
    }
    const after = await changeIssuer(tx, ctx, before, changed);
    if (after !== before && kindOfOwner(after) === 'OPERATOR') await requireAdmin(tx, operatorId);
    return after;
  });
}

/** Keeps a change of an issuer with its event and deed; none where nothing differs. */
export async function changeIssuer(
  tx: Transaction,
  ctx: AccountableContext,
  before: IssuerRow,
  changed: IssuerRow,
): Promise<IssuerRow> {
  const change = changedFields(toFacts(before), toFacts(changed));
  if (Object.keys(change.after ?? {}).length === 0) return before;
  const after: IssuerRow = { ...changed, version: before.version + 1 };
  await saveIssuer(tx, after);
  await recordIssuer(tx, ctx, after, 'issuer.change', change);
  return after;
}

/** Whether tokens that were believed might no longer be. */
function mayLockOut(before: IssuerRow, after: IssuerRow): boolean {
  return (
    !after.isActive ||
    before.jwksUrl !== after.jwksUrl ||
    before.audience !== after.audience ||
    before.algorithms.some((algorithm) => !after.algorithms.includes(algorithm))
  );
}

/** Issuers of the viewer's provider and customers, or all of them, newest first. */
export function listIssuers(
  ctx: OperationContext,
  args: OwnedListArguments,
): Promise<Connection<IssuerRow>> {
  return listOwned(ctx, 'issuer:read', args, listIssuerRows, ({ issuerId }) => issuerId);
}

async function recordIssuer(
  tx: Transaction,
  ctx: AccountableContext,
  issuer: IssuerRow,
  kind: string,
  change: Change,
): Promise<void> {
  const { providerId, customerId, issuerId } = issuer;
  const actor = ctx.viewer.principalId;
  await addToOutbox(tx, [issuerChanged(issuer, { at: ctx.clock(), actor })]);
  await ctx.deeds.record(tx, ctx, [
    { kind, providerId, customerId, targetType: 'Issuer', targetId: issuerId, ...change },
  ]);
}

/** What the ledger tells of an issuer. */
function toFacts(row: IssuerRow) {
  const { issuer, jwksUrl, audience, algorithms, mfaAcrValues, isActive } = row;
  return { issuer, jwksUrl, audience, algorithms, mfaAcrValues, isActive };
}
