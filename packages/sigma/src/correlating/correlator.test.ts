import { describe, expect, it } from '@jest/globals';
import {
  createCorrelator,
  recordEvent,
  type CorrelationMatch,
  type Correlator,
  type CorrelatorOptions,
  type CorrelatorState,
  type RuleSet,
} from '../index.ts';
import { compiled } from '../testing/rule-builders.ts';

type JsonObject = Readonly<Record<string, unknown>>;

const START = Date.UTC(2026, 0, 1);

function base(name: string): string {
  return `title: ${name}\nid: ${name}-id\nname: ${name}\nauthor: Auth ${name}\nlogsource: {category: test}\ndetection: {s: {R: ${name}}, condition: s}\n---\n`;
}

/** Rules a, b and c, and a correlation with the section given as flow YAML. */
function correlated(section: string, more = ''): RuleSet {
  const correlation = `title: corr\nid: corr-id\nname: corr\nauthor: C. Orr\ncorrelation: {timespan: 10s, ${section}}\n`;
  return compiled(base('a') + base('b') + base('c') + correlation + more);
}

/** Feeds events, each after so many seconds; a record names the rules that it matches under R. */
function feed(
  ruleSet: RuleSet,
  correlator: Correlator,
  steps: readonly (readonly [number, JsonObject])[],
): readonly (readonly CorrelationMatch[])[] {
  return steps.map(([second, record], index) => {
    const event = recordEvent(record);
    const time = START + second * 1_000;
    const matches = ruleSet.matchAll(event);
    return correlator.observe({ event, matches, time, id: `e${String(index)}` });
  });
}

/** At which of the events the correlation completes. */
function completedAt(
  section: string,
  steps: readonly (readonly [number, JsonObject])[],
  options: CorrelatorOptions = {},
): readonly number[] {
  const ruleSet = correlated(section);
  const found = feed(ruleSet, createCorrelator(ruleSet, options), steps);
  return found.flatMap((matches, index) => (matches.length > 0 ? [index] : []));
}

const COUNT = 'type: event_count, rules: [a, b], group-by: [U]';
const a = { R: 'a', U: 'u' };
const b = { R: 'b', U: 'u' };
const c = { R: 'c', U: 'u' };

describe('a completed correlation', () => {
  it('says who, when, what and by which rules', () => {
    const ruleSet = correlated(`${COUNT}, condition: {gte: 2}`);
    const found = feed(ruleSet, createCorrelator(ruleSet), [
      [0, { ...a, U: 'other' }],
      [1, a],
      [3, b],
    ]);
    expect(found.flat()).toMatchObject([
      {
        correlation: { id: 'corr-id', title: 'corr', author: 'C. Orr' },
        ...{ group: { U: 'u' }, firstAt: START + 1_000, lastAt: START + 3_000 },
        ...{ value: 2, eventCount: 2, eventIds: ['e1', 'e2'] },
        rules: [
          { id: 'a-id', author: 'Auth a' },
          { id: 'b-id', author: 'Auth b' },
        ],
      },
    ]);
  });

  it('names the newest hundred of its events', () => {
    const ruleSet = correlated(`${COUNT}, condition: {gte: 150}`);
    const steps = Array.from({ length: 150 }, () => [0, a] as const);
    const [match] = feed(ruleSet, createCorrelator(ruleSet), steps).flat();
    expect(match?.eventCount).toBe(150);
    expect([match?.eventIds.length, match?.eventIds[0]]).toEqual([100, 'e50']);
  });
});

describe('a window', () => {
  it('slides, and holds events that are exactly a timespan apart', () => {
    const section = `${COUNT}, condition: {gte: 2}`;
    expect(
      completedAt(section, [
        [0, a],
        [10, a],
      ]),
    ).toEqual([1]);
    expect(
      completedAt(section, [
        [0, a],
        [11, a],
        [20, a],
      ]),
    ).toEqual([2]);
  });

  it('is reported once while the correlation holds, and again after it did not', () => {
    const steps = [0, 1, 2, 8, 30, 31].map((second) => [second, a] as const);
    expect(completedAt(`${COUNT}, condition: {gte: 2}`, steps)).toEqual([1, 5]);
    expect(completedAt(`${COUNT}, condition: {gte: 1}`, steps)).toEqual([0, 4]);
  });
});

