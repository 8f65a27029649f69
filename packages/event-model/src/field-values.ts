import { isIP } from 'node:net';

import type { FieldValue } from './event.ts';

/** Any JSON value of a projection. */
export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** Windows writes `-` where an event has no value for a field. */
export function hasNoValue(value: FieldValue): boolean {
  return value === null || value === '' || value === '-';
}

/** A whole number from a number or its decimal or `0x` text; null where it is none or not exact. */
export function toInteger(value: FieldValue): number | null {
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  const number = typeof value === 'string' && value.trim() === '' ? Number.NaN : Number(value);
  return Number.isSafeInteger(number) ? number : null;
}

/** True or false from a boolean or its text; null where it is neither. */
export function toBoolean(value: FieldValue): boolean | null {
  if (typeof value === 'boolean') return value;
  if (typeof value !== 'string') return null;
  const text = value.toLowerCase();
  if (text === 'true') return true;
  return text === 'false' ? false : null;
}

/**
 * An IP address as text, or null where the text is none (`LOCAL`, a host name).
 * Domain controllers write IPv4 clients as `::ffff:192.0.2.1`: the same address gets one spelling.
 */
export function toIp(value: FieldValue): string | null {
  if (typeof value !== 'string') return null;
  const address = value.startsWith('::ffff:') && value.includes('.') ? value.slice(7) : value;
  return isIP(address) === 0 ? null : address;
}

/**
 * Epoch milliseconds of `2026-01-31 12:00:00.123`, with `T`, fraction and zone optional; null where the text is
 * no such time. Without a zone it is read as UTC, as Sysmon writes it. By hand, since it runs for every record:
 * `Date.parse` would read it in the local zone and accept many other forms.
 */
export function parseTime(text: string): number | null {
  if (text.length < 19 || text.length > 40) return null;
  const separator = text.charCodeAt(10);
  if (separator !== 0x20 && separator !== 0x54 && separator !== 0x74) return null;
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':') return null;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  // A leap second (60) rolls over into the next minute.
  if (month < 1 || month > 12 || day < 1 || hour < 0 || hour > 24 || minute < 0 || minute > 59)
    return null;
  if (year < 0 || day > 31 || second < 0 || second > 60) return null;
  let end = 19;
  let milliseconds = 0;
  if (text[19] === '.' || text[19] === ',') {
    end = 20;
    while (isDigit(text.charCodeAt(end))) end += 1;
    milliseconds = Math.floor(Number(`0.${text.slice(20, end) || '0'}`) * 1000 + 1e-6);
  }
  const offset = zoneOffset(text, end);
  return offset === null
    ? null
    : Date.UTC(year, month - 1, day, hour, minute, second, milliseconds) - offset;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const code = text.charCodeAt(at);
    if (!isDigit(code)) return -1;
    value = value * 10 + code - 0x30;
  }
  return value;
}

/** Milliseconds east of UTC from nothing, `Z`, `+hh:mm`, `+hhmm` or `+hh`. */
function zoneOffset(text: string, at: number): number | null {
  if (at === text.length) return 0;
  if (at === text.length - 1 && (text[at] === 'Z' || text[at] === 'z')) return 0;
  const sign = text[at] === '+' ? 1 : text[at] === '-' ? -1 : 0;
  if (sign === 0) return null;
  const hours = digits(text, at + 1, at + 3);
  const minutesAt = text[at + 3] === ':' ? at + 4 : at + 3;
  const minutes = minutesAt === text.length ? 0 : digits(text, minutesAt, minutesAt + 2);
  const isWhole = minutesAt === text.length || minutesAt + 2 === text.length;
  return hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || !isWhole
    ? null
    : sign * (hours * 60 + minutes) * 60_000;
}

/** Hashes by algorithm, from Sysmon's `SHA1=…,MD5=…` or Defender's `SHA1:…;`; other text gives an empty list. */
export function parseHashes(text: string): readonly { algorithm: string; value: string }[] {
  const hashes: { algorithm: string; value: string }[] = [];
  for (const part of text.split(/[,;]/)) {
    const [algorithm = '', value = ''] = part.split(/[=:]/, 2).map((word) => word.trim());
    if (algorithm !== '' && value !== '')
      hashes.push({ algorithm: algorithm.toUpperCase(), value });
  }
  return hashes;
}

/** The part of a Windows or POSIX path after its last separator. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('\\'), path.lastIndexOf('/')) + 1);
}

/** `DOMAIN\name` taken apart; without a domain only the name. */
export function parseAccount(text: string): Record<string, string> {
  const separator = text.indexOf('\\');
  if (separator < 0) return { name: text };
  return { name: text.slice(separator + 1), domain: text.slice(0, separator) };
}

/** The data of Sysmon's answers: `type:  5 a.example;::ffff:192.0.2.1;` gives the name and the address. */
export function parseAnswers(text: string): readonly string[] {
  const answers: string[] = [];
  for (const part of text.split(';')) {
    const answer = part.trim();
    // `type: N data`: the number is a DNS record type, the data follows the last blank.
    const data = answer.startsWith('type:') ? answer.slice(answer.lastIndexOf(' ') + 1) : answer;
    if (data !== '' && data !== '-') answers.push(data.replace(/^::ffff:(?=\d+\.)/, ''));
  }
  return answers;
}

/**
 * True for a connection that came in, false for one that went out, null where it is not told.
 * `%%14592` and `%%14593` are the filtering platform's message ids (Security 5156).
 */
export function isInbound(value: FieldValue): boolean | null {
  if (value === '%%14592') return true;
  if (value === '%%14593') return false;
  const initiated = toBoolean(value);
  return initiated === null ? null : !initiated;
}
