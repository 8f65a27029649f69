import { isIP } from 'node:net';

import { parseTime } from '@vedette/event-model';
import type { NormalisedEvent } from '@vedette/event-model';

import type { JsonRecord } from './connector-definition.ts';
import type { DraftFields } from './record-fields.ts';
import { cleanText, isRecord, setField } from './record-fields.ts';

/** What parsers of JSON sources ask of a value whose type the sender chose. */

/** A clock further ahead than this is wrong. */
const maxAheadMs = 366 * 24 * 60 * 60 * 1000;

/** Host names end at 253 characters (RFC 1035), accounts at 256: longer text is no name. */
const maxNameLength = 256;

/** Longer text than this is not looked into. */
const maxJsonLength = 256 * 1024;
const maxJsonDepth = 32;

/** What sources write where they have no value. */
const noValue: ReadonlySet<string> = new Set(['', '-', 'n/a', '<null>', 'null', 'not available']);

/** A text with content, or null. */
export function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const text = value.length <= 16 ? value.trim().toLowerCase() : value;
  return noValue.has(text) ? null : value;
}

/** A text, or a number as text; null for anything else. */
export function idOf(value: unknown): string | null {
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : nameOf(value);
}

/** A text that can name a host, an account or a record; clean, since names are keys of tables further on. */
export function nameOf(value: unknown): string | null {
  const text = textOf(value);
  return text === null || text.length > maxNameLength ? null : cleanText(text.trim());
}

/** The first of the values that is a name. */
export function firstName(...values: readonly unknown[]): string | null {
  for (const value of values) {
    const name = nameOf(value);
    if (name !== null) return name;
  }
  return null;
}

/** The first of the values that is a text with content. */
export function firstText(...values: readonly unknown[]): string | null {
  for (const value of values) {
    const text = textOf(value);
    if (text !== null) return text;
  }
  return null;
}

/** The value itself where it is an object, else an empty one. */
export function recordOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}

/** The objects of a list; an object alone is a list of one. */
export function recordsOf(value: unknown): readonly JsonRecord[] {
  if (Array.isArray(value)) return value.filter((item) => isRecord(item));
  return isRecord(value) ? [value] : [];
}

/** What a text of JSON holds, or the value itself; null where a text is neither object nor list. */
export function fromJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.length > maxJsonLength || !/^\s*[[{]/.test(value)) return null;
  try {
    return JSON.parse(value) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** A value as JSON text, itself where it is text; null where it is nothing or too deep or long to be of use. */
export function toJson(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null || isDeep(value)) return null;
  // U+0000 is written out as an escape, which whoever reads the JSON again would bring back.
  const text = JSON.stringify(value).replaceAll('\\u0000', '\ufffd');
  return text.length > maxJsonLength ? null : text;
}

function isDeep(value: object): boolean {
  let level: object[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxJsonDepth) return true;
    level = level.flatMap((node) => childrenOf(node));
  }
  return false;
}

function childrenOf(node: object): object[] {
  return Object.values(node).filter(
    (child: unknown): child is object => typeof child === 'object' && child !== null,
  );
}

/**
 * Epoch milliseconds of the first value that is a time and not far in the future: text (UTC where it has no zone),
 * or a number of seconds or milliseconds. Null where none is.
 */
export function firstTime(receivedAt: number, ...values: readonly unknown[]): number | null {
  for (const value of values) {
    const time = typeof value === 'string' ? parseTime(value) : fromEpoch(value);
    if (time !== null && time >= 0 && time <= receivedAt + maxAheadMs) return time;
  }
  return null;
}

/** A number of this century is seconds up to ten digits, else milliseconds. */
function fromEpoch(value: unknown): number | null {
  if (typeof value !== 'number' || value < 1e9) return null;
  return Math.floor(value < 1e11 ? value * 1000 : value);
}

/** True or false from a boolean or its text in any case; null where it is neither. */
export function booleanOf(value: unknown): boolean | null {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : '';
  if (text === 'true') return true;
  return text === 'false' ? false : null;
}

/** Sets a field to another value than it has; lists and objects do not join what was there. */
export function replaceField(fields: DraftFields, name: string, value: unknown): void {
  Reflect.deleteProperty(fields, name);
  setField(fields, name, value);
}

/** OCSF class, activity and severity. */
export type EventMeaning = readonly [classUid: number, activityId: number, severityId: number];

/** What a parser found out about a record; null where the record does not tell. */
export interface ReadEvent {
  readonly source: string;
  readonly occurredAt: number;
  readonly meaning: EventMeaning;
  readonly sourceRef: string | null;
  readonly hostname: string | null;
  readonly userName: string | null;
  readonly fields: DraftFields;
}

/** The event of what was read: absent instead of null. */
export function toEvent(read: ReadEvent): NormalisedEvent {
  const [classUid, activityId, severityId] = read.meaning;
  return {
    source: read.source,
    occurredAt: read.occurredAt,
    classUid,
    activityId,
    severityId,
    ...(read.sourceRef !== null && { sourceRef: read.sourceRef }),
    ...(read.hostname !== null && { hostname: read.hostname }),
    ...(read.userName !== null && { userName: read.userName }),
    fields: read.fields,
  };
}

/** OCSF severity of a vendor's word for it; 0 where it is none. */
export function severityOf(word: unknown): number {
  return typeof word === 'string' ? (severities.get(word.toLowerCase()) ?? 0) : 0;
}

const severities: ReadonlyMap<string, number> = new Map([
  ['none', 1],
  ['info', 1],
  ['informational', 1],
  ['low', 2],
  ['medium', 3],
  ['high', 4],
  ['critical', 5],
]);

/**
 * The address in `192.0.2.1`, `192.0.2.1:8085`, `2001:db8::1` or `[2001:db8::1]:443`, and the port where there is one.
 * Null where there is no address.
 */
export function parseAddress(text: string): { address: string | null; port: number | null } {
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([\d.]+):(\d{1,5})$/.exec(text);
  const address = (match?.[1] ?? text).trim();
  if (isIP(address) === 0) return { address: null, port: null };
  return { address, port: match?.[2] === undefined ? null : Number(match[2]) };
}
