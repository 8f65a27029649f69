import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { defineConsumer } from '@vedette/event-bus';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { noteConnector, noteReport } from '../readiness/readiness-store.ts';

/**
 * Remembers which connectors a customer has, whether a sensor can send for them, and what they showed:
 * a condition of its protection. One subscription for all of ingestion's events, since a connector
 * comes before what it shows.
 */
export const noteConnectorOnConnectorChanged = defineConsumer({
  name: 'tenancy-note-connector-on-connector-changed',
  stream: 'INGESTION',
  subject: 'vedette.ingestion.>',
  decode: (bytes) => fromBinary(IngestionEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (!meta?.occurredAt) return 'IGNORED';
    const { customerId, aggregateId: connectorId, aggregateVersion: version } = meta;
    const at = timestampDate(meta.occurredAt);
    switch (event.case) {
      case 'connectorCreated':
      case 'sensorKeyRotated':
        await noteConnector(tx, { customerId, connectorId, version, keyedAt: at });
        return 'HANDLED';
      case 'sensorKeysRevoked':
        await noteConnector(tx, { customerId, connectorId, version, keyedAt: null });
        return 'HANDLED';
      case 'assetDiscovered':
        await noteReport(tx, { customerId, at });
        return 'HANDLED';
      default:
        return 'IGNORED';
    }
  },
});