describe('a late event', () => {
  it('is put where it belongs when it is within the lateness', () => {
    const section = 'type: temporal_ordered, rules: [a, b], group-by: [U]';
    const steps = [
      [5, b],
      [3, a],
    ] as const;
    expect(completedAt(section, steps, { latenessMs: 2_000 })).toEqual([1]);
    const ruleSet = correlated(section);
    const correlator = createCorrelator(ruleSet, { latenessMs: 1_999 });
    expect(feed(ruleSet, correlator, steps).flat()).toEqual([]);
    expect(correlator.counts.late).toBe(1);
  });

  it('may complete a window that ended before the newest event', () => {
    const ruleSet = correlated(`${COUNT}, condition: {gte: 2}`);
    const correlator = createCorrelator(ruleSet, { latenessMs: 60_000 });
    const found = feed(ruleSet, correlator, [
      [0, a],
      [30, a],
      [5, b],
    ]);
    expect(found.flat()).toMatchObject([
      { firstAt: START, lastAt: START + 5_000, eventIds: ['e0', 'e2'] },
    ]);
  });

  it('is judged by its own group, so that one wrong clock does not make all others late', () => {
    const section = `${COUNT}, condition: {gte: 2}`;
    expect(
      completedAt(section, [
        [1e6, { ...a, U: 'x' }],
        [0, a],
        [1, a],
      ]),
    ).toEqual([2]);
  });

  it('without any time is left out and counted', () => {
    const ruleSet = correlated(`${COUNT}, condition: {gte: 1}`);
    const correlator = createCorrelator(ruleSet);
    expect(
      feed(ruleSet, correlator, [
        [Number.NaN, a],
        [0, { R: 'none' }],
      ]).flat(),
    ).toEqual([]);
    expect(correlator.counts.undated).toBe(1);
  });
});

