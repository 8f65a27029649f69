import { defineConsumer, historyDurable } from '@vedette/event-bus';
import { noteSightings } from '../asset/asset-operations.ts';
import { createKnownFacts } from '../asset/known-facts.ts';
import { noteAssetFacts } from '../asset/note-asset-facts.ts';
import { noteStored } from '../health/note-stored.ts';
import { noteIdentities } from '../identity/note-identities.ts';
import { decodeBatch } from '../telemetry/telemetry-batch.ts';
import { toSightings, toTelemetryRow } from '../telemetry/telemetry-event.ts';
import { insertTelemetry } from '../telemetry/telemetry-store.ts';

/** What this process need not tell the database again. */
const known = createKnownFacts();

/**
 * Writes telemetry history, the assets and accounts that it names, and what it says about its connectors. A batch holds one customer's events, so the
 * transaction sees that customer alone.
 */
export const storeTelemetry = defineConsumer({
  name: historyDurable,
  stream: 'TELEMETRY',
  subject: 'vedette.telemetry.>',
  decode: decodeBatch,
  order: 'NONE',
  // Events have no order in history. One connection of the default pool of four is the relay's.
  concurrency: 3,
  handle: async ({ meta, batch }, { tx }) => {
    const rows = batch.events.map(toTelemetryRow);
    const stored = await insertTelemetry(tx, meta.customerId, rows);
    await noteSightings(tx, meta, toSightings(rows));
    await noteAssetFacts(tx, meta.customerId, rows, known);
    await noteIdentities(tx, meta, rows, known);
    await noteStored(tx, meta, stored, new Date());
    return 'HANDLED';
  },
});
