import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  ForbiddenError,
  newId,
  NotFoundError,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { Connection, OperationContext, Role, Transaction } from '@vedette/service-kit';
import { changedFields } from '../deed/changed-fields.ts';
import type { AccountableContext, Change } from '../deed/deed-book.ts';
import { endApprovals } from '../grant/grant-store.ts';
import { parseEmail, parseName, parseOptional, refuseInput } from '../input.ts';
import { parseClaim } from '../issuer/issuer-input.ts';
import { findIssuer } from '../issuer/issuer-store.ts';
import { checkVersion } from '../expected-version.ts';
import { listOwned } from '../owned-list.ts';
import type { OwnedListArguments } from '../owned-list.ts';
import type { Owned } from '../owner/owner.ts';
import { principalChanged } from '../principal-events.ts';
import { holdOwner, parseOwner } from '../principal/principal-owner.ts';
import type { OwnerInput } from '../principal/principal-owner.ts';
import { holdOperatorAdmins, requireOperatorAdmin } from './operator-admins.ts';
import { kindOfOwner } from '../owner/owner.ts';
import { checkStanding, mayVouch, ownerKindOf, parseUserRole } from './user.ts';
import type { UserRole } from './user.ts';
import { findUser, insertUser, listUsers as listUserRows, saveUser } from './user-store.ts';
import type { UserRow } from './user-store.ts';

export interface InviteUserInput extends OwnerInput {
  readonly issuerId: string;
  readonly subject: string;
  readonly name: string;
  readonly email?: string | null;
  readonly role: Role;
}

/**
 * Lets an issuer's subject sign in.
 * @throws {NotFoundError} the viewer does not reach the issuer, the provider or the customer
 * @throws {InvalidInputError} the issuer's word does not count for such a user
 * @throws {ConflictError} the subject was invited already
 */
export async function inviteUser(
  ctx: AccountableContext,
  input: InviteUserInput,
): Promise<UserRow> {
  const issuerId = parseId('input.issuerId', input.issuerId);
  const given = parseOwner(input);
  authorize(ctx.viewer, 'user:write', given.customerId ? { customerId: given.customerId } : {});
  const scope = scopeOf(ctx.viewer);
  const role = parseUserRole(input.role);
  if (ownerKindOf(role) === 'OPERATOR' && scope.kind !== 'OPERATOR') {
    throw new ForbiddenError('user:write');
  }
  const person = {
    issuerId,
    role,
    subject: parseClaim('input.subject', input.subject),
    name: parseName(input.name),
    email: parseOptional('input.email', input.email, parseEmail),
  };
  return ctx.db.transaction(scope, async (tx) => {
    const issuer = await findIssuer(tx, scope, issuerId);
    if (!issuer) throw new NotFoundError('Issuer', issuerId);
    const owner = await holdOwner(tx, scope, given);
    if (kindOfOwner(owner) !== ownerKindOf(role)) {
      refuseInput('input.role', `is not for the people of ${kindOfOwner(owner).toLowerCase()}s`);
    }
    if (!mayVouch(issuer, { ...owner, role })) {
      refuseInput('input.issuerId', 'is not bound to those whose people the role is for');
    }
    return addUser(tx, ctx, { ...owner, ...person });
  });
}

/** Adds a user with event and deed, in a transaction that sees the owner. */
export async function addUser(
  tx: Transaction,
  ctx: AccountableContext,
  person: Owned & Pick<UserRow, 'issuerId' | 'role' | 'subject' | 'name' | 'email'>,
): Promise<UserRow> {
  const now = ctx.clock();
  const row: UserRow = {
    ...{ userId: newId(now.getTime()), ...person },
    ...{ isActive: true, invitedAt: now, version: 1 },
  };
  await insertUser(tx, row);
  await recordUser(tx, ctx, row, 'user.invite', { before: null, after: toFacts(row) });
  return row;
}

export interface UpdateUserInput {
  readonly userId: string;
  readonly expectedVersion: number;
  readonly name?: string | null;
  readonly email?: string | null;
  readonly role?: Role | null;
  readonly isActive?: boolean | null;
}

/**
 * Changes a user. Who is no technician any more approves nothing any more, also when made one again.
 * @throws {NotFoundError} no such user among the viewer's
 * @throws {ConflictError} somebody else changed it in between
 * @throws {IllegalStateError} somebody locks out themself, or the operator's last administrator
 */
export async function updateUser(
  ctx: AccountableContext,
  input: UpdateUserInput,
): Promise<UserRow> {
  const userId = parseId('input.userId', input.userId);
  authorize(ctx.viewer, 'user:write');
  const role = input.role ? parseUserRole(input.role) : null;
  const name = parseOptional('input.name', input.name, (path, text) => parseName(text, path));
  const email = parseOptional('input.email', input.email, parseEmail);
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    if (scope.kind === 'OPERATOR') await holdOperatorAdmins(tx);
    const before = await findUser(tx, scope, userId, 'FOR_UPDATE');
    if (!before) throw new NotFoundError('User', userId);
    checkVersion(before, input.expectedVersion);
    const changed: UserRow = {
      ...before,
      name: name ?? before.name,
      email: input.email === undefined ? before.email : email,
      role: role ?? before.role,
      isActive: input.isActive ?? before.isActive,
    };
    checkStanding(ctx.viewer.principalId, before, changed);
    const change = changedFields(toFacts(before), toFacts(changed));
    if (Object.keys(change.after ?? {}).length === 0) return before;
    const after: UserRow = { ...changed, version: before.version + 1 };
    await saveUser(tx, after);
    if (after.role !== 'PROVIDER_TECHNICIAN') await endApprovals(tx, userId);
    if (before.role === 'OPERATOR_ADMIN') await requireOperatorAdmin(tx);
    await recordUser(tx, ctx, after, 'user.change', change);
    return after;
  });
}

/** People of the viewer's provider and customers, or all of them, newest first. */
export function listUsers(
  ctx: OperationContext,
  args: OwnedListArguments,
): Promise<Connection<UserRow>> {
  return listOwned(ctx, 'user:read', args, listUserRows, ({ userId }) => userId);
}

async function recordUser(
  tx: Transaction,
  ctx: AccountableContext,
  user: UserRow,
  kind: string,
  change: Change,
): Promise<void> {
  const { providerId, customerId, userId, version } = user;
  const principal = { providerId, customerId, principalId: userId, version };
  const actor = ctx.viewer.principalId;
  await addToOutbox(tx, [principalChanged(principal, { at: ctx.clock(), actor })]);
  await ctx.deeds.record(tx, ctx, [
    { kind, providerId, customerId, targetType: 'User', targetId: userId, ...change },
  ]);
}

/** What the ledger tells of a user. */
function toFacts({ issuerId, subject, name, email, role, isActive }: UserRow) {
  return { issuerId, subject, name, email, role: role satisfies UserRole, isActive };
}
