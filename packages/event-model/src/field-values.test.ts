import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import {
  hasNoValue,
  isInbound,
  parseAccount,
  parseAnswers,
  parseHashes,
  parseTime,
  toBoolean,
  toInteger,
  toIp,
} from './field-values.ts';

describe('a time', () => {
  it.each([
    ['2026-01-31 12:00:00', '2026-01-31T12:00:00.000Z'],
    ['2026-01-31 12:00:00.123', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00:00.1234567Z', '2026-01-31T12:00:00.123Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00.000Z'],
    ['2026-01-31T12:00:00.5-0530', '2026-01-31T17:30:00.500Z'],
    ['2026-01-31T23:59:60Z', '2026-02-01T00:00:00.000Z'],
  ])('%s is %s', (text, expected) => {
    expect(new Date(parseTime(text) ?? Number.NaN).toISOString()).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2026-01-31',
    '31.01.2026 12:00:00',
    '2026-13-31 12:00:00',
    '2026-01-31 12:00:00 o’clock',
    '2026-01-31 12:0x:00',
    '2026-01-31T12:00:00+2',
    '2026-01-31T12:00:00+99:00',
  ])('is not read from %j', (text) => {
    expect(parseTime(text)).toBeNull();
  });

  it('comes back from its ISO form', () => {
    const times = fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(times, (time) => {
        expect(parseTime(time.toISOString())).toBe(time.getTime());
        expect(parseTime(time.toISOString().replace('T', ' ').slice(0, -1))).toBe(time.getTime());
      }),
    );
  });

  it('is never misread and never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const time = parseTime(text);
        expect(time === null || Number.isSafeInteger(time)).toBe(true);
      }),
    );
  });
});

describe('the text of a field', () => {
  it('has no value where Windows writes a hyphen', () => {
    expect(['-', '', null].every(hasNoValue)).toBe(true);
    expect(['0', 0, false, ' '].some(hasNoValue)).toBe(false);
  });

  it('is a whole number in decimal or hexadecimal', () => {
    expect(['4242', '0x1f4', 7].map(toInteger)).toEqual([4242, 500, 7]);
    expect(['', ' ', '1.5', 'x', '9007199254740993', true, null].map(toInteger)).toEqual(
      Array(7).fill(null),
    );
  });

  it('is true or false in any case', () => {
    expect(['true', 'False', true, 'yes', 1].map(toBoolean)).toEqual([
      true,
      false,
      true,
      null,
      null,
    ]);
  });

  it('is an address only where it is one, with one spelling for mapped IPv4', () => {
    expect(['192.0.2.1', '2001:db8::1', '::ffff:192.0.2.1'].map(toIp)).toEqual([
      '192.0.2.1',
      '2001:db8::1',
      '192.0.2.1',
    ]);
    expect(['LOCAL', '192.0.2.300', '', 7].map(toIp)).toEqual([null, null, null, null]);
  });

  it('is taken apart into hashes', () => {
    expect(parseHashes('SHA1=AB,MD5=cd,IMPHASH=')).toEqual([
      { algorithm: 'SHA1', value: 'AB' },
      { algorithm: 'MD5', value: 'cd' },
    ]);
    expect(parseHashes('SHA1:ef;')).toEqual([{ algorithm: 'SHA1', value: 'ef' }]);
    expect(parseHashes('none')).toEqual([]);
  });

  it('is taken apart into domain and name', () => {
    expect(parseAccount('CORP\\ann')).toEqual({ name: 'ann', domain: 'CORP' });
    expect(parseAccount('ann@corp.example')).toEqual({ name: 'ann@corp.example' });
  });

  it("is taken apart into DNS answers, Sysmon's way", () => {
    expect(parseAnswers('type:  5 www.a.example;::ffff:192.0.2.1;2001:db8::1;')).toEqual([
      'www.a.example',
      '192.0.2.1',
      '2001:db8::1',
    ]);
  });

  it('tells the direction of a connection', () => {
    expect(['true', 'false', '%%14592', '%%14593', 'x'].map(isInbound)).toEqual([
      false,
      true,
      true,
      false,
      null,
    ]);
  });
});
