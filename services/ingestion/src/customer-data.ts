import { domainSubjectsOf, telemetrySubject } from '@vedette/event-bus';
import type { CustomerData } from '@vedette/event-bus';

/** All that ingestion holds of its customers: what is exported, and deleted in this order. */
export const ingestionData: CustomerData = {
  service: 'ingestion',
  tables: [
    { name: 'sensor_keys', key: ['customer_id', 'public_id'], secret: ['key_sha256'] },
    { name: 'connectors', key: ['customer_id', 'connector_id'] },
    // After connectors: a request claims a key only while its connector is there.
    {
      name: 'idempotency_keys',
      key: ['customer_id', 'connector_id', 'key'],
      secret: ['body_sha256'],
    },
    { name: 'telemetry_events', key: ['customer_id', 'occurred_at', 'event_id'] },
    { name: 'undated_events', key: ['customer_id', 'event_id'] },
    { name: 'assets', key: ['customer_id', 'asset_id'] },
    { name: 'customers', key: ['customer_id'] },
  ],
  messages: [
    { stream: 'TELEMETRY', subjectsOf: telemetrySubject },
    { stream: 'INGESTION', subjectsOf: (customerId) => domainSubjectsOf('ingestion', customerId) },
  ],
};
