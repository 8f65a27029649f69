import { addToOutbox } from '@vedette/event-bus';
import { findProviderNow } from '@vedette/service-kit';
import type { Transaction } from '@vedette/service-kit';
import { raiseVersions } from '../connector/connector-store.ts';
import { byItself, connectorRecovered } from '../events.ts';
import { addEventCounts } from './event-count-store.ts';
import type { StoredEvents } from './event-count-store.ts';
import { endsSilence } from './silence.ts';
import { recordGap } from './record-gap.ts';
import { findSilent, keepReceipts, lockConnectors, setSilent } from './watch-store.ts';
import type { Receipt } from './watch-store.ts';

interface Tenant {
  readonly customerId: string;
  readonly providerId: string;
}

/**
 * Counts events of one customer that were stored, inside the transaction that stores them, and ends the silence of the
 * connectors that they came through. Called last: other batches of the customer wait for its rows.
 */
export async function noteStored(
  tx: Transaction,
  tenant: Tenant,
  stored: readonly StoredEvents[],
  now: Date,
): Promise<void> {
  if (stored.length === 0) return;
  const { customerId } = tenant;
  const receipts = toReceipts(stored);
  const connectorIds = receipts.map(({ connectorId }) => connectorId);
  const silent = await findSilent(tx, customerId, connectorIds);
  if (silent.length > 0) {
    // Customer, connector, watch: the order in which all take them.
    await findProviderNow(tx, tenant);
    await lockConnectors(tx, customerId, silent);
  }
  await addEventCounts(tx, customerId, stored);
  for (const { connectorId, silentSince } of await keepReceipts(tx, customerId, receipts)) {
    const receivedAts = stored
      .filter((each) => each.connectorId === connectorId)
      .flatMap(({ firstReceivedAt, lastReceivedAt }) => [firstReceivedAt, lastReceivedAt]);
    const firstEventAt = endsSilence(silentSince, receivedAts);
    if (firstEventAt === null) continue;
    await recover(tx, { ...tenant, connectorId }, { silentSince, firstEventAt }, now);
  }
}

async function recover(
  tx: Transaction,
  connector: Tenant & { readonly connectorId: string },
  silence: { readonly silentSince: Date; readonly firstEventAt: Date },
  now: Date,
): Promise<void> {
  await setSilent(tx, connector, null);
  const doing = { providerId: await findProviderNow(tx, connector), at: now, actor: byItself };
  const changed = await raiseVersions(tx, [connector.connectorId]);
  await addToOutbox(
    tx,
    changed.map((version) => connectorRecovered(version, silence, doing)),
  );
  const { silentSince: from, firstEventAt: to } = silence;
  await recordGap(tx, { ...connector, from, to, reason: 'SILENCE' });
}

/** What the events say about each connector, in the order of their ids. */
function toReceipts(stored: readonly StoredEvents[]): Receipt[] {
  const receipts = new Map<string, Receipt>();
  for (const { connectorId, lastReceivedAt, lastEventAt } of stored) {
    const known = receipts.get(connectorId);
    receipts.set(connectorId, {
      connectorId,
      lastReceivedAt: later(known?.lastReceivedAt, lastReceivedAt),
      lastEventAt: later(known?.lastEventAt, lastEventAt),
    });
  }
  return [...receipts.values()];
}

function later(one: Date | undefined, other: Date): Date {
  return one !== undefined && one > other ? one : other;
}
