import { newId } from '@vedette/service-kit';
import type { ProtectedTable } from '@vedette/testkit';

/** Every table with customers' rows, and a row of an owner for each. */
export const protectedTables: readonly ProtectedTable[] = [
  {
    name: 'customers',
    row: ({ customerId, providerId }) => ({
      customer_id: customerId,
      provider_id: providerId,
      version: 1,
    }),
  },
  {
    name: 'correlation_states',
    row: ({ customerId }) => ({ customer_id: customerId, version: newId(), state: '{}' }),
  },
  {
    name: 'detections',
    row: ({ customerId, providerId }) => ({
      customer_id: customerId,
      detection_id: newId(),
      provider_id: providerId,
      rule_id: '5c20793e-bd5f-4e2d-9683-aa07bb3c37bc',
      rule_title: 'Windows event log cleared',
      severity_id: 4,
      technique_ids: [],
      event_ids: [],
      matched_fields: '[]',
      occurred_at: new Date(),
      received_at: new Date(),
      detected_at: new Date(),
    }),
  },
];