describe('a group', () => {
  it('is of all events where nothing is grouped by', () => {
    const section = 'type: event_count, rules: a, condition: {gte: 2}';
    expect(
      completedAt(section, [
        [0, a],
        [1, { R: 'a' }],
      ]),
    ).toEqual([1]);
  });

  it('leaves out events without one of its fields', () => {
    const section = 'type: event_count, rules: a, group-by: [U, V], condition: {gte: 1}';
    expect(
      completedAt(section, [
        [0, a],
        [1, { ...a, V: null }],
        [2, { ...a, V: '' }],
      ]),
    ).toEqual([2]);
  });

  it('keeps values apart however they are cut, and takes numbers by their text', () => {
    const section = 'type: event_count, rules: a, group-by: [U, V], condition: {gte: 2}';
    const events = [
      ['ab', 'c'],
      ['a', 'bc'],
      ['a', 'BC'],
      [1, 2],
      ['1', '2'],
      [['1'], '2'],
    ];
    const steps = events.map(([U, V]) => [0, { R: 'a', U, V }] as const);
    expect(completedAt(section, steps)).toEqual([4]);
    const long = ['x', 'y'].map((end) => [0, { ...a, U: 'z'.repeat(9_000) + end }] as const);
    expect(completedAt(`${COUNT}, condition: {gte: 2}`, long)).toEqual([]);
  });

  it('joins events of different rules by an alias', () => {
    const section = 'type: temporal, rules: [a, b], group-by: [who], aliases: {who: {a: S, b: T}}';
    const steps = [
      [0, { R: 'a', S: 'x', T: 'y' }],
      [1, { R: 'b', S: 'x', T: 'y' }],
      [2, { R: 'b', T: 'x' }],
    ] as const;
    expect(completedAt(section, steps)).toEqual([2]);
    expect(completedAt(section, [[0, { R: ['a', 'b'], S: 'x', T: 'x' }]])).toEqual([0]);
  });

  it('goes when there are too many and it was updated longest ago, which is counted', () => {
    const ruleSet = correlated(`${COUNT}, condition: {gte: 2}`);
    const correlator = createCorrelator(ruleSet, { maxGroups: 2 });
    const users = ['x', 'y', 'x', 'z', 'y', 'x'].map((U) => [0, { ...a, U }] as const);
    const found = feed(ruleSet, correlator, users);
    expect(found.map((matches) => matches.length)).toEqual([0, 0, 1, 0, 0, 0]);
    expect([correlator.groupCount, correlator.counts.evicted]).toEqual([2, 3]);
  });

  it('goes uncounted when it could complete nothing any more', () => {
    const ruleSet = correlated(`${COUNT}, condition: {gte: 2}`);
    const correlator = createCorrelator(ruleSet, { maxGroups: 1, latenessMs: 0 });
    feed(ruleSet, correlator, [
      [0, a],
      [11, { ...a, U: 'x' }],
    ]);
    expect(correlator.counts.evicted).toBe(0);
  });

  it('lets its oldest events go when it has too many, but never what a count needs', () => {
    const steps = Array.from({ length: 20 }, (_, index) => [0, { ...a, V: index }] as const);
    const options = { maxEventsPerGroup: 3 };
    expect(completedAt(`${COUNT}, condition: {gte: 20}`, steps, options)).toEqual([19]);
    const ruleSet = correlated('type: value_sum, rules: a, condition: {field: V, gte: 54}');
    const correlator = createCorrelator(ruleSet, options);
    const found = feed(ruleSet, correlator, steps);
    expect(found.findIndex((matches) => matches.length > 0)).toBe(19);
    expect(correlator.counts.cut).toBe(17);
  });

  it('goes when all groups together have too many events', () => {
    const ruleSet = correlated(`${COUNT}, condition: {gte: 9}`);
    const correlator = createCorrelator(ruleSet, { maxEvents: 10 });
    feed(
      ruleSet,
      correlator,
      Array.from({ length: 30 }, (_, i) => [0, { ...a, U: i % 6 }] as const),
    );
    expect(correlator.groupCount).toBeLessThan(6);
    expect(correlator.counts.evicted).toBeGreaterThan(0);
  });
});

