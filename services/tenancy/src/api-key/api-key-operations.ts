import { addToOutbox } from '@vedette/event-bus';
import {
  authorize,
  createMachineKey,
  digestMachineKey,
  IllegalStateError,
  newId,
  NotFoundError,
  parseId,
  scopeOf,
} from '@vedette/service-kit';
import type { Connection, MachineKey, OperationContext, Transaction } from '@vedette/service-kit';
import { requireServed } from '../customer/customer.ts';
import type { AccountableContext, Change, Deed } from '../deed/deed-book.ts';
import { saveGrants } from '../grant/grant-store.ts';
import { parseList, parseName, refuseInput } from '../input.ts';
import { getOwned, listOwned } from '../owned-list.ts';
import type { OwnedListArguments } from '../owned-list.ts';
import type { Owned } from '../owner/owner.ts';
import { principalChanged } from '../principal-events.ts';
import { holdCustomers, holdOwner, parseOwner } from '../principal/principal-owner.ts';
import type { OwnerInput } from '../principal/principal-owner.ts';
import { overlapEnd, parseExpiry, parseScopes } from './api-key-input.ts';
import {
  countLiveKeys,
  deleteSecrets,
  endSecrets,
  findApiKey,
  insertApiKey,
  insertSecret,
  listApiKeys as listApiKeyRows,
  saveApiKey,
} from './api-key-store.ts';
import type { ApiKeyRow } from './api-key-store.ts';

/** A key's record with the key itself, which is nowhere else. */
export interface NewSecret {
  readonly apiKey: ApiKeyRow;
  readonly secret: string;
}

export interface CreateApiKeyInput extends OwnerInput {
  readonly name: string;
  readonly scopes?: readonly string[] | null;
  readonly customerIds?: readonly string[] | null;
  readonly reachesAllCustomers?: boolean | null;
  readonly expiresAt?: Date | null;
}

const maxCustomers = 1_000;
/** Keys of one owner that work; those that were revoked or have ended do not count. */
const maxLiveKeys = 100;

/**
 * Makes a key for an integration of a provider or a customer.
 * @throws {NotFoundError} the viewer does not reach the owner, or the provider not a customer
 * @throws {IllegalStateError} the owner has as many keys as it can have
 */
export async function createApiKey(
  ctx: AccountableContext,
  input: CreateApiKeyInput,
): Promise<NewSecret> {
  const given = parseOwner(input);
  const customerIds = parseCustomerIds(input);
  authorize(ctx.viewer, 'api-key:write', given.customerId ? { customerId: given.customerId } : {});
  if (!given.providerId && !given.customerId) {
    refuseInput('input.providerId', 'is missing: give it or customerId');
  }
  const now = ctx.clock();
  const described = {
    name: parseName(input.name),
    scopes: parseScopes(input.scopes),
    reachesAllCustomers: input.reachesAllCustomers ?? false,
    expiresAt: parseExpiry(input.expiresAt, now),
  };
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const owner = await holdOwner(tx, scope, given);
    const granted = await holdCustomers(tx, scope, customerIds);
    for (const customer of granted) requireServed(customer, 'GRANT');
    const foreign = granted.find(({ providerId }) => providerId !== owner.providerId);
    if (foreign) throw new NotFoundError('Customer', foreign.customerId);
    await requireRoom(tx, owner, now);
    const apiKey: ApiKeyRow = {
      ...{ apiKeyId: newId(now.getTime()), ...owner, ...described },
      ...{ createdAt: now, createdBy: ctx.viewer.principalId },
      ...{ revokedAt: null, lastUsedAt: null, version: 1 },
    };
    await insertApiKey(tx, apiKey);
    const secret = await addSecret(tx, apiKey, now);
    await addGrants(tx, apiKey, customerIds);
    await record(tx, ctx, apiKey, [
      toDeed(apiKey, 'api-key.create', { before: null, after: { ...described, customerIds } }),
      ...customerIds.map((customerId) => toGrantDeed(apiKey, customerId)),
    ]);
    return { apiKey, secret: secret.text };
  });
}

/**
 * Makes a new secret for a key. The one before works on until the overlap ends, any older one no
 * longer: there are never more than two.
 * @throws {NotFoundError} no such key among the viewer's
 * @throws {IllegalStateError} the key is revoked or has expired
 */
export async function rotateApiKey(
  ctx: AccountableContext,
  input: { readonly apiKeyId: string; readonly overlapHours?: number | null },
): Promise<NewSecret> {
  return changeApiKey(ctx, input.apiKeyId, async (tx, before) => {
    const now = ctx.clock();
    const oldSecretUntil = overlapEnd(input.overlapHours, now, before.expiresAt);
    if (before.revokedAt !== null || before.expiresAt <= now) {
      throw new IllegalStateError('The key has ended.', {
        state: before.revokedAt === null ? 'EXPIRED' : 'REVOKED',
        attempted: 'ROTATE',
      });
    }
    const apiKey = { ...before, version: before.version + 1 };
    await saveApiKey(tx, apiKey);
    await endSecrets(tx, apiKey.apiKeyId, oldSecretUntil);
    const secret = await addSecret(tx, apiKey, now);
    const after = { publicId: secret.publicId, oldSecretUntil };
    await record(tx, ctx, apiKey, [toDeed(apiKey, 'api-key.rotate', { before: null, after })]);
    return { apiKey, secret: secret.text };
  });
}

