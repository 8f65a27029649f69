import { describe, expect, it } from '@jest/globals';

import { firstName, firstTime, fromJson, parseAddress, toJson } from './json-values.ts';

const receivedAt = Date.UTC(2026, 1, 1);

describe('what parsers ask of values whose type the sender chose', () => {
  it('is no name where a source writes that it has none', () => {
    expect(firstName('n/a', '-', '<null>', 'N/A', ' ', 7, {}, 'x'.repeat(300), ' ann ')).toBe(
      'ann',
    );
    expect(firstName(undefined, null)).toBeNull();
  });

  it('is a time in text, seconds or milliseconds, and not one that is years ahead', () => {
    expect(firstTime(receivedAt, 'soon', 1_769_860_800)).toBe(1_769_860_800_000);
    expect(firstTime(receivedAt, 1_769_860_800_123)).toBe(1_769_860_800_123);
    expect(firstTime(receivedAt, '2026-01-31T12:00:00')).toBe(Date.UTC(2026, 0, 31, 12));
    expect(firstTime(receivedAt, '2036-01-31T12:00:00Z', '2026-01-31T13:00:00+01:00')).toBe(
      Date.UTC(2026, 0, 31, 12),
    );
    expect(firstTime(receivedAt, 12, true, {})).toBeNull();
  });

  it('is JSON in text only where it is an object or a list', () => {
    expect(fromJson('[1]')).toEqual([1]);
    expect([fromJson('1'), fromJson('{'), fromJson(`[${'1,'.repeat(200_000)}1]`)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(fromJson(7)).toBe(7);
  });

  it('is text of JSON unless it is too deep to be of use', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(5000)}${']'.repeat(5000)}`);
    expect([toJson(deep), toJson({ a: [1] }), toJson('as it is'), toJson(7)]).toEqual([
      null,
      '{"a":[1]}',
      'as it is',
      null,
    ]);
  });

  it('is an address with or without a port, in either family', () => {
    expect(parseAddress('192.0.2.1:80')).toEqual({ address: '192.0.2.1', port: 80 });
    expect(parseAddress('[2001:db8::1]')).toEqual({ address: '2001:db8::1', port: null });
    expect(parseAddress('2001:db8::1')).toEqual({ address: '2001:db8::1', port: null });
    expect(parseAddress('AWS Internal').address).toBeNull();
  });
});