describe('a condition', () => {
  it('may give a range', () => {
    const section = 'type: value_sum, rules: a, condition: {field: V, gt: 2, lte: 4}';
    const steps = [2, 1, 9, -8].map((V, index) => [index, { R: 'a', V }] as const);
    expect(completedAt(section, steps)).toEqual([1, 3]);
  });

  it('counts an event once that matches several rules', () => {
    expect(
      completedAt(`${COUNT}, condition: {gte: 2}`, [
        [0, { R: ['a', 'b'], U: 'u' }],
        [1, a],
      ]),
    ).toEqual([1]);
  });

  it('counts different values, or tuples of values, and leaves out events without them', () => {
    const values = [
      ['x', 1],
      ['x', 1],
      ['x', 2],
      ['y', 2],
      ['z', null],
    ] as const;
    const steps = values.map(([V, W], index) => [index, { R: 'a', V, W }] as const);
    const section = (field: string) =>
      `type: value_count, rules: a, condition: {field: ${field}, gte: 3}`;
    expect(completedAt(section('V'), steps)).toEqual([4]);
    expect(completedAt(section('[V, W]'), steps)).toEqual([3]);
  });

  it('counts many values that come and go as it counts few', () => {
    const steps = Array.from({ length: 60 }, (_, i) => [i / 2, { R: 'a', V: i % 30 }] as const);
    const found = completedAt('type: value_count, rules: a, condition: {field: V, gte: 21}', steps);
    expect(found).toEqual([20]);
  });

  it('adds up numbers and their texts, and leaves out what is none', () => {
    const values = [1, '2', 'x', '0x10', null, '3e0'];
    const steps = values.map((V, index) => [index, { R: 'a', V }] as const);
    expect(completedAt('type: value_sum, rules: a, condition: {field: V, eq: 6}', steps)).toEqual([
      5,
    ]);
    expect(completedAt('type: value_avg, rules: a, condition: {field: V, eq: 2}', steps)).toEqual([
      5,
    ]);
  });

  it('takes percentiles between the nearest values', () => {
    const steps = [10, 20, 30, 40].map((V, index) => [index, { R: 'a', V }] as const);
    const median = 'type: value_median, rules: a, condition: {field: V, eq: 25}';
    expect(completedAt(median, steps)).toEqual([3]);
    const ninety =
      'type: value_percentile, rules: a, condition: {field: V, percentile: 90, gt: 36.9}';
    expect(completedAt(ninety, steps)).toEqual([3]);
  });

  it('of a temporal correlation asks for all rules, or so many', () => {
    const steps = [
      [0, a],
      [1, a],
      [2, c],
      [3, b],
    ] as const;
    const section = 'type: temporal, rules: [a, b, c], group-by: U';
    expect(completedAt(section, steps)).toEqual([3]);
    expect(completedAt(`${section}, condition: {gte: 2}`, steps)).toEqual([2]);
  });

  it('of an ordered one asks for an event of its own for each rule', () => {
    const section = 'type: temporal_ordered, rules: [a, b, c], group-by: U';
    expect(
      completedAt(section, [
        [0, b],
        [1, a],
        [2, c],
        [3, b],
        [4, c],
      ]),
    ).toEqual([4]);
    expect(
      completedAt(section, [
        [0, { R: ['a', 'b', 'c'], U: 'u' }],
        [0, b],
        [0, c],
      ]),
    ).toEqual([2]);
    expect(
      completedAt(`${section}, condition: {gte: 2}`, [
        [0, c],
        [1, a],
        [2, c],
      ]),
    ).toEqual([2]);
  });

  it('may be an expression over the rules seen', () => {
    const section = (condition: string) => `type: temporal, group-by: U, condition: "${condition}"`;
    expect(
      completedAt(section('a and (b or c)'), [
        [0, a],
        [1, c],
      ]),
    ).toEqual([1]);
    expect(
      completedAt(section('a and not b'), [
        [0, b],
        [1, a],
        [11, a],
      ]),
    ).toEqual([2]);
  });
});

describe('a chain', () => {
  const outer = (section: string, head = '') =>
    `---\ntitle: outer\nid: outer-id\n${head}correlation: {timespan: 10s, ${section}}\n`;
  const steps = [
    [0, a],
    [1, a],
    [2, b],
  ] as const;
  const inner = 'type: event_count, rules: [a], group-by: [U, V], condition: {gte: 2}';
  const ordered = 'type: temporal_ordered, rules: [corr, b], group-by: [U]';

  it('alerts for its last correlation, grouped by what that one says', () => {
    const ruleSet = correlated(inner, outer(ordered));
    const events = steps.map(([second, record]) => [second, { ...record, V: 1 }] as const);
    const found = feed(ruleSet, createCorrelator(ruleSet), events);
    expect(found.map((matches) => matches.map(({ correlation }) => correlation.id))).toEqual([
      [],
      [],
      ['outer-id'],
    ]);
    expect(found.flat()).toMatchObject([
      { group: { U: 'u' }, rules: [{ id: 'corr-id' }, { id: 'b-id' }] },
    ]);
  });

  it('alerts for the others too where it says so', () => {
    const ruleSet = correlated(inner, outer(ordered, 'generate: true\n'));
    const events = steps.map(([second, record]) => [second, { ...record, V: 1 }] as const);
    const found = feed(ruleSet, createCorrelator(ruleSet), events).flat();
    expect(found.map(({ correlation }) => correlation.id)).toEqual(['corr-id', 'outer-id']);
  });

  it('knows the inner group by its alias', () => {
    const ruleSet = correlated(
      'type: event_count, rules: [a], group-by: [who], aliases: {who: {a: S}}, condition: {gte: 2}',
      outer('type: temporal, rules: [corr, b], group-by: [who], aliases: {who: {b: T}}'),
    );
    const events = [
      [0, { R: 'a', S: 'x' }],
      [1, { R: 'a', S: 'x' }],
      [2, { R: 'b', T: 'x' }],
    ] as const;
    expect(feed(ruleSet, createCorrelator(ruleSet), events).flat()).toMatchObject([
      { group: { who: 'x' } },
    ]);
  });

  it('sees the inner correlation as long as it holds, but counts it once per crossing', () => {
    const many = Array.from({ length: 20 }, (_, index) => [index, a] as const);
    const one = 'type: event_count, rules: [a], group-by: [U], condition: {gte: 2}';
    const temporal = correlated(one, outer(ordered));
    expect(feed(temporal, createCorrelator(temporal), [...many, [20, b]]).flat()).toHaveLength(1);
    const counted = correlated(one, outer('type: event_count, rules: [corr], condition: {gte: 2}'));
    expect(feed(counted, createCorrelator(counted), many).flat()).toEqual([]);
  });
});

