import { addToOutbox } from '@vedette/event-bus';
import type { OutboxEvent } from '@vedette/event-bus';
import { authorize, NotFoundError, parseId, scopeOf } from '@vedette/service-kit';
import { changedFields } from '../deed/changed-fields.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { providerFrozen, providerUnfrozen } from '../events.ts';
import type { Doing } from '../events.ts';
import { parseText } from '../input.ts';
import { freeze, liftFreeze } from './provider.ts';
import type { Freezable, Provider } from './provider.ts';
import { lockProvider, updateProvider } from './provider-store.ts';

const maxReasonLength = 1_000;

/**
 * Makes a provider's people, keys and integrations read-only. Safe to repeat; while somebody wants to
 * lift the freeze, it forgets that they do.
 * @throws {NotFoundError} no such provider
 */
export async function freezeProvider(
  ctx: AccountableContext,
  input: { readonly providerId: string; readonly reason: string },
): Promise<Provider> {
  const providerId = parseId('input.providerId', input.providerId);
  authorize(ctx.viewer, 'provider:freeze');
  const reason = parseText('input.reason', input.reason, maxReasonLength);
  return changeFreeze(ctx, providerId, (provider, { at, actor }) =>
    freeze(provider, { by: actor, at, reason }),
  );
}

/**
 * Lifts a freeze, by two people of the operator: the first asks, another one lifts.
 * @throws {NotFoundError} no such provider
 * @throws {IllegalStateError} it is not frozen
 */
export async function liftProviderFreeze(
  ctx: AccountableContext,
  input: { readonly providerId: string },
): Promise<Provider> {
  const providerId = parseId('input.providerId', input.providerId);
  authorize(ctx.viewer, 'provider:unfreeze');
  return changeFreeze(ctx, providerId, (provider, { actor }) => liftFreeze(provider, actor));
}

async function changeFreeze(
  ctx: AccountableContext,
  providerId: string,
  change: (provider: Provider, doing: Doing) => Provider,
): Promise<Provider> {
  const scope = scopeOf(ctx.viewer);
  const doing = { at: ctx.clock(), actor: ctx.viewer.principalId };
  return ctx.db.transaction(scope, async (tx) => {
    const before = await lockProvider(tx, scope, providerId, 'CHANGE');
    if (!before) throw new NotFoundError('Provider', providerId);
    const after = change(before, doing);
    if (after === before) return before;
    await updateProvider(tx, after);
    await addToOutbox(tx, toEvents(before, after, doing));
    await ctx.deeds.record(tx, ctx, [
      {
        kind: kindOf(after),
        ...{ providerId, targetType: 'Provider', targetId: providerId },
        ...changedFields(factsOf(before), factsOf(after)),
      },
    ]);
    return after;
  });
}

/** Asking to lift a freeze changes nothing for anybody else. */
function toEvents(before: Provider, after: Provider, doing: Doing): OutboxEvent[] {
  if (after.version === before.version) return [];
  return [after.frozenAt ? providerFrozen(after, doing) : providerUnfrozen(after, doing)];
}

function kindOf({ frozenAt, liftRequestedBy }: Freezable): string {
  if (frozenAt === null) return 'freeze.lift';
  return liftRequestedBy === null ? 'freeze.set' : 'freeze.request-lift';
}

function factsOf({ frozenAt, frozenBy, freezeReason, liftRequestedBy }: Freezable) {
  return { frozenAt, frozenBy, freezeReason, liftRequestedBy };
}
