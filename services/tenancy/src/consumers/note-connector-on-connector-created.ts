import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { defineConsumer } from '@vedette/event-bus';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { noteConnector } from '../readiness/readiness-store.ts';

/** Remembers since when a customer has a connector, which is a condition of its protection. */
export const noteConnectorOnConnectorCreated = defineConsumer({
  name: 'tenancy-note-connector-on-connector-created',
  stream: 'INGESTION',
  subject: 'vedette.ingestion.connector_created.>',
  // The earliest counts, in whatever order they come.
  order: 'NONE',
  decode: (bytes) => fromBinary(IngestionEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (event.case !== 'connectorCreated' || !meta?.occurredAt) return 'IGNORED';
    const { customerId, occurredAt } = meta;
    await noteConnector(tx, { customerId, at: timestampDate(occurredAt), hasReported: false });
    return 'HANDLED';
  },
});
