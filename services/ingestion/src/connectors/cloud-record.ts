import type { Fields, FieldValue } from '@vedette/event-model';

import type { JsonRecord } from './connector-definition.ts';
import { firstTime, idOf, toJson } from './json-values.ts';
import { cleanText, createFields, isRecord, setField } from './record-fields.ts';
import type { DraftFields } from './record-fields.ts';

/** What parsers ask of records whose nested names are rules' names (`userIdentity.arn`). */

const maxJsonTextLength = 16_384;
/** What stands as text in an envelope may nest as deep as a record may, envelopes included. */
const maxTextDepth = 64;

/** Every part of a record under the source's own name, nested ones dotted. */
export function readDotted(record: JsonRecord): DraftFields {
  const fields = createFields();
  for (const name of Object.keys(record)) setField(fields, name, record[name]);
  return fields;
}

/** A field's value; the first one of a list. */
export function firstOf(value: FieldValue | undefined): FieldValue | undefined {
  return Array.isArray(value) ? (value as readonly FieldValue[])[0] : value;
}

/** The first of the fields that can name an account, a host or a record, or null. */
export function nameIn(fields: Fields, names: readonly string[]): string | null {
  for (const name of names) {
    const found = idOf(firstOf(fields[name]));
    if (found !== null) return found;
  }
  return null;
}

/** Epoch milliseconds of the first of the fields that is a time and not far in the future, or null. */
export function timeIn(
  fields: Fields,
  names: readonly string[],
  receivedAt: number,
): number | null {
  return firstTime(receivedAt, ...names.map((name) => firstOf(fields[name])));
}

/** An object as JSON text beside its dotted parts, cut at 16 KiB: some rules search the whole of it. */
export function setJsonText(fields: DraftFields, name: string, value: unknown): void {
  const text = typeof value === 'object' ? toJson(value) : null;
  if (text !== null) fields[name] = cleanText(text.slice(0, maxJsonTextLength));
}

/** The object or list that a text holds as JSON; null where it is none or nests too deep. */
export function readJsonText(text: unknown): JsonRecord | readonly unknown[] | null {
  if (typeof text !== 'string' || !/^\s*[[{]/.test(text) || nestsTooDeep(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) || Array.isArray(value) ? value : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Counts brackets before parsing: what nests without end could not be written as JSON again. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (isInString) {
      if (char === '\\') at += 1;
      else if (char === '"') isInString = false;
    } else if (char === '"') isInString = true;
    else if (char === '{' || char === '[') {
      depth += 1;
      if (depth > maxTextDepth) return true;
    } else if (char === '}' || char === ']') depth -= 1;
  }
  return false;
}
