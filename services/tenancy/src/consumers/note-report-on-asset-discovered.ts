import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { defineConsumer } from '@vedette/event-bus';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { noteConnector } from '../readiness/readiness-store.ts';

/** Remembers since when a customer's connectors report: what they told of has been seen. */
export const noteReportOnAssetDiscovered = defineConsumer({
  name: 'tenancy-note-report-on-asset-discovered',
  stream: 'INGESTION',
  subject: 'vedette.ingestion.asset_discovered.>',
  // The earliest counts, in whatever order they come.
  order: 'NONE',
  decode: (bytes) => fromBinary(IngestionEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (event.case !== 'assetDiscovered' || !meta?.occurredAt) return 'IGNORED';
    const { customerId, occurredAt } = meta;
    await noteConnector(tx, { customerId, at: timestampDate(occurredAt), hasReported: true });
    return 'HANDLED';
  },
});
