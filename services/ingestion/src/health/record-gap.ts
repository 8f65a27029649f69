import { addToOutbox } from '@vedette/event-bus';
import { findProviderNow, newId } from '@vedette/service-kit';
import type { Transaction } from '@vedette/service-kit';
import { raiseVersions } from '../connector/connector-store.ts';
import { byItself, telemetryGapRecorded } from '../events.ts';
import { insertTelemetryGap } from './telemetry-gap-store.ts';
import type { TelemetryGap } from './telemetry-gap-store.ts';

/**
 * Notes a gap and tells of it, in the transaction that found it. The same gap once more changes nothing, and neither
 * does one of a connector that is gone. The scope is the transaction's.
 * @param gap `providerId` is what is told where ingestion has not heard of the customer yet
 */
export async function recordGap(tx: Transaction, gap: TelemetryGap): Promise<void> {
  const { customerId, connectorId, from, to, reason } = gap;
  const [gapId, recordedAt] = [newId(), new Date()];
  // The customer before the connector: the order in which all take them.
  const providerId = await findProviderNow(tx, gap);
  const row = { customerId, connectorId, gapId, from, to, reason, recordedAt };
  if (!(await insertTelemetryGap(tx, row))) return;
  const doing = { providerId, at: recordedAt, actor: byItself };
  const changed = await raiseVersions(tx, [connectorId]);
  await addToOutbox(
    tx,
    changed.map((connector) => telemetryGapRecorded(connector, row, doing)),
  );
}
