import { idOf } from './estate.ts';
import type { Endpoint, Tenant } from './estate.ts';

/** An item of a feed; it can be any object that a test adds. */
export type FeedItem = Readonly<Record<string, unknown>> & { readonly id: string };

export type FeedName = 'events' | 'alerts' | 'detections';
export const feedNames = ['events', 'alerts', 'detections'] as const satisfies readonly FeedName[];

interface Making {
  readonly seed: string;
  readonly tenant: Tenant;
  /** Counts on for a tenant, so that no two items are alike. */
  readonly n: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

type Part = Readonly<Record<string, unknown>>;

const kinds: readonly ((endpoint: Endpoint, n: number) => Part)[] = [
  (_, n) => {
    const path = `C:\\Users\\Public\\Downloads\\price-list-${n}.exe`;
    return {
      ...{ type: 'Event::Endpoint::Threat::Detected', group: 'MALWARE', severity: 'medium' },
      name: `Malware detected: 'Mal/Sim-${n % 40}' at '${path}'`,
      threat: `Mal/Sim-${n % 40}`,
      full_file_path: path,
    };
  },
  (_, n) => ({
    ...{ type: 'Event::Endpoint::WebFilteringBlocked', group: 'WEB', severity: 'low' },
    name: `Access was blocked to "shop-${n % 90}.example" because of "Phishing & Fraud".`,
  }),
  () => ({
    ...{ type: 'Event::Endpoint::UpdateSuccess', group: 'UPDATING', severity: 'none' },
    name: 'Update succeeded',
  }),
  (endpoint) => ({
    ...{ type: 'Event::Endpoint::HmpaExploitPrevented', group: 'RUNTIME_DETECTIONS' },
    ...{ severity: 'low', name: `'CallerCheck' exploit prevented in Ledgerworks` },
    amsi_threat_data: { processName: 'ledger.exe', processId: '4120', processPath: 'C:\\Ledger' },
    source_info: { ip: endpoint.ip },
  }),
  () => ({
    ...{ type: 'Event::Endpoint::ServiceNotRunning', group: 'PROTECTION', severity: 'medium' },
    name: 'One or more services are missing or not running',
  }),
];

function endpointOf({ tenant, n }: Making): Endpoint {
  const endpoint = tenant.endpoints[n % tenant.endpoints.length];
  if (!endpoint) throw new Error(`tenant ${tenant.name} has no endpoints to tell of`);
  return endpoint;
}

/** An event or an alert of the SIEM feed, or a detection, about one of the tenant's endpoints. */
export function makeItem(feed: FeedName, making: Making): FeedItem {
  switch (feed) {
    case 'events':
      return makeEvent(making);
    case 'alerts':
      return makeAlert(making);
    case 'detections':
      return makeDetection(making);
  }
}

function makeEvent(making: Making): FeedItem {
  const endpoint = endpointOf(making);
  const { seed, tenant, n, at } = making;
  return {
    id: idOf(seed, tenant.id, 'event', n),
    // The endpoint's own clock is a little before the time at which it was received.
    when: new Date(at - 1_500).toISOString(),
    created_at: new Date(at).toISOString(),
    source: endpoint.user,
    user_id: idOf(seed, endpoint.user).replaceAll('-', '').slice(0, 24),
    location: endpoint.hostname,
    endpoint_id: endpoint.id,
    endpoint_type: endpoint.type,
    customer_id: tenant.id,
    source_info: { ip: endpoint.ip },
    ...kinds[n % kinds.length]?.(endpoint, n),
  };
}

function makeAlert(making: Making): FeedItem {
  const endpoint = endpointOf(making);
  const { seed, tenant, n, at } = making;
  const path = `C:\\ProgramData\\cache-${n}.dll`;
  return {
    id: idOf(seed, tenant.id, 'alert', n),
    event_service_event_id: idOf(seed, tenant.id, 'alert-event', n),
    type: 'Event::Endpoint::Threat::CleanupFailed',
    when: new Date(at - 1_500).toISOString(),
    created_at: new Date(at).toISOString(),
    severity: 'high',
    description: `Manual cleanup required: 'Mal/Sim-${n % 40}' at '${path}'`,
    source: endpoint.user,
    location: endpoint.hostname,
    threat: `Mal/Sim-${n % 40}`,
    threat_cleanable: false,
    customer_id: tenant.id,
    data: {
      endpoint_id: endpoint.id,
      endpoint_type: endpoint.type,
      endpoint_platform: 'windows',
      source_info: { ip: endpoint.ip },
      created_at: at,
    },
  };
}

function makeDetection(making: Making): FeedItem {
  const endpoint = endpointOf(making);
  const { seed, tenant, n, at } = making;
  return {
    id: idOf(seed, tenant.id, 'detection', n),
    detectionRule: `SIM-EXE-RULE-${n % 12}`,
    detectionAttack: 'Execution',
    type: 'Threat',
    severity: n % 11,
    time: new Date(at).toISOString(),
    sensor: { id: idOf(seed, 'sensor'), type: 'endpoint', source: 'Sophos', version: '1.0.0' },
    device: { id: endpoint.id, type: endpoint.type, entity: endpoint.hostname },
    mitreAttacks: [
      {
        tactic: {
          ...{ id: 'TA0002', name: 'Execution' },
          techniques: [{ id: 'T1059.001', name: 'PowerShell' }],
        },
      },
    ],
    rawData: {
      meta_hostname: endpoint.hostname,
      meta_username: endpoint.user,
      ioc_severity: n % 11,
    },
  };
}

/** By what a feed is ordered, epoch milliseconds. */
export function timeOf(feed: FeedName, item: FeedItem): number {
  return Date.parse(String(feed === 'detections' ? item['time'] : item['created_at']));
}
