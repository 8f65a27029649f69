import { describe, expect, it } from '@jest/globals';

import { parseWindowsEvent } from './parse-windows-event.ts';
import {
  aFlatRecord,
  aWinlogbeat6Record,
  aWinlogbeatRecord,
  anEvtxRecord,
  anNxlogRecord,
} from './testing/windows-record-builders.ts';

const receivedAt = Date.UTC(2026, 1, 1);
const noon = Date.UTC(2026, 0, 31, 12);

function parse(record: Readonly<Record<string, unknown>>) {
  return parseWindowsEvent(record, receivedAt);
}

describe('a flat record', () => {
  it('keeps its field names and gains those that rules use', () => {
    const event = parse(aFlatRecord());
    expect(event).toMatchObject({
      classUid: 1007,
      activityId: 1,
      severityId: 1,
      hostname: 'ws7.corp.example',
      userName: 'CORP\\ann',
    });
    expect({ ...event.fields }).toMatchObject({
      ...aFlatRecord(),
      Provider_Name: 'Microsoft-Windows-Sysmon',
      Computer: 'ws7.corp.example',
    });
  });

  it("has Sysmon's own time rather than the log's", () => {
    expect(parse(aFlatRecord()).occurredAt).toBe(noon + 250);
  });

  it('has no reference where it has no record number', () => {
    expect(parse(aFlatRecord())).not.toHaveProperty('sourceRef');
  });

  it('has an event id that is a number even where it was sent as text', () => {
    expect(parse(aFlatRecord({ EventID: '1' }))).toMatchObject({
      classUid: 1007,
      fields: { EventID: 1 },
    });
    const withQualifiers = { '#text': '1', '#attributes': { Qualifiers: 7 } };
    expect(parse(aFlatRecord({ EventID: withQualifiers }))).toMatchObject({
      classUid: 1007,
      fields: { EventID: 1, EventID_Qualifiers: 7 },
    });
  });

  it("from Log Analytics is read by that product's names", () => {
    const event = parse({
      TimeGenerated: '2026-01-31T12:00:00Z',
      Computer: 'fs1.corp.example',
      EventLog: 'Microsoft-Windows-Sysmon/Operational',
      Source: 'Microsoft-Windows-Sysmon',
      EventID: 18,
      PipeName: '\\evil',
    });
    expect(event).toMatchObject({
      occurredAt: noon,
      classUid: 201003,
      hostname: 'fs1.corp.example',
      fields: { Channel: 'Microsoft-Windows-Sysmon/Operational' },
    });
  });
});

describe('a record from NXLog', () => {
  it('is referred to by host, channel, record number and time', () => {
    const event = parse(anNxlogRecord());
    expect(event.occurredAt).toBe(noon + 3_600_000);
    expect(event.sourceRef).toBe(`ws7.corp.example|Security|77|${String(event.occurredAt)}`);
  });

  it("gets Sysmon's process id back from the message, which NXLog takes for its own", () => {
    const message =
      'Registry value set:\r\nEventType: SetValue\r\nProcessId: 572\r\nImage: C:\\a.exe';
    const { SourceName, Channel } = aFlatRecord();
    const event = parse(anNxlogRecord({ EventID: 13, SourceName, Channel, Message: message }));
    expect(event.fields.ProcessId).toBe('572');
    const key = parse(
      anNxlogRecord({
        EventID: 12,
        SourceName,
        Channel,
        EventType: 'INFO',
        Message: 'Registry object added or deleted:\r\nEventType: DeleteKey\r\nProcessId: 5',
      }),
    );
    expect(key).toMatchObject({ classUid: 201001, activityId: 4, fields: { EventType: 'INFO' } });
  });

  it('names the account of the log service as the user, but not for Sysmon', () => {
    const envelope = { AccountName: 'svc', Domain: 'CORP' };
    const script = { SourceName: 'Microsoft-Windows-PowerShell', EventID: 4104, ...envelope };
    expect(parse(anNxlogRecord(script)).userName).toBe('CORP\\svc');
    const sysmon = { SourceName: 'Microsoft-Windows-Sysmon', EventID: 11, ...envelope };
    expect(parse(anNxlogRecord(sysmon))).not.toHaveProperty('userName');
  });

  it("keeps the provider where Defender's own data is called Source Name", () => {
    const event = parse(
      anNxlogRecord({
        SourceName: 'Microsoft-Windows-Windows Defender',
        Channel: 'Microsoft-Windows-Windows Defender/Operational',
        EventID: 1116,
        'Source Name': 'Real-Time Protection',
        'Threat Name': 'Trojan:Win32/Test',
        'Severity ID': '5',
        'Detection User': 'CORP\\ann',
      }),
    );
    expect(event).toMatchObject({
      classUid: 2004,
      activityId: 1,
      severityId: 5,
      userName: 'CORP\\ann',
      fields: {
        Provider_Name: 'Microsoft-Windows-Windows Defender',
        SourceName: 'Real-Time Protection',
        ThreatName: 'Trojan:Win32/Test',
      },
    });
  });
});

