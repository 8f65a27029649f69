import { toEcs, toOcsf } from '@vedette/event-model';
import type { FieldValue, NormalisedEvent } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { parseCloudTrailRecord } from './aws-cloudtrail/parse-cloudtrail-record.ts';
import {
  aCloudTrailRecord,
  aConsoleLogin,
} from './aws-cloudtrail/testing/cloudtrail-record-builders.ts';
import { parseEcsDocument } from './ecs-json/parse-ecs-document.ts';
import { parseOcsfEvent } from './ocsf-json/parse-ocsf-event.ts';
import { parseWindowsEvent } from './windows-events/parse-windows-event.ts';

const receivedAt = Date.UTC(2026, 1, 1);
type Json = Readonly<Record<string, unknown>>;

function throughEcs(event: NormalisedEvent): NormalisedEvent {
  return parseEcsDocument(JSON.parse(JSON.stringify(toEcs(event))) as Json, receivedAt);
}

function throughOcsf(event: NormalisedEvent): NormalisedEvent {
  return parseOcsfEvent(JSON.parse(JSON.stringify(toOcsf(event))) as Json, receivedAt);
}

/** Projections write numbers as numbers and ECS hashes in lower case; rules see neither. */
function plain(value: FieldValue | undefined): string {
  return String(value).toLowerCase();
}

const sysmon = {
  Provider_Name: 'Microsoft-Windows-Sysmon',
  Channel: 'Microsoft-Windows-Sysmon/Operational',
  Computer: 'ws7.corp.example',
  '@timestamp': '2026-01-31T12:00:00.250Z',
};
const audit = {
  ...sysmon,
  Provider_Name: 'Microsoft-Windows-Security-Auditing',
  Channel: 'Security',
};

/** Records as windows-events reads them, with the fields that rules look at. All names are made up. */
const records: readonly (readonly [name: string, record: Json])[] = [
  [
    'a process start',
    {
      ...sysmon,
      EventID: 1,
      Image: 'C:\\Windows\\System32\\whoami.exe',
      CommandLine: 'whoami /all',
      CurrentDirectory: 'C:\\',
      User: 'CORP\\ann',
      ProcessId: '4242',
      ProcessGuid: '{1}',
      Hashes: 'SHA1=AB,MD5=CD,SHA256=EF,IMPHASH=01',
      OriginalFileName: 'whoami.exe',
      IntegrityLevel: 'High',
      ParentImage: 'C:\\Windows\\explorer.exe',
      ParentCommandLine: 'explorer',
      ParentUser: 'CORP\\ann',
      LogonId: '0x3e7',
    },
  ],
  [
    'an access to a process',
    {
      ...sysmon,
      EventID: 10,
      SourceImage: 'C:\\a.exe',
      SourceProcessGUID: '{1}',
      TargetImage: 'C:\\Windows\\System32\\lsass.exe',
      TargetProcessGUID: '{2}',
      GrantedAccess: '0x1410',
      CallTrace: 'ntdll.dll+1',
    },
  ],
  [
    'a connection',
    {
      ...sysmon,
      EventID: 3,
      Image: 'C:\\a.exe',
      User: 'CORP\\ann',
      Initiated: 'true',
      SourceIp: '192.0.2.5',
      DestinationIp: '203.0.113.9',
      DestinationPort: '443',
      DestinationHostname: 'c2.example',
      Protocol: 'tcp',
    },
  ],
  ['a new file', { ...sysmon, EventID: 11, Image: 'C:\\a.exe', TargetFilename: 'C:\\b\\c.ps1' }],
  [
    'a DNS query',
    { ...sysmon, EventID: 22, Image: 'C:\\a.exe', QueryName: 'c2.example', QueryStatus: '0' },
  ],
  ['a pipe', { ...sysmon, EventID: 17, Image: 'C:\\a.exe', PipeName: '\\evil' }],
  [
    'a registry value',
    {
      ...sysmon,
      EventID: 13,
      Image: 'C:\\a.exe',
      TargetObject: 'HKLM\\A\\Run\\x',
      Details: 'evil',
      EventType: 'SetValue',
    },
  ],
  [
    'an image load',
    {
      ...sysmon,
      EventID: 7,
      Image: 'C:\\a.exe',
      ImageLoaded: 'C:\\b.dll',
      Signed: 'false',
      SignatureStatus: 'Valid',
    },
  ],
  [
    'a sign-in that failed',
    {
      ...audit,
      EventID: 4625,
      TargetUserName: 'ann',
      TargetDomainName: 'CORP',
      LogonType: '3',
      IpAddress: '198.51.100.7',
      IpPort: '50123',
      Status: '0xc000006d',
      SubStatus: '0xc000006a',
      LogonProcessName: 'NtLmSsp',
      AuthenticationPackageName: 'NTLM',
      WorkstationName: 'WS7',
    },
  ],
  [
    'an audit of a process start',
    {
      ...audit,
      EventID: 4688,
      NewProcessName: 'C:\\Windows\\System32\\cmd.exe',
      CommandLine: 'cmd',
      ParentProcessName: 'C:\\a.exe',
      SubjectUserName: 'ann',
      SubjectDomainName: 'CORP',
      TokenElevationType: '%%1936',
    },
  ],
  [
    'a connection of the filtering platform',
    {
      ...audit,
      EventID: 5156,
      Application: '\\device\\a.exe',
      Direction: '%%14593',
      SourceAddress: '192.0.2.5',
      DestAddress: '203.0.113.9',
      DestPort: '443',
      Protocol: '6',
    },
  ],
  [
    'a member of a group',
    {
      ...audit,
      EventID: 4732,
      TargetUserName: 'Administrators',
      TargetSid: 'S-1-5-32-544',
      MemberSid: 'S-1-5-21-1',
      SubjectUserName: 'ann',
    },
  ],
  [
    'a script block',
    {
      ...sysmon,
      Provider_Name: 'Microsoft-Windows-PowerShell',
      Channel: 'Microsoft-Windows-PowerShell/Operational',
      EventID: 4104,
      ScriptBlockText: 'Invoke-Evil',
      Path: 'C:\\x.ps1',
    },
  ],
  [
    'a module of PowerShell',
    {
      ...sysmon,
      Provider_Name: 'Microsoft-Windows-PowerShell',
      Channel: 'Microsoft-Windows-PowerShell/Operational',
      EventID: 4103,
      Payload: 'CommandInvocation(Get-Evil)',
    },
  ],
  [
    'a new service',
    {
      ...sysmon,
      Provider_Name: 'Service Control Manager',
      Channel: 'System',
      EventID: 7045,
      ServiceName: 'evil',
      ImagePath: 'C:\\e.exe',
    },
  ],
];

