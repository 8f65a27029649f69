import type { NormalisedEvent } from '@vedette/event-model';

import type { JsonRecord } from '../connector-definition.ts';
import { firstName, firstText, firstTime, idOf, toEvent, toJson } from '../json-values.ts';
import type { EventMeaning, ReadEvent } from '../json-values.ts';
import type { DraftFields } from '../record-fields.ts';
import { isRecord } from '../record-fields.ts';
import { readFields } from './m365-fields.ts';
import { readMailboxRule } from './mailbox-rules.ts';
import { meaningOf } from './operations.ts';

/**
 * Normalises one record of Microsoft 365's unified audit log: as the Management Activity API gives it, as Log
 * Analytics exports it, or inside an event of Defender for Cloud Apps. Never throws for an object: without an
 * operation it becomes class `unmapped` with its own fields.
 */
export function parseM365Record(record: JsonRecord, receivedAt: number): NormalisedEvent {
  return toEvent(read(whole(record), receivedAt));
}

/** Defender puts the record inside its own. */
function whole(record: JsonRecord): JsonRecord {
  const { RawEventData: inner, ...outer } = record;
  return isRecord(inner) ? { ...outer, ...inner } : record;
}

function read(record: JsonRecord, receivedAt: number): ReadEvent {
  const fields = readFields(record);
  const operation = isAudit(fields) ? (firstName(fields.Operation) ?? '') : '';
  const meaning = operation === '' ? ([0, 0, 1] as const) : readMeaning(fields, operation);
  const occurredAt = firstTime(
    receivedAt,
    fields.CreationTime,
    record.TimeGenerated,
    record.Timestamp,
  );
  addOutcome(fields, operation, meaning);
  addSigmaNames(fields, record);
  return {
    source: 'm365-audit',
    occurredAt: occurredAt ?? receivedAt,
    meaning,
    sourceRef: readReference(fields),
    // `Data.MachineName` of an investigation is a server of Microsoft's.
    hostname: firstName(
      ...[fields['DeviceProperties.DisplayName'], fields.DeviceName, fields['Data.dn']],
    ),
    userName: readUser(fields, operation),
    fields,
  };
}

/** Defender's tables of devices have actions too, but are no audit records: they belong to no workload. */
function isAudit(fields: DraftFields): boolean {
  return (
    firstText(fields.Workload, fields.CreationTime) !== null &&
    fields.InitiatingProcessId === undefined
  );
}

function readMeaning(fields: DraftFields, operation: string): EventMeaning {
  const severity = firstText(fields.Severity, fields['Data.Severity'], fields['Data.sev']);
  const recordType = Number(idOf(fields.RecordType) ?? Number.NaN);
  const workload = firstName(fields.Workload) ?? '';
  const [classUid, activityId, severityId] = meaningOf({
    operation,
    workload,
    recordType,
    severity,
  });
  const techniques = readMailboxRule(fields, operation);
  if (techniques.length > 0) fields['attack.technique.id'] = [...techniques];
  addDisposition(fields, operation);
  const isDelivered = fields.disposition_id === 1 && classUid === 2004;
  return [
    classUid,
    activityId,
    techniques.length > 0 || isDelivered ? Math.max(severityId, isDelivered ? 4 : 3) : severityId,
  ];
}

/** OCSF `disposition_id` of malicious mail: what was done with it. */
const deliveries: ReadonlyMap<string, number> = new Map([
  ['blocked', 2],
  ['delivered', 1],
  ['deliveredasspam', 3],
  ['junked', 3],
  ['replaced', 11],
]);

function addDisposition(fields: DraftFields, operation: string): void {
  const delivery = firstText(fields.DeliveryAction)?.toLowerCase() ?? '';
  const isRemediated = firstText(fields.Status)?.toLowerCase() === 'remediated';
  const known =
    deliveries.get(delivery) ??
    (operation === 'AirInvestigationData' && isRemediated ? 11 : undefined);
  if (known !== undefined) fields.disposition_id = known;
}

/**
 * Success or failure. Most workloads record only what was done; a finding has no outcome unless it is told.
 */
function addOutcome(fields: DraftFields, operation: string, [classUid]: EventMeaning): void {
  const told = firstText(fields.ResultStatus)?.toLowerCase() ?? '';
  const isFinding = classUid < 3000;
  const hasFailed = /^(?:fail|false|error|denied)/.test(told) || operation === 'UserLoginFailed';
  const hasSucceeded = /^(?:succe|true|partial)/.test(told) || (told === '' && !isFinding);
  if (!hasFailed && !hasSucceeded) return;
  fields.status_id = hasFailed ? 2 : 1;
  fields.status = hasFailed ? 'failure' : 'success';
}

/** The names by which Sigma's rules for the product, and other alerts, know facts that the record names otherwise. */
function addSigmaNames(fields: DraftFields, record: JsonRecord): void {
  const workload = firstText(fields.Workload);
  if (workload !== null) fields.eventSource ??= workload;
  const isAlert = firstText(fields.Operation)?.startsWith('Alert') ?? false;
  const name = firstText(isAlert ? fields.Name : null, fields.Operation);
  if (name !== null) fields.eventName ??= name;
  const requestType = fields['ExtendedProperties.RequestType'];
  if (requestType !== undefined) fields.RequestType ??= requestType;
  // The object that a data loss rule matched is a file on devices, but a mail's subject in Exchange.
  if (fields['Data.wl'] === 'Exchange' && fields['Data.von'] !== undefined) {
    fields['Data.ms'] ??= fields['Data.von'];
  }
  if (workload !== 'SecurityComplianceCenter') return;
  const parameters = toJson(record.Parameters) ?? toJson(record.NonPIIParameters);
  if (parameters !== null) fields.Payload ??= `${name ?? ''} ${parameters}`.slice(0, 16_384);
}

/** An investigation keeps its id while it goes on. */
function readReference(fields: DraftFields): string | null {
  const id = firstName(fields.Id);
  if (id === null) return null;
  return fields.Operation === 'AirInvestigationData'
    ? `${id}:${firstName(fields.CreationTime) ?? ''}`
    : id;
}

/** Who acted; of an alert, whom it is about: the service itself raises it. */
function readUser(fields: DraftFields, operation: string): string | null {
  if (operation.startsWith('Alert')) {
    return firstName(fields['Data.f3u'], fields['Data.trc'], fields['Data.suid']);
  }
  const user = firstName(fields.UserId, fields.UserKey);
  // Guests and claims: `urn:spo:guest#ann@example.org`, `i:0#.f|membership|ann@corp.example`.
  if (user === null || !/^(?:urn:|i:0)/.test(user)) return user;
  return user.slice(Math.max(user.lastIndexOf('#'), user.lastIndexOf('|')) + 1);
}