describe('a record of EVTX as JSON', () => {
  it('has System names with attributes joined, and event data by name', () => {
    const data = { EventData: { 'Target User Name': 'x', TargetUserName: 'ann', IpAddress: '-' } };
    const event = parse(anEvtxRecord({}, data));
    expect({ ...event.fields }).toEqual({
      TargetUserName: 'ann',
      IpAddress: '-',
      Provider_Name: 'Microsoft-Windows-Security-Auditing',
      Provider_Guid: '{1}',
      EventID: 4625,
      Level: 0,
      TimeCreated_SystemTime: '2026-01-31T12:00:00.123456700Z',
      EventRecordID: 901,
      Correlation: null,
      Execution_ProcessID: 480,
      Execution_ThreadID: 1716,
      Channel: 'Security',
      Computer: 'dc1.corp.example',
      Security_UserID: 'S-1-5-18',
    });
    expect(event).toMatchObject({
      occurredAt: noon + 123,
      classUid: 3002,
      hostname: 'dc1.corp.example',
      userName: 'ann',
      sourceRef: `dc1.corp.example|Security|901|${String(noon + 123)}`,
    });
  });

  it.each([
    ['attributes', [{ '#attributes': { Name: 'TargetUserName' }, '#text': 'ann' }]],
    ['@Name', [{ '@Name': 'TargetUserName', '#text': 'ann' }]],
    ['$', [{ $: { Name: 'TargetUserName' }, _: 'ann' }]],
    ['one element', { '#attributes': { Name: 'TargetUserName' }, '#text': 'ann' }],
  ])('reads named Data elements written with %s', (_variant, Data) => {
    expect(parse(anEvtxRecord({}, { EventData: { Data } })).fields.TargetUserName).toBe('ann');
  });

  it('keeps nameless Data elements as a list', () => {
    const data = { EventData: { Data: ['sa', { '#text': 'wrong password' }], Binary: '00' } };
    expect(parse(anEvtxRecord({}, data)).fields.Data).toEqual(['sa', 'wrong password']);
  });

  it('reads leaves of UserData, and moves a name that the envelope has', () => {
    const data = {
      UserData: {
        LogFileCleared: { SubjectUserName: 'ann', SubjectDomainName: 'CORP', Channel: 'X' },
      },
    };
    const system = {
      Provider: { '#attributes': { Name: 'Microsoft-Windows-Eventlog' } },
      EventID: { '#attributes': { Qualifiers: '0' }, '#text': 1102 },
    };
    expect(parse(anEvtxRecord(system, data))).toMatchObject({
      classUid: 1008,
      activityId: 1,
      severityId: 4,
      userName: 'CORP\\ann',
      fields: {
        EventID: 1102,
        EventID_Qualifiers: '0',
        Channel: 'Security',
        EventData_Channel: 'X',
      },
    });
  });
});

describe('a record of Winlogbeat 6', () => {
  it('is read with the names of the event log', () => {
    expect(parse(aWinlogbeat6Record())).toMatchObject({
      occurredAt: noon + 250,
      classUid: 4001,
      activityId: 1,
      hostname: 'ws7.corp.example',
      userName: 'CORP\\ann',
      sourceRef: `ws7.corp.example|Microsoft-Windows-Sysmon/Operational|5402080|${String(noon + 250)}`,
      fields: {
        EventID: 3,
        Channel: 'Microsoft-Windows-Sysmon/Operational',
        Provider_Name: 'Microsoft-Windows-Sysmon',
        Computer: 'ws7.corp.example',
        Message: 'Network connection detected',
        DestinationPort: '443',
        Execution_ProcessID: 1368,
        Security_UserID: 'S-1-5-18',
      },
    });
  });

  it('may have its data in user_data', () => {
    const record = aWinlogbeat6Record({
      source_name: 'Microsoft-Windows-WMI-Activity',
      log_name: 'Microsoft-Windows-WMI-Activity/Operational',
      event_id: '5857',
      event_data: undefined,
      user_data: { ProviderName: 'WmiPerfInst', xml_name: 'Operation_StartedOperational' },
    });
    expect(parse(record)).toMatchObject({
      classUid: 1005,
      occurredAt: noon + 5000,
      userName: 'NT AUTHORITY\\SYSTEM',
      fields: { EventID: 5857, ProviderName: 'WmiPerfInst' },
    });
  });
});

