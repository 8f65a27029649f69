import { domainSubjectsOf, telemetrySubject } from '@vedette/event-bus';
import type { CustomerData } from '@vedette/event-bus';

/** All that ingestion holds of its customers: what is exported, and deleted in this order. */
export const ingestionData: CustomerData = {
  service: 'ingestion',
  tables: [
    { name: 'osquery_queries', key: ['customer_id', 'query_id'] },
    {
      name: 'osquery_nodes',
      key: ['customer_id', 'node_id'],
      secret: ['node_key_sha256'],
    },
    { name: 'syslog_senders', key: ['customer_id', 'kind', 'value'] },
    { name: 'sensor_keys', key: ['customer_id', 'public_id'], secret: ['key_sha256'] },
    { name: 'connector_watches', key: ['customer_id', 'connector_id'] },
    { name: 'telemetry_gaps', key: ['customer_id', 'gap_id'] },
    { name: 'connector_polls', key: ['customer_id', 'connector_id', 'feed'] },
    {
      name: 'connectors',
      key: ['customer_id', 'connector_id'],
      secret: ['credentials_sealed'],
    },
    // After connectors: a request claims a key only while its connector is there.
    {
      name: 'idempotency_keys',
      key: ['customer_id', 'connector_id', 'key'],
      secret: ['body_sha256'],
    },
    { name: 'telemetry_texts', key: ['customer_id', 'occurred_at', 'event_id'] },
    { name: 'telemetry_holds', key: ['customer_id', 'case_id', 'detection_id'] },
    { name: 'quarantined_records', key: ['customer_id', 'record_id'] },
    { name: 'rejection_counts', key: ['customer_id', 'connector_id', 'hour'] },
    { name: 'event_counts', key: ['customer_id', 'connector_id', 'hour', 'class_uid'] },
    { name: 'telemetry_events', key: ['customer_id', 'occurred_at', 'event_id'] },
    { name: 'undated_events', key: ['customer_id', 'event_id'] },
    { name: 'asset_keys', key: ['customer_id', 'asset_id', 'kind', 'value'] },
    { name: 'asset_separations', key: ['customer_id', 'asset_id', 'other_asset_id'] },
    { name: 'assessments', key: ['customer_id', 'subject_id', 'basis'] },
    { name: 'assets', key: ['customer_id', 'asset_id'] },
    { name: 'identity_links', key: ['customer_id', 'identity_id', 'kind', 'linked_id'] },
    { name: 'identities', key: ['customer_id', 'identity_id'] },
    { name: 'customers', key: ['customer_id'] },
  ],
  messages: [
    { stream: 'TELEMETRY', subjectsOf: telemetrySubject },
    { stream: 'INGESTION', subjectsOf: (customerId) => domainSubjectsOf('ingestion', customerId) },
  ],
};
