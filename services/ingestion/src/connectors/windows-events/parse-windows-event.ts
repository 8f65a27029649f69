import { parseTime } from '@vedette/event-model';
import type { FieldValue, Fields, NormalisedEvent } from '@vedette/event-model';

import type { DraftFields } from '../record-fields.ts';
import { isName, joinAccount } from './account.ts';
import { classify } from './classify.ts';
import { detectLayout, readFields } from './layouts.ts';
import { restoreEventData } from './restore-event-data.ts';
import { isSysmon, readSysmonMessage } from './sysmon-message.ts';

/** A clock further ahead than this is wrong; the event then gets the time of receipt. */
const maxAheadMs = 366 * 24 * 60 * 60 * 1000;

/**
 * Where a record tells its time, best first: Sysmon's own, the log's, the shipper's. `EventTime` has no zone and is
 * read as UTC. The last two rows are Log Analytics' and what other JSON sources use.
 */
const timeFields = [
  'UtcTime',
  'TimeCreated_SystemTime',
  '@timestamp',
  'TimeCreated',
  'EventTime',
  'TimeGenerated',
  'timestamp',
  'Timestamp',
  'time',
] as const;

/** Where a record of unknown shape may name its host. */
const hostFields = ['Computer', 'host.name', 'Hostname', 'hostname', 'DeviceName', 'host'] as const;

/**
 * Normalises one Windows event record of any known layout: flat (NXLog, Security-Datasets), EVTX as JSON,
 * Winlogbeat 6 and later. Never throws for a JSON object: another shape becomes class `unmapped` with its own
 * fields.
 */
export function parseWindowsEvent(
  record: Readonly<Record<string, unknown>>,
  receivedAt: number,
): NormalisedEvent {
  const layout = detectLayout(record);
  const fields = readFields(record, layout);
  const [classUid, activityId, severityId] = classify(fields);
  if (layout === 'winlogbeat') restoreEventData(fields, classUid);
  if (layout === 'flat' && isSysmon(fields)) restoreProcessId(fields);
  const occurredAt = readTime(fields, receivedAt);
  const hostname = firstName(fields, hostFields);
  const userName = readUser(fields, classUid);
  const sourceRef = occurredAt === null ? null : readSourceRef(fields, occurredAt);
  return {
    source: 'windows-events',
    occurredAt: occurredAt ?? receivedAt,
    classUid,
    activityId,
    severityId,
    ...(sourceRef !== null && { sourceRef }),
    ...(hostname !== null && { hostname }),
    ...(userName !== null && { userName }),
    fields,
  };
}

function firstName(fields: Fields, names: readonly string[]): string | null {
  for (const name of names) {
    const value = fields[name];
    if (isName(value)) return value;
  }
  return null;
}

function readTime(fields: Fields, receivedAt: number): number | null {
  for (const name of timeFields) {
    const value = fields[name];
    const time = typeof value === 'string' ? parseTime(value) : toEpochMs(value);
    if (time !== null && time >= 0 && time <= receivedAt + maxAheadMs) return time;
  }
  return null;
}

/** A number of this century is seconds up to ten digits, else milliseconds. */
function toEpochMs(value: FieldValue | undefined): number | null {
  if (typeof value !== 'number' || value < 1e9) return null;
  return Math.floor(value < 1e11 ? value * 1000 : value);
}

/**
 * A record number counts within one channel of one host, and starts again when the log is cleared: the time makes
 * the reference unique. Without any of the four nothing identifies the record.
 */
function readSourceRef(fields: Fields, occurredAt: number): string | null {
  const recordId = fields.EventRecordID ?? fields.RecordNumber;
  const { Computer: computer, Channel: channel } = fields;
  if (!isName(computer) || !isName(channel)) return null;
  if (typeof recordId !== 'number' && !isName(recordId)) return null;
  return `${computer}|${channel}|${String(recordId)}|${String(occurredAt)}`;
}

/** Who acted or signed in. `AccountName` is who wrote to the log: for Sysmon that is the service itself. */
function readUser(fields: Fields, classUid: number): string | null {
  if (isName(fields.User)) return fields.User;
  if (isName(fields.SourceUser)) return fields.SourceUser;
  const isSignIn = classUid === 3002;
  const target = joinAccount(fields.TargetDomainName, fields.TargetUserName);
  if (isSignIn && target !== null) return target;
  const subject = joinAccount(fields.SubjectDomainName, fields.SubjectUserName);
  if (subject !== null) return subject;
  if (target !== null) return target;
  // Defender and the certificate services have names of their own.
  const named = fields.DetectionUser ?? fields.Requester;
  if (isName(named)) return named;
  return isSysmon(fields) ? null : joinAccount(fields.Domain, fields.AccountName);
}

/** Sysmon 8 and 10 name two processes and have no `ProcessId`. */
function restoreProcessId(fields: DraftFields): void {
  if (fields.ProcessId !== undefined || fields.SourceImage !== undefined) return;
  const processId = readSysmonMessage(fields, 'ProcessId');
  if (processId !== null) fields.ProcessId = processId;
}
