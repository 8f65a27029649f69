import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidInputError } from './errors.ts';
import { maxFirst, toConnection, toPage } from './pagination.ts';
import type { Position, PositionShape } from './pagination.ts';

const partsOf = {
  TIME: fc.date({
    min: new Date('0000-01-01T00:00:00.000Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  }),
  ID: fc.uuid(),
  TEXT: fc
    .string({ unit: 'binary', maxLength: 500 })
    .filter((text) => !text.includes('\0') && text.isWellFormed()),
  NUMBER: fc.nat(2 ** 31 - 1),
};
const kind = fc.constantFrom('TIME', 'ID', 'TEXT', 'NUMBER');
const shape: fc.Arbitrary<PositionShape> = fc.array(kind, { minLength: 1, maxLength: 4 });
/** A list's shape with one of its places. */
const place = shape.chain((kinds) =>
  fc.record({
    kinds: fc.constant(kinds),
    position: fc.tuple(...kinds.map((of): fc.Arbitrary<Date | string | number> => partsOf[of])),
  }),
);

function cursorOf(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}

describe('a page', () => {
  it('holds 25 unless asked otherwise', () => {
    expect(toPage({}, ['ID'])).toEqual({ limit: 25 });
    expect(toPage({ first: null, after: null }, ['ID'])).toEqual({ limit: 25 });
    expect(toPage({ first: maxFirst }, ['ID'])).toEqual({ limit: 100 });
  });

  it.each([0, -1, 101, 2 ** 31 - 1])('of %s is refused', (first) => {
    expect(() => toPage({ first }, ['ID'])).toThrow("'first' must be from 1 to 100.");
  });
});

describe('a cursor', () => {
  it('leads back to its place', () => {
    fc.assert(
      fc.property(place, ({ kinds, position }) => {
        const page = toPage({ first: 1 }, kinds);
        const { pageInfo } = toConnection(['row'], page, () => position);
        expect(toPage({ after: pageInfo.endCursor }, kinds).after).toEqual(position);
      }),
    );
  });

  it('of another list is refused', () => {
    expect(() => toPage({ after: cursorOf(['a', 'b']) }, ['TEXT'])).toThrow(InvalidInputError);
    expect(() => toPage({ after: cursorOf(['a']) }, ['TEXT', 'TEXT'])).toThrow(InvalidInputError);
  });

  it.each<[string, PositionShape[number], string]>([
    ['no character', 'TEXT', ''],
    ['no base64', 'TEXT', '!!! not a cursor !!!'],
    ['no JSON', 'TEXT', Buffer.from('{').toString('base64url')],
    ['no list', 'TEXT', cursorOf({ 0: 'a', length: 1 })],
    ['nothing', 'TEXT', cursorOf(null)],
    ['a list in a list', 'TEXT', cursorOf([['a']])],
    ['an object', 'TEXT', cursorOf([{ toString: 'a' }])],
    ['a character that PostgreSQL cannot hold', 'TEXT', cursorOf(['a\0b'])],
    ['half a character', 'TEXT', cursorOf(['a\ud83e'])],
    ['more text than a sort key holds', 'TEXT', cursorOf(['a'.repeat(1_001)])],
    ['a number where text is due', 'TEXT', cursorOf([1])],
    ['a number beyond all numbers', 'NUMBER', Buffer.from('[1e999]').toString('base64url')],
    ['a number beyond an int', 'NUMBER', cursorOf([2 ** 31])],
    ['a number below zero', 'NUMBER', cursorOf([-1])],
    ['a fraction', 'NUMBER', cursorOf([0.5])],
    ['a number as text', 'NUMBER', cursorOf(['1'])],
    ['text where an id is due', 'ID', cursorOf(['no id'])],
    ['a word where a time is due', 'TIME', cursorOf(['now'])],
    ['a number where a time is due', 'TIME', cursorOf([1])],
    ['a day that there is none of', 'TIME', cursorOf(['2026-13-01T00:00:00.000Z'])],
    ['a time before the year 0000', 'TIME', cursorOf(['-000001-12-31T23:59:59.999Z'])],
    ['a time after the year 9999', 'TIME', cursorOf(['+010000-01-01T00:00:00.000Z'])],
  ])('made of %s is refused', (_what, due, after) => {
    expect(() => toPage({ after }, [due])).toThrow(
      new InvalidInputError("'after' is not a cursor of this list."),
    );
  });

  it('may hold anything at all without a crash', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.array(fc.jsonValue()).map(cursorOf),
    );
    fc.assert(
      fc.property(hostile, shape, (after, kinds) => {
        let position: Position<PositionShape> | undefined;
        try {
          position = toPage({ after }, kinds).after;
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
          return;
        }
        expect(position).toHaveLength(kinds.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a connection', () => {
  const positionOf = (row: string): readonly [string] => [row];
  const page = toPage({ first: 2 }, ['TEXT']);

  it('tells by the one row over that there is a next page', () => {
    const full = toConnection(['a', 'b', 'c'], page, positionOf);
    expect(full.nodes).toEqual(['a', 'b']);
    expect(full.edges.map(({ node }) => node)).toEqual(['a', 'b']);
    expect(full.pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: cursorOf(['a']),
      endCursor: cursorOf(['b']),
    });
    expect(toConnection(['a', 'b'], page, positionOf).pageInfo.hasNextPage).toBe(false);
  });

  it('that is shorter than its limit has a next page when it is told so', () => {
    expect(toConnection(['a'], page, positionOf, true).pageInfo.hasNextPage).toBe(true);
  });

  it('after a cursor has a page before it', () => {
    const next = toPage({ after: cursorOf(['a']) }, ['TEXT']);
    expect(toConnection(['b'], next, positionOf).pageInfo.hasPreviousPage).toBe(true);
  });

  it('without rows begins and ends nowhere', () => {
    expect(toConnection([], page, positionOf)).toEqual({
      edges: [],
      nodes: [],
      pageInfo: {
        hasNextPage: false,
        hasPreviousPage: false,
        startCursor: null,
        endCursor: null,
      },
    });
  });
});
