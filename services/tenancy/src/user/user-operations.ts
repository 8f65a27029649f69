import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  ForbiddenError,
  joinTransaction,
  newId,
  NotFoundError,
  operatorId,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { Connection, OperationContext, Role, Transaction } from '@vedette/service-kit';
import { changedFields } from '../deed/changed-fields.ts';
import type { AccountableContext, Change, Deed } from '../deed/deed-book.ts';
import { endApprovals } from '../grant/grant-operations.ts';
import { parseEmail, parseName, parseOptional, refuseInput } from '../input.ts';
import { parseClaim } from '../issuer/issuer-input.ts';
import { findIssuer, hasActiveIssuer } from '../issuer/issuer-store.ts';
import { checkVersion } from '../expected-version.ts';
import { getOwned, listOwned } from '../owned-list.ts';
import type { OwnedListArguments } from '../owned-list.ts';
import type { Owned } from '../owner/owner.ts';
import { principalChanged } from '../principal-events.ts';
import { holdOwner, parseOwner } from '../principal/principal-owner.ts';
import type { OwnerInput } from '../principal/principal-owner.ts';
import { requireAdmin } from './admins.ts';
import { kindOfOwner } from '../owner/owner.ts';
import { adminRoles, checkStanding, mayVouch, ownerKindOf, parseUserRole } from './user.ts';
import type { UserRole } from './user.ts';
import { findUser, insertUser, listUsers as listUserRows, saveUser } from './user-store.ts';
import type { UserRow } from './user-store.ts';

const all = { kind: 'OPERATOR' } as const;

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
    requireRoleOf(owner, role);
    const customerHasIssuer = await hasActiveIssuer(tx, owner);
    if (!mayVouch(issuer, { ...owner, role, customerHasIssuer })) {
      const problem = customerHasIssuer
        ? 'is not bound to the customer, which has an issuer of its own'
        : 'is not bound to those whose people the role is for';
      refuseInput('input.issuerId', problem);
    }
    return addUser(tx, ctx, { ...owner, ...person });
  });
}

/** @throws {InvalidInputError} the role is for the people of another kind of owner than was named */
function requireRoleOf(owner: Owned, role: UserRole): void {
  const [named, needed] = [kindOfOwner(owner), ownerKindOf(role)];
  if (named === needed) return;
  if (named === 'OPERATOR' || needed === 'CUSTOMER') {
    const kind = needed.toLowerCase();
    refuseInput(`input.${kind}Id`, `is missing: the role is of a ${kind}`);
  }
  refuseInput('input.role', `is not for the people of ${named.toLowerCase()}s`);
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
  const change = { before: null, after: toFacts(row) };
  await recordUser(tx, ctx, row, [toDeed(row, 'user.invite', change)]);
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
 * @throws {IllegalStateError} somebody locks out themself, or the last administrator of their own owner
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
    // Of a provider the operator may lock out the last one, and invite another.
    const isOwn = before.providerId === (ctx.viewer.providerId ?? operatorId);
    if (isOwn && adminRoles.includes(before.role)) await requireAdmin(tx, before.providerId);
    // The viewer's token may not name a customer yet for which the user may approve.
    await joinTransaction(tx).transaction(all, async () => {
      const grantee = { principalId: userId, providerId: after.providerId };
      const isTechnician = after.role === 'PROVIDER_TECHNICIAN';
      const ended = isTechnician ? [] : await endApprovals(tx, grantee);
      await recordUser(tx, ctx, after, [toDeed(after, 'user.change', change), ...ended]);
    });
    return after;
  });
}

/** @throws {NotFoundError} no such user among the viewer's */
export function getUser(ctx: OperationContext, id: string): Promise<UserRow> {
  return getOwned(ctx, 'user:read', { type: 'User', id }, findUser);
}

/** The user with a principal's id, for references; null for a key, and for whom the viewer does not reach. */
export function loadUser(ctx: OperationContext, principalId: string): Promise<UserRow | null> {
  authorize(ctx.viewer, 'user:read');
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, (tx) => findUser(tx, scope, principalId));
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
  { providerId, customerId, userId, version }: UserRow,
  deeds: readonly Deed[],
): Promise<void> {
  const principal = { providerId, customerId, principalId: userId, version };
  const actor = ctx.viewer.principalId;
  await addToOutbox(tx, [principalChanged(principal, { at: ctx.clock(), actor })]);
  await ctx.deeds.record(tx, ctx, deeds);
}

function toDeed({ providerId, customerId, userId }: UserRow, kind: string, change: Change): Deed {
  return { kind, providerId, customerId, targetType: 'User', targetId: userId, ...change };
}

/** What the ledger tells of a user. */
function toFacts({ issuerId, subject, name, email, role, isActive }: UserRow) {
  return { issuerId, subject, name, email, role: role satisfies UserRole, isActive };
}
