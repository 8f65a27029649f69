import { describe, expect, it } from '@jest/globals';
import { connectorOf } from '../connectors/index.ts';
import { checkLineCount, parseLine, splitLines } from './record-lines.ts';
import { Refusal } from './refusal.ts';

function linesOf(text: string): [number, string][] {
  return [...splitLines(Buffer.from(text))].map(({ number, bytes }) => [number, bytes.toString()]);
}

const windows = connectorOf('windows-events');

function problemOf(text: string | Buffer): string | undefined {
  const [parsed] = parseLine(Buffer.from(text), windows);
  return parsed && 'code' in parsed ? parsed.code : undefined;
}

function nested(depth: number): string {
  return `${'{"a":'.repeat(depth - 1)}{}${'}'.repeat(depth - 1)}`;
}

function withKeys(count: number): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n])));
}

describe('a body of lines', () => {
  it('is split at newlines, and its blank lines count but hold nothing', () => {
    expect(linesOf('{"a":1}\r\n\n  \t\r\n {"b":2} \n{"c":3}')).toEqual([
      [1, '{"a":1}'],
      [4, '{"b":2}'],
      [5, '{"c":3}'],
    ]);
    expect(linesOf('')).toEqual([]);
  });

  it('has ten thousand lines at most', () => {
    expect(() => checkLineCount(Buffer.from('{}\n'.repeat(10_000)))).not.toThrow();
    expect(() => checkLineCount(Buffer.from(`${'{}\n'.repeat(9_999)}{}`))).not.toThrow();
    expect(() => checkLineCount(Buffer.from(`${'{}\n'.repeat(10_000)}{}`))).toThrow(Refusal);
    expect(() => checkLineCount(Buffer.alloc(10_001, '\n'))).toThrow(Refusal);
    expect(() => checkLineCount(Buffer.alloc(0))).not.toThrow();
  });
});

describe('a line', () => {
  it('that is a JSON object is taken as it stands', () => {
    expect(parseLine(Buffer.from('{"a": "ü"}'), windows)).toEqual([
      { raw: '{"a": "ü"}', record: { a: 'ü' } },
    ]);
  });

  it.each([
    ['hello', 'INVALID_JSON'],
    ['{"a":1', 'INVALID_JSON'],
    ['{"a":"\0"}', 'INVALID_JSON'],
    ['[1]', 'NOT_AN_OBJECT'],
    ['"text"', 'NOT_AN_OBJECT'],
    ['null', 'NOT_AN_OBJECT'],
    ['{"__proto__":{"admin":true}}', 'FORBIDDEN_KEY'],
    ['{"a":[{"b":{"constructor":1}}]}', 'FORBIDDEN_KEY'],
    ['{"\\u0070rototype":1}', 'FORBIDDEN_KEY'],
  ])('like %j is rejected as %s', (text, code) => {
    expect(problemOf(text)).toBe(code);
  });

  it('in another encoding is rejected', () => {
    expect(problemOf(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBe('INVALID_UTF8');
  });

  it('is nested 32 deep at most', () => {
    expect(problemOf(nested(32))).toBeUndefined();
    expect(problemOf(nested(33))).toBe('TOO_DEEP');
    expect(problemOf(`{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`)).toBe('TOO_DEEP');
    expect(problemOf(`{"a":${'['.repeat(500_000)}${']'.repeat(500_000)}}`)).toBe('TOO_DEEP');
  });

  it('has a thousand keys at most', () => {
    expect(problemOf(withKeys(1_000))).toBeUndefined();
    expect(problemOf(withKeys(1_001))).toBe('TOO_MANY_KEYS');
  });

  it('has ten thousand values at most, at any depth', () => {
    const withElements = (count: number) => `{"a":[[${Array(count).fill(0).join()}]]}`;
    expect(problemOf(withElements(9_998))).toBeUndefined();
    expect(problemOf(withElements(9_999))).toBe('TOO_MANY_VALUES');
    expect(problemOf(`{"a":[${Array(10_000).fill('{"b":[]}').join()}]}`)).toBe('TOO_MANY_VALUES');
    expect(problemOf(`{"a":[${Array(500_000).fill(0).join()}]}`)).toBe('TOO_MANY_VALUES');
  });

  it('has one MiB at most', () => {
    const filled = (bytes: number) => `{"a":"${'x'.repeat(bytes - 8)}"}`;
    expect(problemOf(filled(1024 * 1024))).toBeUndefined();
    expect(problemOf(filled(1024 * 1024 + 1))).toBe('LINE_TOO_LONG');
  });
});
