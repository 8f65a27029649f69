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
    name: 'connector_polls',
    row: (owner) => ({
      customer_id: owner.customerId,
      connector_id: idOf(owner),
      feed: 'siem-events',
      next_poll_at: '2026-01-01T00:00:00Z',
    }),
  },
  {
    name: 'connector_watches',
    row: (owner) => ({
      customer_id: owner.customerId,
      connector_id: idOf(owner),
      last_event_at: '2026-01-01T00:00:00Z',
      last_received_at: '2026-01-01T00:00:00Z',
      lag_ms: 0,
      watched_from: '2026-01-01T00:00:00Z',
    }),
  },
  {
    name: 'event_counts',
    row: (owner) => ({
      customer_id: owner.customerId,
      connector_id: idOf(owner),
      hour: '2026-01-01T00:00:00Z',
      class_uid: 0,
      events: 1,
      bytes: 2,
    }),
  },
  {
    name: 'rejection_counts',
    row: (owner) => ({
      customer_id: owner.customerId,
      connector_id: idOf(owner),
      hour: '2026-01-01T00:00:00Z',
      rejected: 1,
      pushed_out: 0,
    }),
  },
  {
    name: 'telemetry_gaps',
    row: (owner) => ({
      customer_id: owner.customerId,
      gap_id: idOf(owner),
      connector_id: idOf(owner),
      from_time: '2026-01-01T00:00:00Z',
      to_time: '2026-01-01T01:00:00Z',
      reason: 'SILENCE',
      recorded_at: '2026-01-01T01:00:00Z',
    }),
  },
  {
    name: 'quarantined_records',
    row: (owner) => ({
      customer_id: owner.customerId,
      record_id: idOf(owner),
      connector_id: idOf(owner),
      received_at: '2026-01-01T00:00:00Z',
      line: 1,
      code: 'INVALID_JSON',
      message: 'The line is not JSON.',
      raw: Buffer.from('{'),
      kept_bytes: 1,
      raw_bytes: 1,
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
    name: 'syslog_senders',
    row: (owner) => ({
      customer_id: owner.customerId,
      connector_id: idOf(owner),
      kind: 'CERTIFICATE',
      value: owner.customerId,
    }),
  },
  {
    name: 'osquery_nodes',
    row: (owner) => ({
      customer_id: owner.customerId,
      connector_id: idOf(owner),
      node_id: idOf(owner),
      node_key_sha256: Buffer.from(owner.customerId),
      sensor_key_public_id: owner.customerId,
      host_identifier: 'WS-1',
      platform: 'linux',
      enrolled_at: '2026-01-01T00:00:00Z',
      last_seen_at: '2026-01-01T00:00:00Z',
    }),
  },
  {
    name: 'osquery_queries',
    row: (owner) => ({
      customer_id: owner.customerId,
      query_id: idOf(owner),
      node_id: idOf(owner),
      sql: 'select 1',
      status: 'QUEUED',
      queued_at: '2026-01-01T00:00:00Z',
      expires_at: '2026-01-02T00:00:00Z',
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
    name: 'asset_keys',
    row: (owner) => ({
      customer_id: owner.customerId,
      asset_id: idOf(owner),
      kind: 'HOSTNAME',
      value: 'ws-1',
    }),
  },
  {
    name: 'asset_separations',
    row: (owner) => ({
      customer_id: owner.customerId,
      asset_id: '00000000-0000-5000-8000-000000000000',
      other_asset_id: idOf(owner),
      set_by: 'somebody',
      set_at: '2026-01-01T00:00:00Z',
    }),
  },
  {
    name: 'assessments',
    row: (owner) => ({
      customer_id: owner.customerId,
      subject_id: idOf(owner),
      basis: 'PERSON',
      level: 'HIGH',
      reason: 'It runs the tills.',
      set_by: 'somebody',
      set_at: '2026-01-01T00:00:00Z',
    }),
  },
  {
    name: 'identities',
    row: (owner) => ({
      customer_id: owner.customerId,
      identity_id: idOf(owner),
      name: 'ann',
      domain: 'CORP',
      kind: 'USER',
      first_seen_at: '2026-01-01T00:00:00Z',
      last_seen_at: '2026-01-01T00:00:00Z',
      version: 1,
    }),
  },
  {
    name: 'identity_links',
    row: (owner) => ({
      customer_id: owner.customerId,
      identity_id: idOf(owner),
      kind: 'NAME',
      linked_id: idOf(owner),
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
    name: 'telemetry_texts',
    row: (owner) => ({
      customer_id: owner.customerId,
      occurred_at: '2026-01-01T00:00:00Z',
      event_id: idOf(owner),
      received_at: '2026-01-01T00:00:00Z',
      search_text: 'ws-1',
    }),
  },
  {
    name: 'telemetry_holds',
    row: (owner) => ({
      customer_id: owner.customerId,
      case_id: idOf(owner),
      detection_id: idOf(owner),
      from_time: '2026-01-01T00:00:00Z',
      to_time: '2026-01-02T00:00:00Z',
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
