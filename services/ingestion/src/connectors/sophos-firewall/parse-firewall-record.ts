import type { Fields, NormalisedEvent } from '@vedette/event-model';

import type { ConnectorSettings, JsonRecord } from '../connector-definition.ts';
import { firstName, toEvent } from '../json-values.ts';
import { cleanText, createFields, setField } from '../record-fields.ts';
import type { DraftFields } from '../record-fields.ts';
import { classify } from './classify.ts';

import { readDeviceTime } from './device-time.ts';
import { canonicalNameOf } from './field-names.ts';
import { readFirewallLine } from './read-firewall-line.ts';
import type { Verdict } from './verdict.ts';
import { addWebNames } from './web-names.ts';

/**
 * Normalises a line of Sophos Firewall that `readFirewallLine` took apart, or a record that carries one as `message`.
 * Any other shape becomes class `unmapped` with its own fields.
 * @param receivedAt epoch milliseconds
 */
export function parseFirewallRecord(
  delivered: JsonRecord,
  receivedAt: number,
  settings: ConnectorSettings = {},
): NormalisedEvent {
  const record = openMessage(delivered);
  const fields = readFields(record);
  const verdict = classify(fields);
  const { classUid, activityId, severityId } = verdict;
  const zone = typeof settings.timeZone === 'string' ? settings.timeZone : undefined;
  const time = readDeviceTime(fields, receivedAt, zone);
  addLogId(fields);
  addVerdict(fields, verdict);
  addWebNames(fields, classUid);
  return toEvent({
    source: 'sophos-firewall',
    occurredAt: time ?? receivedAt,
    meaning: [classUid, activityId, severityId],
    sourceRef: connectionRef(fields),
    hostname: hostOf(fields, settings),
    userName: firstName(fields.user_name),
    fields,
  });
}

/** A relay that sends JSON has the line as `message`. */
function openMessage(record: JsonRecord): JsonRecord {
  const { message, log_id: id, log_type: type, sys } = record;
  if (typeof message !== 'string' || (id ?? type ?? sys) !== undefined) return record;
  const read = readFirewallLine(message);
  return read.message === message ? record : read;
}

/** The line's own names, and for each that has another in the older format that one as well. */
function readFields(record: JsonRecord): DraftFields {
  const fields = createFields();
  for (const name in record) {
    const value = record[name];
    // Nearly all are texts under plain names; the rest comes from senders of JSON.
    if (typeof value === 'string' && !name.includes(' ')) fields[name] = cleanText(value);
    else setField(fields, name, value);
  }
  for (const name in record) {
    const canonical = canonicalNameOf(name);
    if (canonical === undefined) continue;
    const value = fields[name];
    if (value !== undefined) fields[canonical] ??= value;
  }
  return fields;
}

interface LogIdParts {
  readonly type: string;
  readonly component: string;
  readonly subtype: string;
  readonly severity: string;
  readonly message: string;
}

const logIds = new Map<string, LogIdParts>();
const maxLogIds = 4_096;

/** `log_id` taken apart: type, component, subtype, severity digit and the number of the message. */
function addLogId(fields: DraftFields): void {
  const { log_id: id } = fields;
  if (typeof id !== 'string' || id.length !== 12) return;
  let parts = logIds.get(id);
  if (parts === undefined) {
    if (logIds.size >= maxLogIds) logIds.clear();
    parts = {
      type: id.slice(0, 2),
      component: id.slice(2, 4),
      subtype: id.slice(4, 6),
      severity: id.slice(6, 7),
      message: id.slice(7),
    };
    logIds.set(id, parts);
  }
  fields['log_id.type'] = parts.type;
  fields['log_id.component'] = parts.component;
  fields['log_id.subtype'] = parts.subtype;
  fields['log_id.severity'] = parts.severity;
  fields['log_id.message'] = parts.message;
}

/** Sigma's words for what a firewall did, by OCSF's. */
const actions: Readonly<Record<number, string>> = {
  1: 'accept',
  2: 'deny',
  3: 'quarantine',
  15: 'detect',
  19: 'alert',
};

function addVerdict(fields: DraftFields, { classUid, dispositionId, outcome }: Verdict): void {
  if (outcome !== undefined) fields.outcome = outcome;
  if (dispositionId !== undefined) {
    fields.disposition_id = dispositionId;
    // Rules on denied and allowed traffic read `action`; a line that has one keeps its own.
    fields.action ??= actions[dispositionId] ?? 'other';
  }
  if (classUid !== 2004) return;
  const threat = fields.threat ?? fields.signature_msg;
  if (threat !== undefined && fields.log_type !== 'IDP') fields.Signature = threat;
}

/**
 * What identifies an event of a connection: serial number, connection, which event of it, when, and which log wrote it.
 * Other lines have nothing that does: a connection's id alone comes with each of its requests.
 */
function connectionRef(fields: Fields): string | null {
  const { device_serial: serial, connid, connevent, log_id: id } = fields;
  const when = fields.timestamp ?? fields.time;
  const isEvent =
    typeof serial === 'string' && typeof connid === 'string' && typeof connevent === 'string';
  if (!isEvent || typeof when !== 'string') return null;
  const day = fields.timestamp === undefined ? `${String(fields.date)} ` : '';
  const ref = `${serial}/${connid}/${connevent}/${day}${when}/${String(id)}`;
  return ref.length <= 256 ? ref : null;
}

/**
 * The inside host where the line names one (a lease's client, an endpoint with a heartbeat), else the firewall: as it
 * is called in the settings, in the line, or by its serial number. `SFW` is what every firewall calls itself.
 */
function hostOf(fields: Fields, { deviceNames }: ConnectorSettings): string | null {
  const inside = firstName(fields.client_host_name, fields.ep_name, fields.endpoint_name);
  if (inside !== null) return inside;
  const { device_serial: serial, device_name: name } = fields;
  const given =
    typeof serial === 'string' && typeof deviceNames === 'object' && deviceNames !== null
      ? (Object.entries(deviceNames).find(([key]) => key === serial)?.[1] as unknown)
      : null;
  return firstName(given, name === 'SFW' ? null : name, serial);
}
