import type { LogsourceBinding, LogsourceMap } from './logsource.ts';

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';
const POWERSHELL = ['Microsoft-Windows-PowerShell/Operational', 'PowerShellCore/Operational'];
const POWERSHELL_CLASSIC = ['Windows PowerShell'];

/** Sysmon's event ids by Sigma category: https://learn.microsoft.com/sysinternals/downloads/sysmon#events */
const SYSMON_CATEGORIES: Readonly<Record<string, readonly number[]>> = {
  process_creation: [1],
  file_change: [2],
  network_connection: [3],
  sysmon_status: [4, 16],
  process_termination: [5],
  driver_load: [6],
  image_load: [7],
  create_remote_thread: [8],
  raw_access_thread: [9],
  process_access: [10],
  file_event: [11],
  registry_add: [12],
  registry_delete: [12],
  registry_set: [13],
  registry_rename: [14],
  registry_event: [12, 13, 14],
  create_stream_hash: [15],
  pipe_created: [17, 18],
  wmi_event: [19, 20, 21],
  dns_query: [22],
  file_delete: [23],
  clipboard_capture: [24],
  process_tampering: [25],
  file_delete_detected: [26],
  file_block_executable: [27],
  file_block_shredding: [28],
  file_executable_detected: [29],
  sysmon_error: [255],
};

/** Windows event channels by Sigma service. */
const WINDOWS_SERVICES: Readonly<Record<string, readonly string[]>> = {
  application: ['Application'],
  'appmodel-runtime': ['Microsoft-Windows-AppModel-Runtime/Admin'],
  'appxdeployment-server': ['Microsoft-Windows-AppXDeploymentServer/Operational'],
  'appxpackaging-om': ['Microsoft-Windows-AppxPackaging/Operational'],
  applocker: [
    'Microsoft-Windows-AppLocker/EXE and DLL',
    'Microsoft-Windows-AppLocker/MSI and Script',
    'Microsoft-Windows-AppLocker/Packaged app-Deployment',
    'Microsoft-Windows-AppLocker/Packaged app-Execution',
  ],
  bitlocker: ['Microsoft-Windows-BitLocker/BitLocker Management'],
  'bits-client': ['Microsoft-Windows-Bits-Client/Operational'],
  capi2: ['Microsoft-Windows-CAPI2/Operational'],
  'certificateservicesclient-lifecycle-system': [
    'Microsoft-Windows-CertificateServicesClient-Lifecycle-System/Operational',
  ],
  'codeintegrity-operational': ['Microsoft-Windows-CodeIntegrity/Operational'],
  dhcp: ['Microsoft-Windows-DHCP-Server/Operational'],
  'diagnosis-scripted': ['Microsoft-Windows-Diagnosis-Scripted/Operational'],
  'dns-client': ['Microsoft-Windows-DNS Client Events/Operational'],
  'dns-server': ['DNS Server'],
  'dns-server-analytic': ['Microsoft-Windows-DNS-Server/Analytical'],
  'dns-server-audit': ['Microsoft-Windows-DNS-Server/Audit'],
  'driver-framework': ['Microsoft-Windows-DriverFrameworks-UserMode/Operational'],
  'firewall-as': ['Microsoft-Windows-Windows Firewall With Advanced Security/Firewall'],
  ldap_debug: ['Microsoft-Windows-LDAP-Client/Debug'],
  'lsa-server': ['Microsoft-Windows-LSA/Operational'],
  'microsoft-servicebus-client': ['Microsoft-ServiceBus-Client'],
  'msexchange-management': ['MSExchange Management'],
  ntlm: ['Microsoft-Windows-NTLM/Operational'],
  openssh: ['OpenSSH/Operational'],
  powershell: POWERSHELL,
  'powershell-classic': POWERSHELL_CLASSIC,
  'printservice-admin': ['Microsoft-Windows-PrintService/Admin'],
  'printservice-operational': ['Microsoft-Windows-PrintService/Operational'],
  security: ['Security'],
  'security-mitigations': [
    'Microsoft-Windows-Security-Mitigations/Kernel Mode',
    'Microsoft-Windows-Security-Mitigations/User Mode',
  ],
  'shell-core': ['Microsoft-Windows-Shell-Core/Operational'],
  'smbclient-security': ['Microsoft-Windows-SmbClient/Security'],
  sysmon: [SYSMON],
  system: ['System'],
  taskscheduler: ['Microsoft-Windows-TaskScheduler/Operational'],
  'terminalservices-localsessionmanager': [
    'Microsoft-Windows-TerminalServices-LocalSessionManager/Operational',
  ],
  vhdmp: ['Microsoft-Windows-VHDMP/Operational'],
  windefend: ['Microsoft-Windows-Windows Defender/Operational'],
  wmi: ['Microsoft-Windows-WMI-Activity/Operational'],
};

/** Zeek's log names; a record carries its own in `_path`: https://docs.zeek.org/en/master/script-reference/log-files.html */
const ZEEK_SERVICES = [
  ...[
    'conn',
    'dce_rpc',
    'dhcp',
    'dns',
    'files',
    'ftp',
    'http',
    'irc',
    'kerberos',
    'ldap',
    'modbus',
    'mysql',
  ],
  ...[
    'notice',
    'ntlm',
    'pe',
    'radius',
    'rdp',
    'rfb',
    'sip',
    'smb_files',
    'smb_mapping',
    'smtp',
    'snmp',
  ],
  ...['socks', 'software', 'ssh', 'ssl', 'syslog', 'tunnel', 'weird', 'x509'],
];

