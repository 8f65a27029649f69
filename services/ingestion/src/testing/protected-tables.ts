import type { ProtectedTable, RowOwner } from '@vedette/testkit';

/** The same id each time for the same owner, since a row may point to another. */
function idOf({ customerId }: RowOwner): string {
  return customerId.replace(/^\w{8}/, '0197e000');
}

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
    name: 'connectors',
    row: (owner) => ({
      customer_id: owner.customerId,
      connector_id: idOf(owner),
      type: 'windows-events',
      name: 'Servers',
      provenance: 'LIVE',
      created_at: '2026-01-01T00:00:00Z',
      version: 1,
    }),
  },
  {
    name: 'sensor_keys',
    row: (owner) => ({
      customer_id: owner.customerId,
      connector_id: idOf(owner),
      public_id: owner.customerId,
      key_sha256: Buffer.alloc(32),
      created_at: '2026-01-01T00:00:00Z',
    }),
  },
  {
    name: 'assets',
    row: (owner) => ({
      customer_id: owner.customerId,
      asset_id: idOf(owner),
      name: 'WS-1',
      first_seen_at: '2026-01-01T00:00:00Z',
      last_seen_at: '2026-01-01T00:00:00Z',
      version: 1,
    }),
  },
  {
    name: 'idempotency_keys',
    row: (owner) => ({
      customer_id: owner.customerId,
      connector_id: idOf(owner),
      key: 'batch-1',
      body_sha256: Buffer.alloc(32),
      claimed_at: '2026-01-01T00:00:00Z',
      created_at: '2026-01-01T00:00:00Z',
    }),
  },
  {
    name: 'telemetry_events',
    row: (owner) => ({
      customer_id: owner.customerId,
      occurred_at: '2026-01-01T00:00:00Z',
      event_id: idOf(owner),
      received_at: '2026-01-01T00:00:00Z',
      connector_id: idOf(owner),
      class_uid: 0,
      activity_id: 0,
      severity_id: 0,
      fields: '{}',
      raw: '{}',
    }),
  },
  {
    name: 'undated_events',
    row: (owner) => ({
      customer_id: owner.customerId,
      event_id: idOf(owner),
      received_at: '2026-01-01T00:00:00Z',
    }),
  },
];
