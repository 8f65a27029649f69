import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { NewTelemetryRow } from '@vedette/ingestion/history';

export const hosts = 500;
const programs = [
  'svchost',
  'cmd',
  'powershell',
  'conhost',
  'rundll32',
  'taskhostw',
  'msiexec',
  'chrome',
  'outlook',
  'winword',
] as const;

export function hostOf(number: number): string {
  return `ws-${number}.corp.example`;
}

export function assetOf(number: number): string {
  return `0197a000-0000-7000-8000-${String(number).padStart(12, '0')}`;
}

/** Texts by how often they stand in the events of a day; each call makes another. */
export const textsToFind: Readonly<Record<string, (events: number) => string>> = {
  /** In one event, which may be of another day. */
  rareText: (events) => `report${randomInt(events)}.docx`,
  absentText: () => `${randomBytes(6).toString('hex')}.invalid`,
  /** In 1,000 of the day's 500,000 events. */
  userText: () => `corp\\user${randomInt(100, 500)}\n`.slice(0, -1),
  /** In every tenth. */
  frequentText: () => programs[randomInt(programs.length)] ?? '',
};

/**
 * Writes the events `$2` to `$3` of the customer `$1`, the latest at `$4` and one each `$5` milliseconds: starts of
 * processes as Sysmon tells them, about 1.5 KB of record and 1 KB of fields.
 */
export const fillStatement = `
  with numbered as (
    select n, (n * 7919) % ${hosts} as host, (n * 104729) % 500 as person,
           (array['${programs.join(`','`)}'])[1 + n % ${programs.length}] as program,
           $4::timestamptz - n * ($5::float8 * interval '1 millisecond') as at
    from generate_series($2::bigint, $3::bigint) as n
  ), told as (
    select *, date_trunc('milliseconds', at) as occurred_at,
           '0197a000-0000-7000-8000-' || lpad(host::text, 12, '0') as asset_id,
           'ws-' || host || '.corp.example' as host_name, 'CORP\\user' || person as user_name,
           'C:\\Windows\\System32\\' || program || '.exe' as image,
           '"C:\\Windows\\System32\\' || program || '.exe" -k netsvcs -p -s Schedule --id ' || md5(n::text)
             || ' /c copy report' || n || '.docx \\\\files.corp.example\\share\\user' || person as command_line,
           'SHA256=' || md5((n % 200)::text) || md5((n % 201)::text) || ',IMPHASH=' || md5((n % 97)::text) as hashes
    from numbered
  ), made as (
    select *, jsonb_build_object(
      'EventID', 1, 'Channel', 'Microsoft-Windows-Sysmon/Operational', 'Computer', host_name,
      'Provider_Name', 'Microsoft-Windows-Sysmon', 'EventRecordID', n,
      'UtcTime', to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
      'Image', image, 'CommandLine', command_line, 'CurrentDirectory', 'C:\\Windows\\System32\\',
      'User', user_name, 'ProcessId', n % 65536, 'ProcessGuid', '{' || md5('p' || n) || '}',
      'ParentProcessId', n % 4096, 'ParentProcessGuid', '{' || md5('q' || n % 5000) || '}',
      'ParentImage', 'C:\\Windows\\System32\\services.exe',
      'ParentCommandLine', 'C:\\Windows\\System32\\services.exe', 'ParentUser', 'NT AUTHORITY\\SYSTEM',
      'Hashes', hashes, 'IntegrityLevel', 'System', 'LogonId', '0x' || to_hex(n), 'LogonGuid', md5('l' || n % 900),
      'Company', 'Microsoft Corporation', 'Description', 'Host Process for Windows Services',
      'Product', 'Microsoft Windows Operating System', 'FileVersion', '10.0.20348.1 (WinBuild.160101.0800)',
      'OriginalFileName', program || '.exe') as fields
    from told
  ), stored as (
    insert into telemetry_events
      (customer_id, occurred_at, event_id, received_at, connector_id, class_uid, activity_id, severity_id,
       asset_id, host_name, user_name, fields, raw)
    select $1::uuid, occurred_at, md5('e' || n)::uuid, occurred_at + interval '2 seconds',
           '0197b000-0000-7000-8000-000000000001', 1007, 1, 1, asset_id::uuid, host_name, user_name, fields,
           (fields || jsonb_build_object('EventReceivedTime', occurred_at, 'Keywords', '0x8000000000000000',
              'Opcode', 'Info', 'Task', 1, 'ThreadID', n % 9999, 'ExecutionProcessID', 2116,
              'ProviderGuid', '{' || md5('sysmon') || '}', 'SourceModuleName', 'eventlog', 'SourceModuleType', 'im_msvistalog',
              'Message', 'Process Create: ' || command_line || ' ' || image))::text
    from made
  )
  insert into telemetry_texts (customer_id, occurred_at, event_id, received_at, asset_id, search_text)
  select $1::uuid, occurred_at, md5('e' || n)::uuid, occurred_at, asset_id::uuid,
         lower(concat_ws(E'\\n', host_name, user_name, image, command_line, program || '.exe', hashes,
                         'C:\\Windows\\System32\\services.exe', 'NT AUTHORITY\\SYSTEM'))
  from made`;

/** Events as the history writer gets them, of now; no two are the same. */
export function batchRows(count: number): readonly NewTelemetryRow[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, n) => {
    const id = randomUUID();
    const digest = createHash('sha256').update(id).digest('hex');
    const host = n % hosts;
    const image = `C:\\Windows\\System32\\${programs[n % programs.length] ?? ''}.exe`;
    const fields = {
      ...{ EventID: 1, Channel: 'Microsoft-Windows-Sysmon/Operational', Computer: hostOf(host) },
      ...{ Image: image, CommandLine: `"${image}" -k netsvcs --id ${digest} /c copy ${id}.docx` },
      ...{ User: `CORP\\user${host}`, ProcessId: n, ProcessGuid: `{${id}}`, ParentProcessId: 4 },
      ...{ ParentImage: 'C:\\Windows\\System32\\services.exe', Hashes: `SHA256=${digest}` },
      ...{ Company: 'Microsoft Corporation', Product: 'Microsoft Windows Operating System' },
      ...{ ParentCommandLine: 'C:\\Windows\\System32\\services.exe', IntegrityLevel: 'System' },
      ...{ Description: 'Host Process for Windows Services', FileVersion: '10.0.20348.1' },
    };
    const text = JSON.stringify(fields);
    return {
      ...{ occurredAt: new Date(now - n), receivedAt: new Date(now + 1), eventId: id },
      ...{ connectorId: assetOf(0), classUid: 1007, activityId: 1, severityId: 1 },
      ...{ assetId: assetOf(host), hostName: hostOf(host), userName: `CORP\\user${host}` },
      ...{ fields: text, raw: `${text.slice(0, -1)},"Message":${JSON.stringify(text)}}` },
    };
  });
}
