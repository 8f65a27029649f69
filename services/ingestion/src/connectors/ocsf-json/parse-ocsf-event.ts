import type { Fields, NormalisedEvent } from '@vedette/event-model';

import { nameIn, readDotted, timeIn } from '../cloud-record.ts';
import type { JsonRecord } from '../connector-definition.ts';
import {
  accountOf,
  ownNamesFor,
  restoreWindowsEnvelope,
  sourceOfProduct,
  unnest,
} from '../dialect.ts';
import { severityOf as severityOfWord, toEvent } from '../json-values.ts';
import { restoreOwnNames } from '../own-names.ts';

/** Classes of extensions are offset by a hundred thousand each; what is larger is no class. */
const maxClassUid = 99_999_999;
const maxActivityId = 999;
const fatal = 6;

/**
 * Normalises one OCSF event: class, activity, severity and time are the sender's. The fields are kept by their
 * dotted OCSF names, and stand beside them under the names that rules use. Without a class it is `unmapped`.
 * @param receivedAt epoch milliseconds
 */
export function parseOcsfEvent(record: JsonRecord, receivedAt: number): NormalisedEvent {
  const fields = readDotted(record);
  const classUid = classOf(fields);
  if (isOcsf(fields)) {
    unnest(fields, ['unmapped.']);
    addOwnNames(fields, classUid);
  }
  const times = ['time', 'time_dt', 'metadata.original_time', 'metadata.logged_time'];
  return toEvent({
    source: 'ocsf-json',
    occurredAt: timeIn(fields, times, receivedAt) ?? receivedAt,
    meaning: [classUid, classUid === 0 ? 0 : activityOf(fields), severityOf(fields)],
    sourceRef: isOcsf(fields) ? readSourceRef(fields) : null,
    hostname: nameIn(fields, ['device.hostname', 'device.name']),
    userName: readUser(fields, classUid),
    fields,
  });
}

function addOwnNames(fields: ReturnType<typeof readDotted>, classUid: number): void {
  const windows = restoreWindowsEnvelope(fields, {
    provider: fields['metadata.log_provider'] ?? fields['metadata.product.name'],
    channel: fields['metadata.log_name'],
    eventId: fields['metadata.event_code'],
  });
  const kind = {
    ...withSource(sourceOfProduct(fields['metadata.product.name'])),
    classUid,
    eventId: fields.EventID,
  };
  restoreOwnNames(fields, 'ocsf', kind, ownNamesFor(fields, windows !== null));
}

function withSource(source: string | undefined): { source?: string } {
  return source === undefined ? {} : { source };
}

function wholeNumber(value: unknown, most: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
    ? value
    : null;
}

/** Class 0 is OCSF's base event: something else happened. */
function isOcsf(fields: Fields): boolean {
  return typeof (fields.class_uid ?? fields.type_uid) === 'number';
}

/** A type is a class and an activity in one number. */
function classOf(fields: Fields): number {
  const type = wholeNumber(fields.type_uid, (maxClassUid + 1) * 100);
  return wholeNumber(fields.class_uid, maxClassUid) ?? (type === null ? 0 : Math.floor(type / 100));
}

function activityOf(fields: Fields): number {
  const type = wholeNumber(fields.type_uid, (maxClassUid + 1) * 100);
  return wholeNumber(fields.activity_id, maxActivityId) ?? (type === null ? 0 : type % 100);
}

/** OCSF's 99 (other) says its severity in words, if at all. */
function severityOf(fields: Fields): number {
  return wholeNumber(fields.severity_id, fatal) ?? severityOfWord(fields.severity);
}

/** A finding keeps its uid over its updates: each of these is told once. */
function readSourceRef(fields: Fields): string | null {
  const uid = nameIn(fields, ['metadata.uid']);
  if (uid !== null) return uid;
  const finding = nameIn(fields, ['finding_info.uid', 'finding.uid']);
  if (finding === null) return null;
  return `${finding}|${String(activityOf(fields))}|${nameIn(fields, ['time', 'time_dt']) ?? ''}`;
}

/** In the classes of identity `user` is who signs in (3002), else whom something is done to. */
function readUser(fields: Fields, classUid: number): string | null {
  const places =
    classUid === 3002
      ? ['user', 'actor.user']
      : ['actor.user', 'process.user', 'actor.process.user', 'user', 'evidences.actor.user'];
  for (const place of places) {
    const account = accountOf(fields, place) ?? nameIn(fields, [`${place}.email_addr`]);
    if (account !== null) return account;
  }
  return null;
}