/**
 * Ends a key at once. Safe to repeat.
 * @throws {NotFoundError} no such key among the viewer's
 */
export async function revokeApiKey(
  ctx: AccountableContext,
  input: { readonly apiKeyId: string },
): Promise<ApiKeyRow> {
  return changeApiKey(ctx, input.apiKeyId, async (tx, before) => {
    if (before.revokedAt !== null) return before;
    const apiKey = { ...before, revokedAt: ctx.clock(), version: before.version + 1 };
    await saveApiKey(tx, apiKey);
    await deleteSecrets(tx, apiKey.apiKeyId);
    const change = { before: { revokedAt: null }, after: { revokedAt: apiKey.revokedAt } };
    await record(tx, ctx, apiKey, [toDeed(apiKey, 'api-key.revoke', change)]);
    return apiKey;
  });
}

/** @throws {NotFoundError} no such key among the viewer's */
export function getApiKey(ctx: OperationContext, id: string): Promise<ApiKeyRow> {
  return getOwned(ctx, 'api-key:read', { type: 'ApiKey', id }, findApiKey);
}

/** Keys of the viewer's provider and customers, or all of them, newest first. */
export function listApiKeys(
  ctx: OperationContext,
  args: OwnedListArguments,
): Promise<Connection<ApiKeyRow>> {
  return listOwned(ctx, 'api-key:read', args, listApiKeyRows, ({ apiKeyId }) => apiKeyId);
}

function parseCustomerIds(input: CreateApiKeyInput): readonly string[] {
  const ids = parseList('input.customerIds', input.customerIds, maxCustomers, parseId);
  if (input.customerId && (ids.length > 0 || input.reachesAllCustomers)) {
    refuseInput(
      'input.customerIds',
      "is given for a customer's key, which reaches its own customer",
    );
  }
  if (ids.length > 0 && input.reachesAllCustomers) {
    refuseInput('input.customerIds', 'is given together with reachesAllCustomers');
  }
  return [...new Set(ids)];
}

async function requireRoom(tx: Transaction, owner: Owned, now: Date): Promise<void> {
  if ((await countLiveKeys(tx, owner, now)) < maxLiveKeys) return;
  throw new IllegalStateError(`There are ${maxLiveKeys} keys already: revoke one first.`, {
    ...{ state: 'FULL', attempted: 'CREATE' },
  });
}

async function changeApiKey<Result>(
  ctx: AccountableContext,
  id: string,
  change: (tx: Transaction, before: ApiKeyRow) => Promise<Result>,
): Promise<Result> {
  const apiKeyId = parseId('input.apiKeyId', id);
  authorize(ctx.viewer, 'api-key:write');
  const scope = scopeOf(ctx.viewer);
  return ctx.db.transaction(scope, async (tx) => {
    const before = await findApiKey(tx, scope, apiKeyId, 'FOR_UPDATE');
    if (!before) throw new NotFoundError('ApiKey', apiKeyId);
    return change(tx, before);
  });
}

async function addSecret(tx: Transaction, apiKey: ApiKeyRow, now: Date): Promise<MachineKey> {
  const key = createMachineKey('vak');
  const { apiKeyId, providerId, customerId, expiresAt } = apiKey;
  const { publicId } = key;
  const sha256 = digestMachineKey(key);
  const owned = { publicId, apiKeyId, providerId, customerId };
  await insertSecret(tx, { ...owned, sha256, createdAt: now, expiresAt });
  return key;
}

async function addGrants(
  tx: Transaction,
  { apiKeyId, createdAt }: ApiKeyRow,
  customerIds: readonly string[],
): Promise<void> {
  if (customerIds.length === 0) return;
  const granted = { principalId: apiKeyId, canApprove: false, grantedAt: createdAt };
  await saveGrants(
    tx,
    customerIds.map((customerId) => ({ customerId, ...granted })),
  );
}

async function record(
  tx: Transaction,
  ctx: AccountableContext,
  { apiKeyId, providerId, customerId, version }: ApiKeyRow,
  deeds: readonly Deed[],
): Promise<void> {
  const principal = { principalId: apiKeyId, providerId, customerId, version };
  const change = { at: ctx.clock(), actor: ctx.viewer.principalId };
  await addToOutbox(tx, [principalChanged(principal, change)]);
  await ctx.deeds.record(tx, ctx, deeds);
}

function toDeed({ apiKeyId, ...owned }: ApiKeyRow & Owned, kind: string, change: Change): Deed {
  const { providerId, customerId } = owned;
  return { kind, providerId, customerId, targetType: 'ApiKey', targetId: apiKeyId, ...change };
}

/** The customer's own ledger tells of a new key that reaches it. */
function toGrantDeed({ apiKeyId, providerId }: ApiKeyRow, customerId: string): Deed {
  const target = { targetType: 'Principal', targetId: apiKeyId };
  return {
    ...{ kind: 'grant.set', providerId, customerId, ...target },
    ...{ before: null, after: { canApprove: false } },
  };
}
