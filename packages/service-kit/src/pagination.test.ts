import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidInputError } from './errors.ts';
import { maxFirst, toConnection, toPage } from './pagination.ts';
import type { Position } from './pagination.ts';

const part = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0')),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
);

function cursorOf(value: unknown): string {
  return Buffer.from(JSON.stringify(value), 'utf8').toString('base64url');
}

describe('a page', () => {
  it('holds 25 unless asked otherwise', () => {
    expect(toPage({}, 1)).toEqual({ limit: 25 });
    expect(toPage({ first: null, after: null }, 1)).toEqual({ limit: 25 });
    expect(toPage({ first: maxFirst, after: '' }, 1)).toEqual({ limit: 100 });
  });

  it.each([0, -1, 101, 2 ** 31 - 1])('of %s is refused', (first) => {
    expect(() => toPage({ first }, 1)).toThrow("'first' must be from 1 to 100.");
  });
});

describe('a cursor', () => {
  it('leads back to its place', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (position) => {
        const page = toPage({ first: 1 }, position.length);
        const { pageInfo } = toConnection(['row'], page, () => position);
        const next = toPage({ after: pageInfo.endCursor }, position.length);
        expect(next.after).toEqual(position);
      }),
    );
  });

  it('of another list is refused', () => {
    expect(() => toPage({ after: cursorOf(['a', 'b']) }, 1)).toThrow(InvalidInputError);
  });

  it.each([
    ['no base64', '!!! not a cursor !!!'],
    ['no JSON', Buffer.from('{').toString('base64url')],
    ['no list', cursorOf({ 0: 'a', length: 1 })],
    ['nothing', cursorOf(null)],
    ['a list in a list', cursorOf([['a']])],
    ['an object', cursorOf([{ toString: 'a' }])],
    ['a character that PostgreSQL cannot hold', cursorOf(['a\0b'])],
    ['a number beyond all numbers', Buffer.from('[1e999]').toString('base64url')],
  ])('made of %s is refused', (_what, after) => {
    expect(() => toPage({ after }, 1)).toThrow(
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
      fc.property(hostile, fc.integer({ min: 1, max: 3 }), (after, length) => {
        let position: Position | undefined;
        try {
          position = toPage({ after }, length).after;
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidInputError);
          return;
        }
        if (after === '') return;
        expect(position).toHaveLength(length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a connection', () => {
  const positionOf = (row: string): Position => [row];

  it('tells by the one row over that there is a next page', () => {
    const page = { limit: 2 };
    const full = toConnection(['a', 'b', 'c'], page, positionOf);
    expect(full.nodes).toEqual(['a', 'b']);
    expect(full.edges.map(({ node }) => node)).toEqual(['a', 'b']);
    expect(full.pageInfo).toEqual({ hasNextPage: true, endCursor: cursorOf(['b']) });
    expect(toConnection(['a', 'b'], page, positionOf).pageInfo.hasNextPage).toBe(false);
  });

  it('without rows ends nowhere', () => {
    expect(toConnection([], { limit: 2 }, positionOf)).toEqual({
      edges: [],
      nodes: [],
      pageInfo: { hasNextPage: false, endCursor: null },
    });
  });
});