describe('a record of Winlogbeat 7 or later', () => {
  it('is read with the names of the event log, and keeps ECS by dotted names', () => {
    expect(parse(aWinlogbeatRecord())).toMatchObject({
      occurredAt: noon + 589,
      classUid: 3002,
      activityId: 1,
      hostname: 'ws7.corp.example',
      userName: 'CORP\\ann',
      sourceRef: `ws7.corp.example|Security|288|${String(noon + 589)}`,
      fields: {
        EventID: 4624,
        Channel: 'Security',
        Provider_Name: 'Microsoft-Windows-Security-Auditing',
        LogonType: '3',
        Message: 'An account was successfully logged on.',
        'host.os.family': 'windows',
      },
    });
  });

  it('gets back the event data that the Sysmon module moved into ECS', () => {
    const winlog = {
      channel: 'Microsoft-Windows-Sysmon/Operational',
      provider_name: 'Microsoft-Windows-Sysmon',
      event_id: '1',
      event_data: { IntegrityLevel: 'High' },
      user: { name: 'SYSTEM', domain: 'NT AUTHORITY', identifier: 'S-1-5-18' },
    };
    const ecs = {
      process: {
        executable: 'C:\\Windows\\System32\\whoami.exe',
        command_line: 'whoami /all',
        pid: 4242,
        parent: { executable: 'C:\\Windows\\explorer.exe' },
        hash: { sha256: 'ab', md5: 'cd' },
      },
      user: { name: 'ann', domain: 'CORP' },
    };
    expect(parse(aWinlogbeatRecord(winlog, ecs))).toMatchObject({
      userName: 'CORP\\ann',
      fields: {
        Image: 'C:\\Windows\\System32\\whoami.exe',
        CommandLine: 'whoami /all',
        ProcessId: 4242,
        ParentImage: 'C:\\Windows\\explorer.exe',
        Hashes: 'MD5=cd,SHA256=ab',
        User: 'CORP\\ann',
        IntegrityLevel: 'High',
      },
    });
  });

  it('takes the event id from ECS where winlog has none', () => {
    expect(parse(aWinlogbeatRecord({ event_id: undefined })).fields.EventID).toBe(4624);
  });
});

describe('the time of an event', () => {
  it('is the time of receipt where the record tells none, or one that is no time', () => {
    const timeless = { TimeCreated: undefined, UtcTime: undefined };
    expect(parse(aFlatRecord(timeless)).occurredAt).toBe(receivedAt);
    expect(parse(aFlatRecord({ ...timeless, UtcTime: 'soon' })).occurredAt).toBe(receivedAt);
  });

  it('is the next one the record tells where the first is no time', () => {
    expect(parse(aFlatRecord({ UtcTime: '-' })).occurredAt).toBe(noon + 2 * 3_600_000 + 500);
  });

  it('is not more than a year ahead of receipt', () => {
    const ahead = { TimeCreated: undefined, UtcTime: '2027-01-30 00:00:00' };
    expect(parse(aFlatRecord(ahead)).occurredAt).toBe(Date.UTC(2027, 0, 30));
    const tooFar = { TimeCreated: undefined, UtcTime: '2027-02-03 00:00:00' };
    expect(parse(anNxlogRecord({ EventTime: '2031-01-01 00:00:00' }))).not.toHaveProperty(
      'sourceRef',
    );
    expect(parse(aFlatRecord(tooFar)).occurredAt).toBe(receivedAt);
  });

  it('may be a number of seconds or milliseconds', () => {
    const timeless = { TimeCreated: undefined, UtcTime: undefined };
    expect(parse(aFlatRecord({ ...timeless, time: noon })).occurredAt).toBe(noon);
    expect(parse(aFlatRecord({ ...timeless, time: noon / 1000 })).occurredAt).toBe(noon);
  });
});

describe('who a record is about', () => {
  it.each([
    [
      { EventID: 4624, TargetUserName: 'ann', TargetDomainName: 'CORP', SubjectUserName: 'S' },
      'CORP\\ann',
    ],
    [
      { EventID: 4688, TargetUserName: '-', SubjectUserName: 'ann', SubjectDomainName: 'CORP' },
      'CORP\\ann',
    ],
    [
      { EventID: 4720, TargetUserName: 'new', SubjectUserName: 'ann', SubjectDomainName: '-' },
      'ann',
    ],
    [
      { EventID: 4769, TargetUserName: 'ann@CORP.EXAMPLE', TargetDomainName: 'X' },
      'ann@CORP.EXAMPLE',
    ],
    [{ EventID: 4740, TargetUserName: 'ann', TargetDomainName: 'CORP' }, 'CORP\\ann'],
  ])('in %j is %s', (data, userName) => {
    expect(parse(anNxlogRecord(data)).userName).toBe(userName);
  });
});

describe('an object of unknown shape', () => {
  it('is unmapped with its own fields, nested ones by dotted names', () => {
    const event = parse({
      timestamp: '2026-01-31T12:00:00Z',
      host: { name: 'x1' },
      a: { b: [1, 2] },
    });
    expect(event).toMatchObject({
      classUid: 0,
      activityId: 0,
      severityId: 0,
      hostname: 'x1',
      occurredAt: noon,
    });
    expect({ ...event.fields }).toEqual({
      timestamp: '2026-01-31T12:00:00Z',
      'host.name': 'x1',
      'a.b': [1, 2],
    });
  });

  it('may be empty', () => {
    expect(parse({})).toEqual({
      source: 'windows-events',
      occurredAt: receivedAt,
      classUid: 0,
      activityId: 0,
      severityId: 0,
      fields: Object.create(null) as object,
    });
  });
});