describe.each([
  ['ECS', throughEcs],
  ['OCSF', throughOcsf],
])('an event that went through %s', (_name, through) => {
  it.each(records)('%s has the same class, host, user and fields', (_record, record) => {
    const event = parseWindowsEvent(record, receivedAt);
    const back = through(event);
    const { classUid, activityId, severityId, occurredAt, hostname, userName } = event;
    expect(back).toMatchObject({ classUid, activityId, severityId, occurredAt, hostname });
    expect(back.userName).toBe(userName);
    const lost = Object.keys(event.fields).filter(
      (name) => plain(back.fields[name]) !== plain(event.fields[name]),
    );
    expect(lost).toEqual([]);
  });

  it('has whatever text stood in a field', () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text !== '-');
    fc.assert(
      fc.property(texts, texts, (CommandLine, Image) => {
        const record = { ...sysmon, EventID: 1, CommandLine, Image: `C:\\${Image}` };
        const { fields } = through(parseWindowsEvent(record, receivedAt));
        expect(fields.CommandLine).toBe(CommandLine);
        expect(fields.Image).toBe(`C:\\${Image}`);
      }),
    );
  });
});

describe('an event of CloudTrail that went through OCSF', () => {
  it.each([
    ['a call', aCloudTrailRecord({ errorCode: 'AccessDenied' })],
    ['a sign-in', aConsoleLogin('Failure')],
    [
      'a new user',
      aCloudTrailRecord({
        eventSource: 'iam.amazonaws.com',
        eventName: 'CreateUser',
        requestParameters: { userName: 'x' },
      }),
    ],
  ])('%s has the same fields', (_name, record) => {
    const event = parseCloudTrailRecord(record, receivedAt);
    const back = throughOcsf(event);
    const { classUid, activityId, userName } = event;
    expect(back).toMatchObject({ classUid, activityId, userName });
    const lost = Object.keys(event.fields).filter((name) => {
      const value = event.fields[name];
      return value !== null && plain(back.fields[name]) !== plain(value);
    });
    expect(lost).toEqual([]);
  });
});
