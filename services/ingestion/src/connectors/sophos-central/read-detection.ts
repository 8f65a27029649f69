import type { JsonRecord } from '../connector-definition.ts';
import {
  firstName,
  firstTime,
  fromJson,
  idOf,
  nameOf,
  recordOf,
  replaceField,
  textOf,
} from '../json-values.ts';
import type { EventMeaning, ReadEvent } from '../json-values.ts';
import type { DraftFields } from '../record-fields.ts';
import { flattenInto, isRecord } from '../record-fields.ts';
import { readFields } from './sophos-fields.ts';

/** A detection of the Detections API: `rawData` is the data-lake row that the rule saw. */
export function readDetection(record: JsonRecord, receivedAt: number): ReadEvent {
  const fields = readFields(record);
  const device = recordOf(record.device);
  const row = recordOf(record.rawData);
  addCode(fields, record.detectionRule);
  addTechniques(fields, record.mitreAttacks);
  addTechniques(fields, fromJson(row.ioc_detection_mitre_attack));
  const occurredAt = firstTime(receivedAt, record.time, record.sensorGeneratedAt);
  const id = nameOf(record.id);
  return {
    source: 'sophos-central',
    occurredAt: occurredAt ?? receivedAt,
    meaning: [findingClass(record.type), 1, severityOfScore(record.severity)],
    sourceRef: id === null ? null : `detection:${id}:${String(occurredAt ?? '')}`,
    hostname: firstName(device.entity, row.meta_hostname),
    userName: firstName(row.meta_username, row.username),
    fields,
  };
}

/** A row of the data lake: flat, with objects as JSON text, `-` for nothing. */
export function readDataLakeRow(record: JsonRecord, receivedAt: number): ReadEvent {
  const fields = readFields(record);
  for (const [name, value] of Object.entries(record)) {
    const held = typeof value === 'string' ? fromJson(value) : null;
    if (isRecord(held)) flattenInto(fields, name, held);
    else if (Array.isArray(held) && name !== 'ioc_detection_mitre_attack')
      replaceField(fields, name, held);
  }
  addCode(fields, record.ioc_detection_id);
  addTechniques(fields, fromJson(record.ioc_detection_mitre_attack));
  const path = textOf(record.ioc_event_path);
  if (path !== null) fields.Filename ??= path;
  const hashes = ['sha256', 'sha1', 'md5'].flatMap((name) => {
    const value = nameOf(record[name]);
    return value === null ? [] : [`${name.toUpperCase()}=${value}`];
  });
  if (hashes.length > 0) fields.Hashes ??= hashes.join(',');
  const time = firstTime(
    receivedAt,
    ...[record.calendar_time, record.unix_time, record.ioc_unix_time],
    ...[record.ioc_created_at, record.ingestion_timestamp],
  );
  const id = firstName(record.record_identifier, record.detection_identifier);
  return {
    source: 'sophos-central',
    occurredAt: time ?? receivedAt,
    meaning: rowMeaning(record),
    sourceRef: id === null ? null : `row:${id}`,
    hostname: firstName(record.meta_hostname),
    userName: firstName(record.meta_username),
    fields,
  };
}

/** What was seen, as the type of an event says it elsewhere: a row's own `type` is a column of its table. */
function addCode(fields: DraftFields, rule: unknown): void {
  const code = nameOf(rule);
  if (code !== null) fields.event_code = code;
}

/** A row that no rule saw is what osquery found, which says nothing about its meaning. */
function rowMeaning(record: JsonRecord): EventMeaning {
  const isFinding = textOf(record.ioc_detection_id) !== null || record.ioc_severity !== undefined;
  if (!isFinding) return [0, 0, 1];
  return [findingClass(record.ioc_detection_type), 1, severityOfScore(record.ioc_severity)];
}

function findingClass(type: unknown): number {
  return type === 'Vulnerability' ? 2002 : 2004;
}

/** The vendor's 0 to 10 as OCSF severity: informational to 1, low to 3, medium to 6, high to 8, else critical. */
function severityOfScore(score: unknown): number {
  const text = idOf(score);
  const value = text === null ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= 10)) return 0;
  if (value < 2) return 1;
  if (value < 4) return 2;
  if (value < 7) return 3;
  return value < 9 ? 4 : 5;
}

const maxNodes = 2000;
const maxIds = 64;

/** Ids of tactics and techniques wherever they stand in the list: the API nests them, older rows do not. */
function addTechniques(fields: DraftFields, attacks: unknown): void {
  const techniques = listOf(fields['attack.technique.id']);
  const tactics = listOf(fields['attack.tactic.id']);
  const nodes: unknown[] = [attacks];
  for (let at = 0; at < nodes.length && at < maxNodes; at += 1) {
    const node = nodes[at];
    if (typeof node === 'string') {
      if (/^T\d{4}(?:\.\d{3})?$/.test(node)) techniques.add(node);
      else if (/^TA\d{4}$/.test(node)) tactics.add(node);
    } else if (typeof node === 'object' && node !== null) {
      const children: readonly unknown[] = Object.values(node);
      if (nodes.length < maxNodes) nodes.push(...children.slice(0, maxNodes));
    }
  }
  if (techniques.size > 0) fields['attack.technique.id'] = [...techniques].slice(0, maxIds);
  if (tactics.size > 0) fields['attack.tactic.id'] = [...tactics].slice(0, maxIds);
}

function listOf(value: unknown): Set<string> {
  return new Set(Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []);
}
