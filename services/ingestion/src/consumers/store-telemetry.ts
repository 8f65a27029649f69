import { defineConsumer, historyDurable } from '@vedette/event-bus';
import { noteSightings } from '../asset/asset-operations.ts';
import { decodeBatch } from '../telemetry/telemetry-batch.ts';
import { toSightings, toTelemetryRow } from '../telemetry/telemetry-event.ts';
import { insertTelemetry } from '../telemetry/telemetry-store.ts';

/**
 * Writes telemetry history, and the assets that it names. A batch holds one customer's events, so the
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
    await insertTelemetry(tx, meta.customerId, rows);
    await noteSightings(tx, meta, toSightings(rows));
    return 'HANDLED';
  },
});
