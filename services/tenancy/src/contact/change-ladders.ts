import { addToOutbox } from '@vedette/event-bus';
import type { Transaction } from '@vedette/service-kit';
import { contactLadderChanged } from '../authority-events.ts';
import type { AccountableContext, Deed } from '../deed/deed-book.ts';
import { saveLadders } from './contact-ladder-store.ts';
import { removedContacts } from './contact.ts';
import type { ContactLadder, Rung } from './contact.ts';

/** A ladder that is about to be another. */
export interface LadderChange {
  readonly customer: { readonly customerId: string; readonly providerId: string };
  readonly before: ContactLadder;
  readonly rungs: readonly Rung[];
}

/** What a customer that never had a ladder has. */
export function noLadder(customerId: string): ContactLadder {
  return { customerId, version: 0, rungs: [] };
}

/** Some thousand ladders change at once when somebody leaves a provider: they are told in parts. */
const toldAtOnce = 1_000;

/**
 * Keeps ladders whose customers the caller has locked, in the order of their ids, with event and deed
 * each. The transaction sees the customers.
 */
export async function changeLadders(
  tx: Transaction,
  ctx: AccountableContext,
  changes: readonly LadderChange[],
): Promise<void> {
  for (let at = 0; at < changes.length; at += toldAtOnce) {
    const part = changes.slice(at, at + toldAtOnce);
    const now = ctx.clock();
    const ladders = part.map(({ before, rungs }): ContactLadder => ({
      ...before,
      version: before.version + 1,
      rungs,
    }));
    await saveLadders(tx, ladders, now);
    const told = part.map(({ customer, before, rungs }) =>
      contactLadderChanged(
        { ...customer, version: before.version + 1, at: now, actor: ctx.viewer.principalId },
        rungs,
        removedContacts(before.rungs, rungs),
      ),
    );
    await addToOutbox(tx, told);
    await ctx.deeds.record(tx, ctx, part.map(toDeed));
  }
}

function toDeed({ customer, before, rungs }: LadderChange): Deed {
  return {
    kind: 'ladder.set',
    providerId: customer.providerId,
    customerId: customer.customerId,
    targetType: 'Customer',
    targetId: customer.customerId,
    before: before.version === 0 ? null : toShown(before.rungs),
    after: toShown(rungs),
  };
}

function toShown(rungs: readonly Rung[]): object {
  return {
    rungs: rungs.map(({ contact, channel, timeoutMinutes }) => ({
      contactId: contact.contactId,
      channel,
      timeoutMinutes,
    })),
  };
}
