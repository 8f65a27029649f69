import { isObject } from './record-layout.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Where a record says when its event happened, the more exact first. */
const TIME_FIELDS = [
  ...['UtcTime', 'TimeCreated', '@timestamp', 'eventTime', 'EventTime', 'TimeGenerated'],
  ...['CreationTime', 'timestamp', 'Timestamp', 'ts', 'time', '_time'],
];

/** Numbers below this are seconds since 1970 (until the year 5138), those above milliseconds. */
const SECONDS_UNTIL = 1e11;

/** When the event of a record happened, in milliseconds since 1970; NaN when the record does not say. */
export function recordTime(record: JsonObject): number {
  const evtx = record['Event'];
  if (isObject(evtx)) {
    const data = evtx['EventData'];
    const system = evtx['System'];
    const utcTime = isObject(data) ? toTime(data['UtcTime']) : Number.NaN;
    if (!Number.isNaN(utcTime)) return utcTime;
    if (isObject(system)) return toTime(attribute(system['TimeCreated'], 'SystemTime'));
  }
  for (const field of TIME_FIELDS) {
    const time = toTime(record[field]);
    if (!Number.isNaN(time)) return time;
  }
  const { date, time } = record;
  return typeof date === 'string' && typeof time === 'string'
    ? toTime(`${date} ${time}`)
    : Number.NaN;
}

/** Reads seconds or milliseconds since 1970, or a date's text; without a zone it is UTC, as Windows and Zeek write it. */
export function toTime(value: unknown): number {
  if (typeof value === 'number') return value < SECONDS_UNTIL ? value * 1_000 : value;
  if (typeof value !== 'string') return Number.NaN;
  if (/^\d+(?:\.\d+)?$/.test(value)) return toTime(Number(value));
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/i.test(value.slice(10));
  return Date.parse(hasZone ? value : `${value.replace(' ', 'T')}Z`);
}

function attribute(value: unknown, name: string): unknown {
  if (!isObject(value)) return value;
  const attributes = value['#attributes'];
  return isObject(attributes) ? attributes[name] : undefined;
}
