import type { NormalisedEvent } from '@vedette/event-model';

import type { JsonRecord } from '../connector-definition.ts';
import { firstName, firstTime, toEvent } from '../json-values.ts';
import type { ReadEvent } from '../json-values.ts';
import { isRecord } from '../record-fields.ts';
import { readDataLakeRow, readDetection } from './read-detection.ts';
import { readEndpoint, readHealthCheck } from './read-posture.ts';
import { readSiem, siemKind } from './read-siem.ts';
import { readFields } from './sophos-fields.ts';

/**
 * Normalises one item of any API of Sophos Central; which one is told by its keys. Never throws for an object:
 * another shape becomes class `unmapped` with its own fields.
 */
export function parseSophosRecord(record: JsonRecord, receivedAt: number): NormalisedEvent {
  return toEvent(read(record, receivedAt));
}

function read(record: JsonRecord, receivedAt: number): ReadEvent {
  if (isDataLakeRow(record)) return readDataLakeRow(record, receivedAt);
  if (isDetection(record)) return readDetection(record, receivedAt);
  if (isEndpoint(record)) return readEndpoint(record, receivedAt);
  if (isHealthCheck(record)) return readHealthCheck(record, receivedAt);
  const kind = siemKind(record);
  return kind === null ? readOther(record, receivedAt) : readSiem(record, kind, receivedAt);
}

function isDataLakeRow(record: JsonRecord): boolean {
  return (
    record.ioc_detection_id !== undefined ||
    record.ioc_severity !== undefined ||
    (record.meta_hostname !== undefined && record.query_name !== undefined)
  );
}

function isDetection(record: JsonRecord): boolean {
  return (
    record.detectionRule !== undefined &&
    [record.sensor, record.device, record.rawData, record.mitreAttacks].some(Boolean)
  );
}

function isEndpoint(record: JsonRecord): boolean {
  return (
    typeof record.hostname === 'string' &&
    (record.type === 'computer' || record.type === 'server') &&
    [record.health, record.os, record.macAddresses, record.assignedProducts].some(Boolean)
  );
}

function isHealthCheck({ endpoint, networkDevice }: JsonRecord): boolean {
  const checks = ['protection', 'policy', 'exclusions', 'tamperProtection'];
  const isOfEndpoints = isRecord(endpoint) && checks.some((name) => isRecord(endpoint[name]));
  return isOfEndpoints || (isRecord(networkDevice) && isRecord(networkDevice.firewall));
}

function readOther(record: JsonRecord, receivedAt: number): ReadEvent {
  const time = firstTime(receivedAt, record.when, record.time, record.createdAt);
  return {
    source: 'sophos-central',
    occurredAt: time ?? receivedAt,
    meaning: [0, 0, 1],
    sourceRef: null,
    hostname: firstName(record.location, record.hostname),
    userName: null,
    fields: readFields(record),
  };
}
