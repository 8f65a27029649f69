import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Kind } from 'graphql';
import { InvalidInputError } from './errors.ts';
import { dateTimeScalar, jsonScalar } from './scalars.ts';

const { parseValue, parseLiteral, serialize } = dateTimeScalar;

describe('a DateTime', () => {
  it.each([
    ['2026-01-31T08:00:00Z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31T08:00Z', '2026-01-31T08:00:00.000Z'],
    ['2026-01-31T08:00:00.5+02:00', '2026-01-31T06:00:00.500Z'],
    ['2024-02-29T23:59:59.123456789-05:00', '2024-03-01T04:59:59.123Z'],
  ])('%s is the instant %s', (text, instant) => {
    expect(parseValue(text)).toEqual(new Date(instant));
    expect(parseLiteral({ kind: Kind.STRING, value: text })).toEqual(new Date(instant));
  });

  it('comes back as it went out', () => {
    const someTime = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(someTime, (time) => {
        expect(parseValue(serialize(time))).toEqual(time);
      }),
    );
  });

  it('goes out in UTC, also when the database gave text', () => {
    expect(serialize('2026-01-31T08:00:00+01:00')).toBe('2026-01-31T07:00:00.000Z');
  });

  it.each([
    ...['', '2026-01-31', '2026-01-31T08:00:00', '2026-01-31 08:00:00Z', '2026-1-31T08:00:00Z'],
    ...['2026-02-30T08:00:00Z', '2025-02-29T08:00:00Z', '2026-04-31T08:00:00+02:00'],
    ...['2026-13-01T08:00:00Z', '2026-01-31T25:00:00Z', '2026-01-31T08:60:00Z', 'yesterday'],
    ...['2026-01-31T08:00:00+25:00', '2026-01-31T08:00:00Z\n', '+002026-01-31T08:00:00Z'],
    ...[1_767_000_000_000, null, undefined, true, new Date(), ['2026-01-31T08:00:00Z'], {}],
  ])('is never %p', (value) => {
    expect(() => parseValue(value)).toThrow(InvalidInputError);
  });

  it('is never a number in the text of a query', () => {
    expect(() => parseLiteral({ kind: Kind.INT, value: '1767000000' })).toThrow(InvalidInputError);
  });
});

describe('JSON', () => {
  it('goes out as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonScalar.serialize(value)).toBe(value);
      }),
    );
  });
});
