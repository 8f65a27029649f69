import { isUtf8 } from 'node:buffer';
import type { ConnectorDefinition, JsonRecord } from '../connectors/index.ts';
import { isRecord } from '../connectors/record-fields.ts';
import { Refusal } from './refusal.ts';

/** Why a line is not taken; part of the API. */
export type LineProblemCode =
  | 'LINE_TOO_LONG'
  | 'INVALID_UTF8'
  | 'INVALID_JSON'
  | 'NOT_AN_OBJECT'
  | 'TOO_DEEP'
  | 'TOO_MANY_KEYS'
  | 'TOO_MANY_VALUES'
  | 'FORBIDDEN_KEY';

export interface LineProblem {
  readonly code: LineProblemCode;
  readonly message: string;
}

export const maxLines = 10_000;
const maxLineBytes = 1024 * 1024;
const maxDepth = 32;
const maxKeys = 1_000;
/** Fields and elements of arrays, at any depth. */
const maxValues = 10_000;
/** Keys by which a record could reach the prototypes of whoever copies it carelessly. */
const forbiddenKeys = new Set(['__proto__', 'constructor', 'prototype']);

export interface Line {
  /** Counted from 1, blank lines included. */
  readonly number: number;
  readonly bytes: Buffer;
}

const newline = 0x0a;

/**
 * Checks that a body has no more lines than one may have, before any of them is taken.
 * @throws {Refusal} more than 10,000 lines, blank ones included: they cost time as well
 */
export function checkLineCount(body: Buffer): void {
  let end = -1;
  for (let count = 0; count < maxLines; count += 1) {
    end = body.indexOf(newline, end + 1);
    if (end < 0 || end === body.length - 1) return;
  }
  throw new Refusal(413, 'PAYLOAD_TOO_LARGE', `A body has at most ${maxLines} lines.`);
}

/** The lines of a body that are not blank. */
export function* splitLines(body: Buffer): Generator<Line> {
  let start = 0;
  for (let number = 1; start < body.length; number += 1) {
    const found = body.indexOf(newline, start);
    const end = found < 0 ? body.length : found;
    const bytes = trimBlanks(body.subarray(start, end));
    if (bytes.length > 0) yield { number, bytes };
    start = end + 1;
  }
}

/** Cuts off spaces, tabs and carriage returns, which JSON allows around a value. */
function trimBlanks(line: Buffer): Buffer {
  const isBlank = (byte: number | undefined) => byte === 0x20 || byte === 0x09 || byte === 0x0d;
  let start = 0;
  let end = line.length;
  while (start < end && isBlank(line[start])) start += 1;
  while (end > start && isBlank(line[end - 1])) end -= 1;
  return line.subarray(start, end);
}

/**
 * The records of a connector on a line with their text, or why the line is not taken: one record, or as many as the
 * source wraps into one. Never throws.
 */
export function parseLine(
  bytes: Buffer,
  connector: ConnectorDefinition,
): readonly (TextRecord | LineProblem)[] {
  if (bytes.length > maxLineBytes) {
    return [{ code: 'LINE_TOO_LONG', message: `A line has at most ${maxLineBytes} bytes.` }];
  }
  if (!isUtf8(bytes)) return [{ code: 'INVALID_UTF8', message: 'The line is not valid UTF-8.' }];
  const raw = bytes.toString('utf8');
  const value = readValue(raw, connector);
  if (value === undefined) {
    // What the parser says quotes the line; the line's number is enough for the sender.
    return [{ code: 'INVALID_JSON', message: 'The line is not JSON.' }];
  }
  return takeApart(value, raw, connector);
}

/** A record with the text that is kept of it. */
export interface TextRecord {
  readonly raw: string;
  readonly record: JsonRecord;
}

/** Undefined where the line is neither JSON nor text that the connector reads. */
function readValue(raw: string, { readText }: ConnectorDefinition): unknown {
  // A source of text lines is not asked to be JSON first: a failed parse costs more than the line.
  if (readText && !raw.startsWith('{')) return readText(raw) ?? parseJson(raw);
  return parseJson(raw) ?? readText?.(raw) ?? undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The records of a JSON value. A record out of many is kept as JSON of its own. */
export function takeApart(
  value: unknown,
  raw: string,
  connector: ConnectorDefinition,
): readonly (TextRecord | LineProblem)[] {
  if (!isRecord(value)) {
    return [{ code: 'NOT_AN_OBJECT', message: 'A record is a JSON object.' }];
  }
  const wrapped = connector.unwrap?.(value) ?? null;
  if (wrapped === null) return [findProblem(value) ?? { raw, record: value }];
  return wrapped.map((record) => findProblem(record) ?? { raw: JSON.stringify(record), record });
}

/** Looks at every key and value of a record. Without recursion: nesting is the sender's choice, our stack is not. */
function findProblem(value: object): LineProblem | null {
  const open: { readonly node: object; readonly depth: number }[] = [{ node: value, depth: 1 }];
  let keys = 0;
  let values = 0;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (depth > maxDepth) {
      return { code: 'TOO_DEEP', message: `A record is nested at most ${maxDepth} deep.` };
    }
    if (!Array.isArray(node)) {
      const names = Object.keys(node);
      keys += names.length;
      if (keys > maxKeys) {
        return { code: 'TOO_MANY_KEYS', message: `A record has at most ${maxKeys} keys.` };
      }
      if (names.some((name) => forbiddenKeys.has(name))) {
        return { code: 'FORBIDDEN_KEY', message: 'A key has a name that is not allowed.' };
      }
    }
    const children: readonly unknown[] = Array.isArray(node) ? node : Object.values(node);
    values += children.length;
    if (values > maxValues) {
      return { code: 'TOO_MANY_VALUES', message: `A record has at most ${maxValues} values.` };
    }
    for (const child of children) {
      if (typeof child === 'object' && child !== null) open.push({ node: child, depth: depth + 1 });
    }
  }
  return null;
}
