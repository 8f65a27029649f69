/** Hand-written records in the shapes that shippers send. The names, hosts and addresses are made up. */

type WindowsRecord = Readonly<Record<string, unknown>>;

/** A Sysmon process start as Security-Datasets has it: flat, log time and Sysmon's own. */
export function aFlatRecord(more: WindowsRecord = {}): WindowsRecord {
  return {
    SourceName: 'Microsoft-Windows-Sysmon',
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Hostname: 'ws7.corp.example',
    TimeCreated: '2026-01-31 14:00:00.500',
    EventID: 1,
    UtcTime: '2026-01-31 12:00:00.250',
    Image: 'C:\\Windows\\System32\\whoami.exe',
    CommandLine: 'whoami /all',
    ProcessId: '4242',
    User: 'CORP\\ann',
    ...more,
  };
}

/** The envelope that NXLog puts around event data, at the same level. */
export function anNxlogRecord(more: WindowsRecord = {}): WindowsRecord {
  return {
    EventTime: '2026-01-31 13:00:00',
    Hostname: 'ws7.corp.example',
    EventType: 'AUDIT_SUCCESS',
    SeverityValue: 2,
    EventID: 4624,
    SourceName: 'Microsoft-Windows-Security-Auditing',
    RecordNumber: 77,
    ProcessID: 612,
    Channel: 'Security',
    SourceModuleType: 'im_msvistalog',
    ...more,
  };
}

/** EVTX converted to JSON: attributes under `#attributes`. */
export function anEvtxRecord(
  system: WindowsRecord = {},
  data: WindowsRecord = { EventData: {} },
): WindowsRecord {
  return {
    Event: {
      System: {
        Provider: { '#attributes': { Name: 'Microsoft-Windows-Security-Auditing', Guid: '{1}' } },
        EventID: 4625,
        Level: 0,
        TimeCreated: { '#attributes': { SystemTime: '2026-01-31T12:00:00.123456700Z' } },
        EventRecordID: 901,
        Correlation: null,
        Execution: { '#attributes': { ProcessID: 480, ThreadID: 1716 } },
        Channel: 'Security',
        Computer: 'dc1.corp.example',
        Security: { '#attributes': { UserID: 'S-1-5-18' } },
        ...system,
      },
      ...data,
    },
  };
}

/** Winlogbeat before version 7. */
export function aWinlogbeat6Record(more: WindowsRecord = {}): WindowsRecord {
  return {
    '@timestamp': '2026-01-31T12:00:05.000Z',
    beat: { name: 'collector', version: '6.7.0' },
    host: { name: 'collector' },
    source_name: 'Microsoft-Windows-Sysmon',
    log_name: 'Microsoft-Windows-Sysmon/Operational',
    computer_name: 'ws7.corp.example',
    event_id: 3,
    record_number: '5402080',
    process_id: 1368,
    message: 'Network connection detected',
    user: { name: 'SYSTEM', domain: 'NT AUTHORITY', identifier: 'S-1-5-18' },
    event_data: {
      UtcTime: '2026-01-31 12:00:00.250',
      SourceIp: '192.0.2.5',
      DestinationIp: '198.51.100.9',
      DestinationPort: '443',
      User: 'CORP\\ann',
    },
    ...more,
  };
}

/** Winlogbeat 7 and later: the record under `winlog`, ECS beside it. */
export function aWinlogbeatRecord(
  winlog: WindowsRecord = {},
  more: WindowsRecord = {},
): WindowsRecord {
  return {
    '@timestamp': '2026-01-31T12:00:00.589Z',
    event: { code: '4624', provider: 'Microsoft-Windows-Security-Auditing', kind: 'event' },
    host: { name: 'ws7', os: { family: 'windows' } },
    message: 'An account was successfully logged on.',
    winlog: {
      channel: 'Security',
      computer_name: 'ws7.corp.example',
      event_id: '4624',
      provider_name: 'Microsoft-Windows-Security-Auditing',
      record_id: 288,
      process: { pid: 828, thread: { id: 9 } },
      event_data: {
        TargetUserName: 'ann',
        TargetDomainName: 'CORP',
        LogonType: '3',
        IpAddress: '192.0.2.7',
      },
      ...winlog,
    },
    ...more,
  };
}
