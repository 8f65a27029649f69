import { describe, expect, it } from '@jest/globals';
import { recordEvent } from './matching/record-event.ts';
import type { SigmaEvent } from './index.ts';
import { aRule, compiled } from './testing/rule-builders.ts';

const RULES = [
  aRule({ s: { 'Field|contains': 'needle' }, condition: 's' }, { id: 'contains' }),
  aRule({ s: { 'Field|re': 'n[a-z]+le' }, condition: 's' }, { id: 're' }),
  aRule({ s: { 'deep.er.field': 'needle' }, condition: 's' }, { id: 'nested' }),
  aRule({ s: ['needle'], condition: 's' }, { id: 'keyword' }),
  aRule({ s: { 'Field|endswith': '😀' }, condition: 's' }, { id: 'emoji' }),
].join('\n---\n');

const ALL = ['contains', 're', 'keyword'];

/** Which rules match, in a new set, and how long it took. */
function match(event: SigmaEvent) {
  const set = compiled(RULES);
  set.match(recordEvent({ Field: 'x' }));
  const startedAt = performance.now();
  const ids = set.match(event).map(({ rule }) => rule.id);
  return { ids, ms: performance.now() - startedAt, cut: set.cutValueCount };
}

function nested(depth: number, inner: unknown, wrap: (value: unknown) => unknown): unknown {
  let value = inner;
  for (let level = 0; level < depth; level += 1) value = wrap(value);
  return value;
}

describe('a hostile event is matched within half a second', () => {
  const many = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, at) => [`f${String(at)}`, `value ${String(at)}`]),
  );
  it.each<[string, Record<string, unknown>, readonly string[], number]>([
    ['with 10,000 fields', { ...many, Field: 'needle' }, ALL, 0],
    [
      'with 20,000 fields, of which keywords see 16,384',
      {
        ...many,
        ...Object.fromEntries(Object.entries(many).map(([key, value]) => [`x${key}`, value])),
        Field: 'needle',
      },
      ['contains', 're'],
      1,
    ],
    [
      'with an array of 100,000 elements, of which 1,024 count',
      { Field: ['needle', ...Array<string>(99_999).fill('x')] },
      ALL,
      2,
    ],
    [
      'with a value of a megabyte, of which 65,536 characters count',
      { Field: `needle${'n'.repeat(1_048_576)}` },
      ALL,
      2,
    ],
    [
      'with a thousand such values, of which a million characters count',
      { Field: Array<string>(1_000).fill('n'.repeat(1_048_576)) },
      [],
      34,
    ],
    [
      'with a value of one odd character after the other',
      { Field: '\u{1f600}\u0130\ud800'.repeat(16_000) },
      [],
      0,
    ],
    [
      'with objects and arrays 10,000 levels deep',
      {
        deep: nested(10_000, 'needle', (value) => ({ er: value })),
        Field: nested(10_000, 'needle', (value) => [value]),
      },
      [],
      0,
    ],
    [
      'with arrays 10,000 levels deep on the way to a field',
      { deep: nested(10_000, { er: { field: 'needle' } }, (value) => [value]) },
      [],
      0,
    ],
    ['with nothing of use', { Field: [null, {}, [], Number.NaN, true] }, [], 0],
  ])('%s', (_what, record, ids, cut) => {
    const outcome = match(recordEvent(record));
    expect(outcome.ids).toEqual(ids);
    expect(outcome.cut).toBe(cut);
    expect(outcome.ms).toBeLessThan(500);
  });
});

describe('an event', () => {
  it('may hold half characters, which equal nothing else', () => {
    expect(match(recordEvent({ Field: 'needle\ud83d' })).ids).toEqual(ALL);
    expect(match(recordEvent({ Field: '\ude00' })).ids).toEqual([]);
    expect(match(recordEvent({ Field: '\ud83d\ude00' })).ids).toEqual(['emoji']);
  });

  it('may have fields of any name, and has only its own', () => {
    const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty'];
    const set = compiled(
      names
        .map((name) => aRule({ s: { [`${name}|exists`]: true }, condition: 's' }, { id: name }))
        .join('\n---\n'),
    );
    const idsOf = (json: string): readonly string[] =>
      set
        .match(recordEvent(JSON.parse(json) as Record<string, unknown>))
        .map(({ rule }) => rule.id);
    expect(idsOf('{}')).toEqual([]);
    expect(
      idsOf('{"__proto__": 1, "constructor": {}, "toString": null, "hasOwnProperty": ""}'),
    ).toEqual(names);
  });

  it('whose accessor throws hands that on, and the set goes on with the next event', () => {
    const set = compiled(RULES);
    const good = recordEvent({ Field: 'needle' });
    const before = set.match(good);
    const throwing = {
      get Field(): never {
        throw new Error('no such luck');
      },
    };
    for (let round = 0; round < 3; round += 1) {
      expect(() => set.match(recordEvent(throwing))).toThrow('no such luck');
      expect(set.match(recordEvent({ Field: 'other' }))).toEqual([]);
      expect(set.match(good)).toEqual(before);
    }
  });

  it('may have an accessor without an end or with odd values', () => {
    const endless: SigmaEvent = {
      get: () => Symbol('odd'),
      *values() {
        for (;;) yield {};
      },
    };
    expect(match(endless)).toMatchObject({ ids: [], cut: 1 });
    const odd: SigmaEvent = { get: () => () => 'needle', values: () => [1n, undefined, Symbol()] };
    expect(match(odd)).toMatchObject({ ids: [], cut: 0 });
  });
});
