import { createFields, flattenInto, isRecord, setField } from '../record-fields.ts';
import type { DraftFields } from '../record-fields.ts';
import { readEventData, readSystem, toEventId } from './evtx-json.ts';

type WindowsRecord = Readonly<Record<string, unknown>>;

/** What a record's shape was told to be. */
export type Layout = 'evtx' | 'winlogbeat' | 'winlogbeat-6' | 'flat' | 'unknown';

/** Tells the shape of a record by its keys. */
export function detectLayout(record: WindowsRecord): Layout {
  if (record.EventID !== undefined) return 'flat';
  if (isRecord(record.Event) && isRecord(record.Event.System)) return 'evtx';
  if (isRecord(record.winlog)) return 'winlogbeat';
  if (record.event_id !== undefined && (record.log_name ?? record.source_name) !== undefined) {
    return 'winlogbeat-6';
  }
  return 'unknown';
}

/** The fields of a record by Sigma's names: `EventID`, `Channel`, `Provider_Name`, `Computer` and its own data. */
export function readFields(record: WindowsRecord, layout: Layout): DraftFields {
  switch (layout) {
    case 'flat':
      return readFlat(record);
    case 'evtx':
      return readEvtx(record);
    case 'winlogbeat':
      return readWinlogbeat(record);
    case 'winlogbeat-6':
      return readWinlogbeat6(record);
    case 'unknown':
      return readTopLevel(record);
  }
}

function readTopLevel(record: WindowsRecord): DraftFields {
  const fields = createFields();
  for (const name of Object.keys(record)) setField(fields, name, record[name]);
  return fields;
}

/**
 * NXLog, Security-Datasets and Log Analytics call the envelope's parts differently. Read from the record and not
 * from the fields: Defender has a data field `Source Name`, which is `SourceName` by Sigma's convention.
 */
function readFlat(record: WindowsRecord): DraftFields {
  const fields = readTopLevel(record);
  setMissing(fields, 'Provider_Name', record.SourceName ?? record.EventSourceName ?? record.Source);
  setMissing(fields, 'Computer', record.Hostname ?? record.HOSTNAME);
  setMissing(fields, 'Channel', record.EventLog);
  if (isRecord(record.EventID)) readSystem(fields, { EventID: record.EventID });
  else setField(fields, 'EventID', toEventId(record.EventID));
  return fields;
}

function setMissing(fields: DraftFields, name: string, value: unknown): void {
  if (fields[name] === undefined) setField(fields, name, value);
}

function readEvtx(record: WindowsRecord): DraftFields {
  const event = isRecord(record.Event) ? record.Event : {};
  const fields = createFields();
  readEventData(fields, event.EventData);
  readEventData(fields, event.UserData);
  if (isRecord(event.System)) readSystem(fields, event.System);
  return fields;
}

/** Winlogbeat before version 7: snake case at the top, the event's own data in `event_data` or `user_data`. */
function readWinlogbeat6(record: WindowsRecord): DraftFields {
  const fields = createFields();
  readEventData(fields, record.event_data);
  readEventData(fields, record.user_data);
  readSystem(fields, {
    EventID: record.event_id,
    Channel: record.log_name,
    Computer: record.computer_name,
    Provider: { Name: record.source_name, Guid: record.provider_guid },
    EventRecordID: record.record_number,
    Execution: { ProcessID: record.process_id, ThreadID: record.thread_id },
    Level: record.level,
    Task: record.task,
    Opcode: record.opcode,
    Keywords: record.keywords,
    Version: record.version,
  });
  readAccount(fields, record.user);
  setField(fields, 'Message', record.message);
  setField(fields, '@timestamp', record['@timestamp']);
  return fields;
}

/** Winlogbeat 7 and later: the record under `winlog`, what the shipper made of it beside it in ECS. */
function readWinlogbeat(record: WindowsRecord): DraftFields {
  const fields = createFields();
  const winlog = isRecord(record.winlog) ? record.winlog : {};
  const process = isRecord(winlog.process) ? winlog.process : {};
  const thread = isRecord(process.thread) ? process.thread : {};
  readEventData(fields, winlog.event_data);
  readEventData(fields, winlog.user_data);
  readSystem(fields, {
    EventID: winlog.event_id ?? (isRecord(record.event) ? record.event.code : undefined),
    Channel: winlog.channel,
    Computer: winlog.computer_name,
    Provider: { Name: winlog.provider_name, Guid: winlog.provider_guid },
    EventRecordID: winlog.record_id,
    Execution: { ProcessID: process.pid, ThreadID: thread.id },
    Task: winlog.task,
    Opcode: winlog.opcode,
    Keywords: winlog.keywords,
    Version: winlog.version,
  });
  readAccount(fields, winlog.user);
  setField(fields, 'Message', record.message);
  for (const name of Object.keys(record)) {
    if (name === 'winlog' || name === 'message' || name === '@version') continue;
    const value = record[name];
    if (isRecord(value)) flattenInto(fields, name, value);
    else setField(fields, name, value);
  }
  return fields;
}

/** The account that the log service saw, under NXLog's names. */
function readAccount(fields: DraftFields, user: unknown): void {
  if (!isRecord(user)) return;
  setMissing(fields, 'AccountName', user.name);
  setMissing(fields, 'Domain', user.domain);
  setField(fields, 'Security_UserID', user.identifier);
}
