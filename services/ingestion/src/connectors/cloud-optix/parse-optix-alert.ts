import type { Fields, NormalisedEvent } from '@vedette/event-model';

import { nameIn, readDotted, timeIn } from '../cloud-record.ts';
import type { ConnectorSettings, JsonRecord } from '../connector-definition.ts';
import { severityOf as severityOfWord, toEvent } from '../json-values.ts';
import { isRecord } from '../record-fields.ts';
import type { DraftFields } from '../record-fields.ts';
import { optixAliases, optixFacts } from './optix-aliases.ts';
import type { OptixFact } from './optix-aliases.ts';

const complianceFinding = 2003;
const detectionFinding = 2004;

/** Words of alerts about what somebody does; all others are about how something is set up. */
const behaviour =
  /anomal|guard.?rail|suspicious|unusual|behavio|threat|malware|intrusion|attack|brute|exfiltrat|cryptomin|log.?in|sign.?in/i;
const closed = /^(closed?|resolved|fixed|suppressed|dismissed|remediated|done)$/i;
const updated = /^(updated?|reopened|changed)$/i;

/**
 * Normalises one alert of Cloud Optix, whose facts are found by their aliases. What tells neither what it is about
 * nor how severe it is becomes class `unmapped`.
 * @param receivedAt epoch milliseconds
 */
export function parseOptixAlert(
  record: JsonRecord,
  receivedAt: number,
  settings: ConnectorSettings = {},
): NormalisedEvent {
  const fields = readDotted(record);
  addFacts(fields, settings);
  const isAlert = hasSubject(fields) && fields.severity !== undefined;
  const activityId = isAlert ? activityOf(fields) : 0;
  return toEvent({
    source: 'cloud-optix',
    occurredAt: timeIn(fields, timesOf(activityId), receivedAt) ?? receivedAt,
    meaning: isAlert ? [classOf(fields), activityId, severityOf(fields)] : [0, 0, 1],
    sourceRef: isAlert ? readSourceRef(fields, activityId) : null,
    hostname: null,
    userName: null,
    fields,
  });
}

function hasSubject(fields: Fields): boolean {
  return (fields.alertDescription ?? fields.alertTitle ?? fields.alertType) !== undefined;
}

/** Puts each fact under its one name, where the alert has it under another. */
function addFacts(fields: DraftFields, settings: ConnectorSettings): void {
  const added = isRecord(settings.aliases) ? settings.aliases : {};
  for (const fact of optixFacts) {
    const more: unknown = added[fact];
    const preferred = Array.isArray(more) ? more.filter((name) => typeof name === 'string') : [];
    const name = [...preferred, ...optixAliases[fact]].find((each) => hasValue(fields, each));
    const value = name === undefined ? undefined : fields[name];
    if (value !== undefined) fields[fact satisfies OptixFact] = value;
  }
}

function hasValue(fields: Fields, name: string): boolean {
  const value = fields[name];
  return value !== undefined && value !== null && value !== '';
}

/** A closing or an update happened when the alert was last touched, the alert itself when it was raised. */
function timesOf(activityId: number): readonly string[] {
  return activityId === 1 ? ['alertTime', 'updatedTime'] : ['updatedTime', 'alertTime'];
}

function activityOf(fields: Fields): number {
  const status = nameIn(fields, ['alertStatus']) ?? '';
  if (closed.test(status)) return 3;
  return updated.test(status) ? 2 : 1;
}

function classOf(fields: Fields): number {
  const words = ['alertType', 'alertTitle', 'alertDescription'];
  const type = nameIn(fields, ['alertType']);
  // What the product calls the kind decides; only without one, the text.
  const texts = type === null ? words.slice(1) : ['alertType'];
  const isDetection = texts.some((name) => {
    const value = fields[name];
    return typeof value === 'string' && behaviour.test(value.slice(0, 2048));
  });
  return isDetection ? detectionFinding : complianceFinding;
}

/** Severities in words of Cloud Optix and of Sophos Central. */
function severityOf(fields: Fields): number {
  return severityOfWord(nameIn(fields, ['severity']));
}

/** The same alert comes again when it is closed or changed: each is told once. */
function readSourceRef(fields: Fields, activityId: number): string | null {
  const id = nameIn(fields, ['alertId']);
  if (id === null) return null;
  return `${id}|${String(activityId)}|${nameIn(fields, ['updatedTime']) ?? ''}`;
}
