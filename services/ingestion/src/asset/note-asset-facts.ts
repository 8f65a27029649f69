import type { Transaction } from '@vedette/service-kit';
import type { NewTelemetryRow } from '../telemetry/telemetry-store.ts';
import { addFindings } from './assessment-store.ts';
import { readFindings, readInventoryItem } from './asset-facts.ts';
import { addAssetKeys, saveSystems } from './asset-key-store.ts';
import { criticalityRule } from './criticality-rules.ts';
import type { KnownFacts } from './known-facts.ts';

/**
 * Keeps what a batch tells of a customer's assets beside their being there: keys of an inventory, and what rules find.
 * What follows from it is decided by settling. Most batches tell nothing new and ask the database nothing.
 */
export async function noteAssetFacts(
  tx: Transaction,
  customerId: string,
  rows: readonly NewTelemetryRow[],
  known: KnownFacts,
): Promise<void> {
  const items = rows.map(readInventoryItem).filter((item) => item !== null);
  if (items.length > 0) await saveSystems(tx, customerId, items);
  const keyFact = (key: { assetId: string; kind: string; value: string }): string =>
    `${customerId} ${key.assetId} ${key.kind} ${key.value}`;
  const keys = items.flatMap((item) => item.keys).filter((key) => !known.has(keyFact(key)));
  for (const key of await addAssetKeys(tx, customerId, keys)) known.add(keyFact(key));

  const ruleFact = (assetId: string, ruleId: string): string =>
    `${customerId} ${assetId} ${ruleId}`;
  const findings = readFindings(rows, (assetId, ruleId) => known.has(ruleFact(assetId, ruleId)));
  for (const { subjectId, ruleId } of await addFindings(
    tx,
    customerId,
    findings,
    criticalityRule,
  )) {
    known.add(ruleFact(subjectId, ruleId));
  }
}
