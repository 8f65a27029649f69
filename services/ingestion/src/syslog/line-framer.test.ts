import { describe, expect, it } from '@jest/globals';
import { createLineFramer } from './line-framer.ts';

type Read = readonly (string | readonly [text: string, fault: string])[];

/** The lines of a connection that is read in pieces of `size` bytes, or in one. */
function read(
  sent: string | Buffer,
  { size = Number.MAX_SAFE_INTEGER, maxBytes = 100, isOrderly = true } = {},
): Read {
  const bytes = Buffer.from(sent);
  const framer = createLineFramer(maxBytes);
  const lines: (string | readonly [string, string])[] = [];
  const take: Parameters<typeof framer.push>[1] = ({ bytes: line, fault }) => {
    lines.push(fault === null ? line.toString() : [line.toString(), fault]);
  };
  for (let at = 0; at < bytes.length; at += size) {
    framer.push(Buffer.from(bytes.subarray(at, at + size)), take);
  }
  framer.end(isOrderly, take);
  return lines;
}

const inLines = '<30>device="SFW" one\r\n\n<30>device="SFW" two\r\n<30>drei ü\0\n';
const counted = '11 <30>1 - one9 <30>a\nb c13 <30>1 - ü€';
const lines: Read = ['<30>device="SFW" one', '<30>device="SFW" two', '<30>drei ü'];

describe('lines that end with a newline', () => {
  it('are found however they are cut into pieces', () => {
    for (let size = 1; size <= Buffer.byteLength(inLines); size += 1) {
      expect([size, read(inLines, { size })]).toEqual([size, lines]);
    }
  });

  it('may start with a number', () => {
    expect(read('2024 was a year\n17 <bytes\n')).toEqual(['2024 was a year', '17 <bytes']);
    expect(read('1699999999.123 conn 10.0.0.1\n')).toEqual(['1699999999.123 conn 10.0.0.1']);
  });

  it('need none at the orderly end of the connection, and are cut off by any other', () => {
    expect(read('<30>a\n<30>b')).toEqual(['<30>a', '<30>b']);
    expect(read('<30>a\n<30>b', { isOrderly: false })).toEqual(['<30>a', ['<30>b', 'CUT_OFF']]);
  });

  it('are cut where they are too long, and the next one is whole', () => {
    const sent = `<30>${'x'.repeat(500)}\n<30>next\n`;
    for (const size of [1, 7, 99, 100, 101, 504, 505, 506, 1_000]) {
      const [cut, ...rest] = read(sent, { size });
      expect([size, rest]).toEqual([size, ['<30>next']]);
      expect(cut).toEqual([`<30>${'x'.repeat(96)}`, 'TOO_LONG']);
    }
  });

  it('are whole at the bound', () => {
    const longest = 'x'.repeat(100);
    expect(read(`${longest}\n`)).toEqual([longest]);
    expect(read(`${longest}y\n`)).toEqual([[longest, 'TOO_LONG']]);
  });
});

describe('counted messages', () => {
  const expected: Read = ['<30>1 - one', '<30>a\nb c', '<30>1 - ü€'];

  it('are found however they are cut into pieces, newlines in them included', () => {
    for (let size = 1; size <= Buffer.byteLength(counted); size += 1) {
      expect([size, read(counted, { size })]).toEqual([size, expected]);
    }
  });

  it('may be followed by a newline nevertheless', () => {
    expect(read('6 <30>ab\n6 <30>cd\r\n')).toEqual(['<30>ab', '<30>cd']);
  });

  it('are cut where they are too long, and the next one is whole', () => {
    const sent = `504 <30>${'x'.repeat(500)}8 <30>next`;
    for (const size of [1, 3, 4, 99, 104, 105, 508, 509, 1_000]) {
      expect([size, read(sent, { size })]).toEqual([
        size,
        [[`<30>${'x'.repeat(96)}`, 'TOO_LONG'], '<30>next'],
      ]);
    }
  });

  it('are cut off by the end of the connection', () => {
    expect(read('6 <30>ab9 <30>cd')).toEqual(['<30>ab', ['9 <30>cd', 'CUT_OFF']]);
  });

  it('are not lost where a count is wrong: the next newline sets the reader right', () => {
    const sent = '6 <30>abcdef\n6 <30>gh';
    for (let size = 1; size <= sent.length; size += 1) {
      expect([size, read(sent, { size })]).toEqual([size, ['<30>ab', 'cdef', '<30>gh']]);
    }
  });

  it('have no count of eight digits', () => {
    expect(read('12345678 <30>ab\n<30>c\n')).toEqual(['12345678 <30>ab', '<30>c']);
  });
});

describe('a line framer', () => {
  it('knows whether a line has begun', () => {
    const framer = createLineFramer(100);
    const steps = ['', '<30>a', '\n', '<3'].map((text) => {
      framer.push(Buffer.from(text), () => undefined);
      return framer.hasRest;
    });
    expect(steps).toEqual([false, true, false, true]);
  });
});
