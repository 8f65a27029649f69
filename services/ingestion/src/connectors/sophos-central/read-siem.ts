import type { JsonRecord } from '../connector-definition.ts';
import { firstName, firstText, firstTime, nameOf, recordOf, severityOf } from '../json-values.ts';
import type { EventMeaning, ReadEvent } from '../json-values.ts';
import type { DraftFields } from '../record-fields.ts';
import { setField } from '../record-fields.ts';
import { readFields } from './sophos-fields.ts';
import { meaningOfType, severityFor } from './siem-types.ts';
import { readSentence } from './siem-texts.ts';

type Kind = 'siem-event' | 'siem-alert' | 'alert';

/** The vendor's own names for what its SIEM script renames. */
const renamed: readonly (readonly [script: string, api: string])[] = [
  ['rt', 'created_at'],
  ['end', 'when'],
  ['dhost', 'location'],
  ['suser', 'source'],
  ['duid', 'user_id'],
  ['filePath', 'full_file_path'],
];

/** An event or alert of the SIEM feed (either spelling of its keys), or an alert of the alerts API. */
export function readSiem(record: JsonRecord, kind: Kind, receivedAt: number): ReadEvent {
  const fields = readFields(record);
  for (const [script, api] of renamed) {
    const value = fields[script];
    if (value !== undefined) fields[api] ??= value;
  }
  // `n/a` is no user, and must not become one in a projection.
  const userName = nameOf(fields.source);
  if (userName === null) delete fields.source;
  addSentence(fields, firstText(record.name, record.description));
  addEvidence(fields);
  const occurredAt = firstTime(receivedAt, fields.when, fields.created_at, record.raisedAt);
  return {
    source: 'sophos-central',
    occurredAt: occurredAt ?? receivedAt,
    meaning: readMeaning(record, fields),
    sourceRef: readReference(record, kind, occurredAt),
    hostname: firstName(fields.location),
    userName,
    fields,
  };
}

/** An alert comes again with another time when it changes; an event never does. */
function readReference(record: JsonRecord, kind: Kind, time: number | null): string | null {
  const id = nameOf(record.id);
  if (id === null) return null;
  return kind === 'siem-alert' && time !== null ? `${kind}:${id}:${String(time)}` : `${kind}:${id}`;
}

function readMeaning(record: JsonRecord, fields: DraftFields): EventMeaning {
  const type = nameOf(record.type) ?? '';
  if (type !== '') fields.event_code = type;
  const known = meaningOfType(type, firstName(record.group, record.category) ?? '');
  const vendor = severityOf(record.severity);
  if (known === null) return [0, 0, vendor];
  if (known.dispositionId !== undefined) fields.disposition_id = known.dispositionId;
  const [classUid, activityId] = known.meaning;
  return [classUid, activityId, severityFor(known, vendor, type, firstText(fields.threat) ?? '')];
}

/** What only the sentence says, beside the names that the API has for the same facts elsewhere. */
function addSentence(fields: DraftFields, sentence: string | null): void {
  const parts = sentence === null ? {} : readSentence(sentence);
  if (parts.threat !== undefined && firstText(fields.threat) === null) {
    setField(fields, 'threat', parts.threat);
  }
  if (parts.path !== undefined && firstText(fields.full_file_path) === null) {
    setField(fields, 'full_file_path', parts.path);
  }
  for (const name of ['application', 'category', 'site', 'reason'] as const) {
    const part = parts[name];
    if (part !== undefined)
      setField(fields, name === 'category' ? 'application_category' : name, part);
  }
  for (const [name, value] of parts.dlp ?? []) setField(fields, `dlp.${name}`, value);
}

/** The words that Sigma's rules for antivirus products use. */
function addEvidence(fields: DraftFields): void {
  const threat = firstText(fields.threat);
  if (threat !== null) fields.Signature ??= threat;
  const path = firstText(fields.full_file_path);
  if (path !== null) fields.Filename ??= path;
  const hash = nameOf(fields.appSha256);
  if (hash !== null) fields.Hashes ??= `SHA256=${hash}`;
}

/** Tells which of the three a record is; null where it is none. */
export function siemKind(record: JsonRecord): Kind | null {
  if (record.raisedAt !== undefined || record.managedAgent !== undefined) return 'alert';
  if (typeof record.type !== 'string' || !record.type.startsWith('Event::')) return null;
  const isAlert =
    record.datastream === 'alert' ||
    record.event_service_event_id !== undefined ||
    record.threat_cleanable !== undefined ||
    Object.keys(recordOf(record.data)).length > 0;
  return isAlert ? 'siem-alert' : 'siem-event';
}