export function windowsCategory(
  category: string,
  channels: readonly string[],
  eventIds: readonly number[],
): LogsourceBinding {
  return { product: 'windows', category, events: { channels, eventIds } };
}

export function windowsService(service: string, channels: readonly string[]): LogsourceBinding {
  return { product: 'windows', service, events: { channels } };
}

/** A rule that only says `product: windows` sees every record with a channel. */
export const ANY_WINDOWS_EVENT: LogsourceBinding = {
  product: 'windows',
  events: { fields: { Channel: true } },
};

/** A service of Microsoft 365's unified audit log, by workload. */
function m365Service(service: string, workload: string | true): LogsourceBinding {
  return {
    product: 'm365',
    service,
    events: { fields: { Workload: workload, Operation: true } },
  };
}

function azureService(
  service: string,
  fields: Readonly<Record<string, string | true>>,
): LogsourceBinding {
  return { product: 'azure', service, events: { fields } };
}

function osqueryCategory(product: string, category: string, platform: string): LogsourceBinding {
  return {
    product,
    category,
    events: { fields: { 'osquery.event': category, 'osquery.platform': platform } },
  };
}

/** Bindings outside Windows, by the name that a logsource map file turns them on with. */
export const OTHER_BINDINGS: ReadonlyMap<string, LogsourceMap> = new Map<string, LogsourceMap>([
  [
    'aws/cloudtrail',
    [
      {
        product: 'aws',
        service: 'cloudtrail',
        events: { fields: { eventSource: true, eventName: true } },
      },
    ],
  ],
  [
    'aws/guardduty',
    [
      {
        product: 'aws',
        service: 'guardduty',
        events: { fields: { 'service.serviceName': 'guardduty' } },
      },
    ],
  ],
  [
    'okta/okta',
    [
      {
        product: 'okta',
        service: 'okta',
        events: { fields: { eventType: true, published: true } },
      },
    ],
  ],
  [
    'zeek/<service>',
    ZEEK_SERVICES.map((service) => ({
      product: 'zeek',
      service,
      events: { fields: { _path: service } },
    })),
  ],
  [
    'm365/<service>',
    [
      m365Service('audit', true),
      m365Service('exchange', 'Exchange'),
      m365Service('threat_management', 'SecurityComplianceCenter'),
      m365Service('threat_detection', 'SecurityComplianceCenter'),
    ],
  ],
  [
    // By fields that the `entra-id` connector gives each kind of record.
    'azure/<service>',
    [
      azureService('signinlogs', { ResultType: true, ConditionalAccessStatus: true }),
      azureService('auditlogs', { ActivityDisplayName: true, LoggedByService: true }),
      azureService('activitylogs', { CategoryValue: true, OperationNameValue: true }),
      azureService('riskdetection', { riskEventType: true }),
      azureService('pim', { riskEventType: true }),
    ],
  ],
  // What products that find malware call it: Sophos Central's events have these names beside their own.
  ['category antivirus', [{ category: 'antivirus', events: { fields: { Signature: true } } }]],
  ['category webserver', [{ category: 'webserver', events: { fields: { 'cs-method': true } } }]],
  // Requests that a web filter or a sensor on the network saw.
  ['category proxy', [{ category: 'proxy', events: { fields: { 'c-uri': true } } }]],
  ['category dns', [{ category: 'dns', events: { fields: { _path: 'dns' } } }]],
  [
    // What Sophos Firewall and UTM 9 let through or refused.
    'category firewall',
    [
      { category: 'firewall', events: { fields: { log_type: 'Firewall' } } },
      { category: 'firewall', events: { fields: { sub: 'packetfilter' } } },
    ],
  ],
  [
    // By fields that the `osquery` connector gives what happened on a host. Windows' categories mean Sysmon's events.
    'osquery',
    [
      osqueryCategory('linux', 'process_creation', 'linux'),
      osqueryCategory('linux', 'file_event', 'linux'),
      osqueryCategory('linux', 'network_connection', 'linux'),
      osqueryCategory('macos', 'process_creation', 'darwin'),
      osqueryCategory('macos', 'file_event', 'darwin'),
      osqueryCategory('macos', 'network_connection', 'darwin'),
    ],
  ],
]);

/**
 * The binding that is used unless another is given: Windows categories to Sysmon and PowerShell events, Windows services
 * to channels, CloudTrail, Microsoft 365, Azure, Zeek, antivirus and web server logs. Security 4688 is not bound to `process_creation`: its fields differ.
 */
export const defaultLogsourceMap: LogsourceMap = [
  ANY_WINDOWS_EVENT,
  ...Object.entries(SYSMON_CATEGORIES).map(([category, ids]) =>
    windowsCategory(category, [SYSMON], ids),
  ),
  windowsCategory('ps_module', POWERSHELL, [4103]),
  windowsCategory('ps_script', POWERSHELL, [4104]),
  windowsCategory('ps_classic_start', POWERSHELL_CLASSIC, [400]),
  windowsCategory('ps_classic_provider_start', POWERSHELL_CLASSIC, [600]),
  windowsCategory('ps_classic_script', POWERSHELL_CLASSIC, [800]),
  ...Object.entries(WINDOWS_SERVICES).map(([service, channels]) =>
    windowsService(service, channels),
  ),
  ...[...OTHER_BINDINGS.values()].flat(),
];
