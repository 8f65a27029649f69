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
import type { Connection, OperationContext, PageArguments } from '@vedette/service-kit';
import { emptyProfile } from '../company-profile/company-profile.ts';
import type { Customer } from '../customer/customer.ts';
import { onboardingDeed } from '../customer/customer-operations.ts';
import { insertCustomer } from '../customer/customer-store.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { customerOnboarded, providerOnboarded } from '../events.ts';
import { parseName } from '../input.ts';
import { scopeWithin } from '../scope-within.ts';
import type { Provider } from './provider.ts';
import {
  findProviders,
  insertProvider,
  listProviders as listProviderRows,
} from './provider-store.ts';
import type { ProviderRow } from './provider-store.ts';

/**
 * Takes a provider into the service. Its own estate is a customer like any other, made in the same
 * transaction, so that there is never a provider without one.
 * @throws {ConflictError} another provider has the name
 */
export async function onboardProvider(
  ctx: AccountableContext,
  input: { readonly name: string },
): Promise<ProviderRow> {
  authorize(ctx.viewer, 'provider:create');
  const provider = newProvider(ctx, parseName(input.name));
  const ownEstate = newOwnEstate(provider);
  const { providerId, name, ownEstateId } = provider;
  await ctx.db.transaction(scopeOf(ctx.viewer), async (tx) => {
    await insertProvider(tx, provider);
    await insertCustomer(tx, ownEstate);
    await addToOutbox(tx, [
      providerOnboarded(provider, ctx.viewer.principalId),
      customerOnboarded(ownEstate, ctx.viewer.principalId),
    ]);
    await ctx.deeds.record(tx, ctx, [
      {
        kind: 'provider.onboard',
        ...{ providerId, targetType: 'Provider', targetId: providerId },
        ...{ before: null, after: { name, ownEstateId } },
      },
      onboardingDeed(ownEstate),
    ]);
  });
  return provider;
}

function newProvider(ctx: OperationContext, name: string): Provider {
  const onboardedAt = ctx.clock();
  const id = (): string => newId(onboardedAt.getTime());
  return {
    ...{ providerId: id(), name, ownEstateId: id(), onboardedAt },
    ...{ frozenAt: null, frozenBy: null, freezeReason: null, liftRequestedBy: null, version: 1 },
  };
}

function newOwnEstate({ providerId, name, ownEstateId, onboardedAt }: Provider): Customer {
  return {
    ...{ customerId: ownEstateId, providerId, name, isOwnEstate: true, plan: 'ADVANCED' },
    ...{ externalReference: null, ...emptyProfile, onboardedAt },
    ...{ status: 'ACTIVE', offboardedAt: null, version: 1 },
  };
}

/** Providers by id, for references; what the viewer does not reach is null. */
export async function loadProviders(
  ctx: OperationContext,
  providerIds: readonly string[],
): Promise<(ProviderRow | null)[]> {
  authorize(ctx.viewer, 'provider:read');
  const ids = providerIds.map((id) => parseId('id', id));
  const scope = scopeWithin(ctx.viewer, []);
  const rows = await ctx.db.transaction(scope, (tx) => findProviders(tx, scope, ids));
  const byId = new Map(rows.map((row) => [row.providerId, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** @throws {NotFoundError} no such provider among the viewer's */
export async function getProvider(ctx: OperationContext, id: string): Promise<ProviderRow> {
  const [provider] = await loadProviders(ctx, [id]);
  if (!provider) throw new NotFoundError('Provider', id);
  return provider;
}

export async function listProviders(
  ctx: OperationContext,
  args: PageArguments,
): Promise<Connection<ProviderRow>> {
  const page = toPage(args, ['TEXT', 'ID']);
  authorize(ctx.viewer, 'provider:read');
  const scope = scopeWithin(ctx.viewer, []);
  const rows = await ctx.db.transaction(scope, (tx) => listProviderRows(tx, scope, page));
  return toConnection(rows, page, (row) => [row.name, row.providerId]);
}
