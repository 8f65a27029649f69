import type { JsonRecord } from '../connector-definition.ts';
import type { DraftFields } from '../record-fields.ts';
import { cleanText, createFields } from '../record-fields.ts';
import { isKnownName } from './field-names.ts';

/** A line has about 70 pairs; what comes after this many is only in the raw text. */
const maxPairs = 500;
const maxNameLength = 64;

/** Names by which a record could reach the prototypes of whoever copies it carelessly. */
const forbiddenNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Where the firewall's own text begins, whatever a relay put before it. One look for a line, not for a pair. */
const bodyStart = /(?:^|[^\w.-])(?=(?:device|device_name|timestamp|date|log_id)=)/;
/** UTM 9: `id="2001" severity="info" sys="SecureNet" sub="packetfilter" …`. */
const utmStart = /(?:^|[^\w.-])(?=id="\d{4}" severity=)/;

const space = 0x20;
const tab = 0x09;
const equals = 0x3d;
const doubleQuote = 0x22;
const singleQuote = 0x27;
const semicolon = 0x3b;

/** Characters of names: letters, digits, `_`, `-`, `.`. */
const nameChars = new Uint8Array(128);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.') {
  nameChars[char.charCodeAt(0)] = 1;
}

function isNameChar(code: number): boolean {
  return code < 128 && nameChars[code] === 1;
}

function isBlank(code: number): boolean {
  return code === space || (code >= tab && code <= 0x0d);
}

/**
 * The pairs of a line of Sophos Firewall (both formats) or UTM 9, with any syslog header or none; `{ message }` where
 * it is no such line. Pairs without a value (`-`, `""`, `N/A`) are left out; of a name that comes twice the first
 * counts, since what an attacker writes into a later value must not replace what the firewall said. Never throws, and
 * takes time in proportion to the line's length.
 */
export function readFirewallLine(line: string): JsonRecord {
  const text = cleanText(line);
  const start = findBody(text);
  if (start < 0) return { message: text };
  const record = createFields();
  readPairs(text, start, record);
  return record;
}

function findBody(text: string): number {
  const from = skipHeader(text);
  const rest = from === 0 ? text : text.slice(from);
  const found = bodyStart.exec(rest) ?? utmStart.exec(rest);
  return found === null ? -1 : from + found.index + found[0].length;
}

/** Where the message of an RFC 5424 line begins, after its structured data; 0 for any other line. */
function skipHeader(text: string): number {
  const head = /^<\d{1,3}>\d{1,2} \S+ \S+ \S+ \S+ \S+ (?=[-[])/.exec(text);
  if (head === null) return 0;
  let at = head[0].length;
  if (text[at] === '-') return at + 1;
  while (text[at] === '[') {
    let isQuoted = false;
    for (at += 1; at < text.length; at += 1) {
      const char = text[at];
      if (char === '\\') at += 1;
      else if (char === '"') isQuoted = !isQuoted;
      else if (char === ']' && !isQuoted) break;
    }
    // Structured data without an end: then the line is read as if it had no header.
    if (at >= text.length) return 0;
    at += 1;
  }
  return at;
}

function readPairs(text: string, start: number, record: DraftFields): void {
  const { length } = text;
  let at = start;
  for (let pairs = 0; at < length && pairs < maxPairs;) {
    const nameStart = at;
    while (at < length && isNameChar(text.charCodeAt(at))) at += 1;
    if (at === nameStart || text.charCodeAt(at) !== equals) {
      // No pair: a blank, or a word that stands alone.
      at += at === nameStart ? 1 : 0;
      continue;
    }
    const name = text.slice(nameStart, at);
    at += 1;
    const quote = text.charCodeAt(at);
    let end: number;
    let next: number;
    if (quote === doubleQuote || quote === singleQuote) {
      at += 1;
      end = findClosingQuote(text, at, quote);
      next = end + 1;
    } else {
      end = findValueEnd(text, at);
      next = end;
    }
    setPair(record, name, text, at, end);
    at = next;
    pairs += 1;
  }
}

function setPair(record: DraftFields, name: string, text: string, from: number, to: number): void {
  let start = from;
  let end = Math.min(to, text.length);
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  if (start === end || (end === start + 1 && text.charCodeAt(start) === 0x2d)) return;
  if (end === start + 3 && text.slice(start, end) === 'N/A') return;
  if (name.length > maxNameLength || record[name] !== undefined || forbiddenNames.has(name)) return;
  record[name] = text.slice(start, end);
}

/**
 * The quote that ends a value: one after which the next pair follows, at once or after blanks, or nothing. Any other
 * belongs to the value. Without such a quote the value goes to the end of the line.
 */
function findClosingQuote(text: string, from: number, quote: number): number {
  const mark = quote === doubleQuote ? '"' : "'";
  for (let at = text.indexOf(mark, from); at >= 0; at = text.indexOf(mark, at + 1)) {
    let after = at + 1;
    while (after < text.length && isBlank(text.charCodeAt(after))) after += 1;
    if (after >= text.length || isNameAt(text, after)) return at;
    // Blanks after it are looked at once.
    at = after - 1;
  }
  return text.length;
}

/** Tells whether `word=` stands here. */
function isNameAt(text: string, from: number): boolean {
  let at = from;
  while (isNameChar(text.charCodeAt(at))) at += 1;
  return at > from && text.charCodeAt(at) === equals;
}

/**
 * Where a value without quotes ends: before the next ` word=`, since it may have blanks itself (`branch_name=Jane Doe
 * recv_bytes=0`); or inside a number that the next name was stuck to (`tran_dst_port=0srczonetype="VPN"`).
 */
function findValueEnd(text: string, from: number): number {
  const { length } = text;
  for (let at = from; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === equals) {
      const stuck = findStuckName(text, from, at);
      if (stuck >= 0) return stuck;
    } else if (isBlank(code)) {
      const blank = at;
      while (at + 1 < length && isBlank(text.charCodeAt(at + 1))) at += 1;
      // `cookie=sid=1; lang=en` goes on after its semicolon.
      const isInList = blank > from && text.charCodeAt(blank - 1) === semicolon;
      if (at + 1 >= length || (!isInList && isNameAt(text, at + 1))) return blank;
    }
  }
  return length;
}

/** A number or an address that ran into a name that we know: where that name begins, else -1. */
function findStuckName(text: string, from: number, equalsAt: number): number {
  let at = from;
  while (at < equalsAt && isNumberChar(text.charCodeAt(at))) at += 1;
  const isStuck = at > from && at < equalsAt && equalsAt - at <= maxNameLength;
  return isStuck && isKnownName(text.slice(at, equalsAt)) ? at : -1;
}

/** Digits, `.` and `:`. */
function isNumberChar(code: number): boolean {
  return (code >= 0x30 && code <= 0x3a) || code === 0x2e;
}
