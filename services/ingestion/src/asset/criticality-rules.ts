import type { Level } from './assessment.ts';

/** What an asset is; a later one of the list wins over an earlier. */
export const assetKinds = [
  'UNKNOWN',
  'CLOUD',
  'WORKSTATION',
  'SERVER',
  'NETWORK_DEVICE',
  'DOMAIN_CONTROLLER',
] as const;
export type AssetKind = (typeof assetKinds)[number];

/** What a rule looks for in the telemetry of a host: any of what it names. */
export interface CriticalityRule {
  readonly id: string;
  readonly level: Level;
  /** Why, in words for people. */
  readonly reason: string;
  /** What an asset is that the rule finds. */
  readonly kind?: AssetKind;
  /** Windows event ids of the log `Security` that only such a host writes. */
  readonly securityEventIds?: readonly number[];
  /** Programs that were started on it: file names in lower case. */
  readonly programs?: readonly string[];
  /** Its name in lower case. */
  readonly hostName?: RegExp;
  /** Fields of a record that it sends of itself, all of them. */
  readonly fields?: readonly string[];
  /** Fields by which such a record speaks of another host: with any of them it says nothing about the sender. */
  readonly exceptFields?: readonly string[];
  /** What an inventory of endpoints calls it. */
  readonly inventoryType?: string;
}

/**
 * Who is critical without anybody's saying so. A program's name is weak evidence and can be faked by whoever runs
 * programs there, but only upwards: a rule never lowers anything, and a person's word wins over all of them.
 */
export const criticalityRules: readonly CriticalityRule[] = [
  {
    id: 'domain-controller',
    level: 'CRITICAL',
    kind: 'DOMAIN_CONTROLLER',
    reason:
      'It issues Kerberos tickets or changes the directory, which only a domain controller logs: who has it has every account.',
    // Kerberos: ticket granted, service ticket, its renewal, pre-authentication failed. Directory: object changed,
    // created, undeleted, moved, deleted; replica source added, removed; replication began, ended.
    securityEventIds: [
      4768, 4769, 4770, 4771, 5136, 5137, 5138, 5139, 5141, 4928, 4929, 4932, 4933,
    ],
  },
  {
    id: 'backup-server',
    level: 'CRITICAL',
    reason:
      'It runs the server of a backup product: attackers destroy backups before they encrypt, and it can read every system.',
    // Veeam, Veritas Backup Exec, Veritas NetBackup, IBM Storage Protect, Bareos, Bacula, UrBackup: their servers' own
    // services, not those of the agents on each machine.
    programs: [
      ...['veeam.backup.service.exe', 'veeam.backup.manager.exe', 'beserver.exe', 'bprd.exe'],
      ...['bpdbm.exe', 'nbemm.exe', 'dsmserv.exe', 'dsmserv', 'bareos-dir', 'bareos-dir.exe'],
      ...['bacula-dir', 'urbackupsrv', 'urbackupsrv.exe'],
    ],
  },
  {
    id: 'management-host',
    level: 'CRITICAL',
    reason:
      'It runs software that manages other machines: who has it can run anything on all of them.',
    // ConnectWise ScreenConnect (server), Kaseya VSA, VMware vCenter, Hyper-V and its Virtual Machine Manager,
    // Configuration Manager's site server, PDQ Deploy, WSUS.
    programs: [
      ...['screenconnect.service.exe', 'kserver.exe', 'vpxd', 'vpxd.exe', 'vmms.exe'],
      ...['vmmservice.exe', 'smsexec.exe', 'pdqdeployservice.exe', 'wsusservice.exe'],
    ],
  },
  {
    id: 'finance-host',
    level: 'HIGH',
    reason: 'Its name or a program on it is of accounting: payments can be diverted from there.',
    // QuickBooks, Sage 50, SAP's client, Dynamics NAV and AX.
    programs: [
      ...['qbw.exe', 'qbw32.exe', 'qbdbmgrn.exe', 'peachw.exe', 'saplogon.exe', 'sapgui.exe'],
      ...['microsoft.dynamics.nav.server.exe', 'ax32.exe', 'ax32serv.exe'],
    ],
    hostName: /(?:^|[-_.])(?:finance|fin|accounting|acct|payroll|erp|sap)\d{0,3}(?:[-_.]|$)/,
  },
  {
    id: 'firewall',
    level: 'HIGH',
    kind: 'NETWORK_DEVICE',
    reason: 'It is a firewall that sends its own log: all traffic passes it.',
    // Sophos Firewall's; a lease or a heartbeat is about the computer that it names.
    fields: ['device_serial', 'log_component'],
    exceptFields: ['client_host_name', 'ep_name', 'endpoint_name'],
  },
  {
    id: 'server',
    level: 'HIGH',
    kind: 'SERVER',
    reason: 'The inventory of endpoints calls it a server.',
    inventoryType: 'server',
  },
  {
    id: 'workstation',
    level: 'NORMAL',
    kind: 'WORKSTATION',
    reason: 'The inventory of endpoints calls it a computer.',
    inventoryType: 'computer',
  },
  {
    id: 'cloud-instance',
    level: 'NORMAL',
    kind: 'CLOUD',
    reason: 'Its name is the id of an instance at Amazon EC2.',
    hostName: /^i-(?:[\da-f]{8}|[\da-f]{17})$/,
  },
];

const ruleById = new Map(criticalityRules.map((rule) => [rule.id, rule]));

/** @throws {Error} there is no such rule: a fault of ours */
export function criticalityRule(ruleId: string): CriticalityRule {
  const rule = ruleById.get(ruleId);
  if (!rule) throw new Error(`There is no criticality rule '${ruleId}'.`);
  return rule;
}

/** What an asset is by the rules that found it. A rule that is no longer there says nothing. */
export function kindBy(ruleIds: readonly string[]): AssetKind {
  const kinds = ruleIds.map((id) => assetKinds.indexOf(ruleById.get(id)?.kind ?? 'UNKNOWN'));
  return assetKinds[Math.max(0, ...kinds)] ?? 'UNKNOWN';
}