describe('a saved state', () => {
  const ruleSet = correlated(`${COUNT}, condition: {gte: 3}`);
  const other = correlated(`${COUNT}, condition: {gte: 4}`);

  function savedAfterTwo(): CorrelatorState {
    const correlator = createCorrelator(ruleSet, { latenessMs: 0 });
    feed(ruleSet, correlator, [
      [1, a],
      [2, a],
      [0, a],
    ]);
    return JSON.parse(JSON.stringify(correlator.save())) as CorrelatorState;
  }

  it('goes on where it was, with its counts', () => {
    const correlator = createCorrelator(ruleSet, { state: savedAfterTwo() });
    expect(feed(ruleSet, correlator, [[3, a]]).flat()).toMatchObject([
      { eventIds: ['e0', 'e1', 'e0'] },
    ]);
    expect(correlator.counts).toMatchObject({ late: 1, ignoredStates: 0 });
  });

  it('is left out and counted where the correlation is gone or says something else', () => {
    const correlator = createCorrelator(other, { state: savedAfterTwo() });
    expect([correlator.groupCount, correlator.counts.ignoredStates]).toEqual([0, 1]);
    const none = createCorrelator(compiled(base('a')), { state: savedAfterTwo() });
    expect(none.counts.ignoredStates).toBe(1);
  });

  it('does not mind a change of the title or level', () => {
    const changed = compiled(
      `${base('a')}${base('b')}title: another\nid: corr-id\nlevel: low\ncorrelation: {timespan: 10s, ${COUNT}, condition: {gte: 3}}\n`,
    );
    expect(createCorrelator(changed, { state: savedAfterTwo() }).groupCount).toBe(1);
  });

  it.each([
    ['another version', { ...savedAfterTwo(), version: 2 }],
    [
      'no groups',
      { version: 1, correlations: [{ ...savedAfterTwo().correlations[0], groups: null }] },
    ],
    [
      'a broken group',
      { version: 1, correlations: [{ ...savedAfterTwo().correlations[0], groups: [{}] }] },
    ],
  ])('is left out and counted when it is of no use: %s', (_what, state) => {
    const correlator = createCorrelator(ruleSet, { state: state as unknown as CorrelatorState });
    expect([correlator.groupCount, correlator.counts.ignoredStates]).toEqual([0, 1]);
  });

  it('may be empty or nonsense', () => {
    for (const state of [null, 5, {}, { version: 1, correlations: 'x' }])
      expect(
        createCorrelator(ruleSet, { state: state as unknown as CorrelatorState }).groupCount,
      ).toBe(0);
  });
});
