/** Hand-written items in the shapes of Sophos Central's APIs. The names, hosts and addresses are made up. */

type SophosRecord = Readonly<Record<string, unknown>>;

/** Malware found on a workstation, as the SIEM feed has it. */
export function anEvent(more: SophosRecord = {}): SophosRecord {
  return {
    id: '6f1d2a90-0000-4000-8000-000000000001',
    type: 'Event::Endpoint::Threat::Detected',
    group: 'MALWARE',
    severity: 'low',
    name: "Malware detected: 'Troj/Sample-A' at 'C:\\Users\\ann\\Downloads\\invoice.exe'",
    when: '2026-01-31T12:00:00.500Z',
    created_at: '2026-01-31T12:00:03.000Z',
    location: 'WS-ANN',
    source: 'CORP\\ann',
    user_id: 'a1b2c3',
    endpoint_id: '7f1d2a90-0000-4000-8000-000000000002',
    endpoint_type: 'computer',
    source_info: { ip: '192.0.2.17' },
    appSha256: 'ab'.repeat(32),
    ...more,
  };
}

/** The same by the keys of the vendor's SIEM script. */
export function aScriptEvent(more: SophosRecord = {}): SophosRecord {
  const { when, created_at, location, source, user_id, ...same } = anEvent();
  return {
    ...same,
    datastream: 'event',
    end: when,
    rt: created_at,
    dhost: location,
    suser: source,
    duid: user_id,
    ...more,
  };
}

export function anAlert(more: SophosRecord = {}): SophosRecord {
  return {
    id: '8f1d2a90-0000-4000-8000-000000000003',
    event_service_event_id: '8f1d2a90-0000-4000-8000-000000000003',
    type: 'Event::Endpoint::Threat::CleanupFailed',
    severity: 'medium',
    description: "Manual cleanup required: 'Troj/Sample-A' at 'C:\\ProgramData\\x.dll'",
    when: '2026-01-31T12:05:00.000Z',
    created_at: '2026-01-31T12:05:02.000Z',
    location: 'SRV-FILES',
    source: 'CORP\\backup',
    threat: 'Troj/Sample-A',
    threat_cleanable: false,
    data: { endpoint_id: '7f1d2a90-0000-4000-8000-000000000004', threat_status: 'NONE' },
    ...more,
  };
}

export function aDetection(more: SophosRecord = {}): SophosRecord {
  return {
    id: '2f1d2a90_0001',
    detectionRule: 'WIN-EXAMPLE-RULE-1',
    detectionAttack: 'Defense Evasion',
    type: 'Threat',
    severity: 8,
    time: '2026-01-31T13:00:00.000Z',
    sensor: { id: 's1', type: 'endpoint', source: 'Sophos', version: '1.0.0' },
    device: { id: '7f1d2a90-0000-4000-8000-000000000002', type: 'computer', entity: 'WS-ANN' },
    mitreAttacks: [
      {
        tactic: {
          id: 'TA0005',
          name: 'Defense Evasion',
          techniques: [{ id: 'T1562.001', name: 'Disable or Modify Tools' }],
        },
      },
    ],
    rawData: { meta_username: 'CORP\\ann', meta_ip_address: '192.0.2.17', cmd_line: 'sc stop x' },
    ...more,
  };
}

/** A row of the data lake: objects as JSON text. */
export function aDataLakeRow(more: SophosRecord = {}): SophosRecord {
  return {
    record_identifier: 'r-1',
    query_name: 'windows_event_invalid_logon',
    osquery_action: 'added',
    calendar_time: '2026-01-31T14:00:00.000Z',
    ioc_detection_id: 'EXAMPLE-BRUTE-FORCE',
    ioc_detection_type: 'Threat',
    ioc_severity: 5,
    ioc_detection_sigma: '{"id":"EXAMPLE-1","logsource":{"product":"windows"}}',
    ioc_detection_licenses: '["MTR","XDR"]',
    ioc_detection_mitre_attack: '[{"tactic":{"id":"TA0006","techniques":[{"id":"T1110"}]}}]',
    meta_hostname: 'SRV-FILES',
    meta_username: 'svc-scan',
    meta_domain_controller: 'False',
    remote_address: '198.51.100.9',
    subject_username: '-',
    ...more,
  };
}

export function anEndpoint(more: SophosRecord = {}): SophosRecord {
  return {
    id: '7f1d2a90-0000-4000-8000-000000000002',
    type: 'server',
    tenant: { id: '9f1d2a90-0000-4000-8000-000000000005' },
    hostname: 'SRV-FILES',
    health: { overall: 'good', threats: { status: 'good' }, services: { status: 'good' } },
    os: { isServer: 'True', platform: 'windows', name: 'Windows Server 2022', build: 20348 },
    ipv4Addresses: ['192.0.2.20'],
    macAddresses: ['02:00:5E:00:53:01', '02:00:5E:00:53:02'],
    associatedPerson: { viaLogin: 'CORP\\backup' },
    tamperProtectionEnabled: true,
    lastSeenAt: '2026-01-31T15:00:00.000Z',
    ...more,
  };
}

export function aHealthCheck(disabled = 0): SophosRecord {
  return {
    endpoint: {
      protection: { computer: { total: 9, notFullyProtected: 0 } },
      policy: { server: { 'server-threat-protection': { total: 2, notOnRecommended: 0 } } },
      exclusions: { global: { numberOfSecurityRisks: 0 } },
      tamperProtection: { computer: { total: 9, disabled }, global: disabled === 0 },
    },
  };
}
