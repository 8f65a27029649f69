import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  createCorrelator,
  recordEvent,
  type CorrelatorOptions,
  type CorrelatorState,
} from '../index.ts';
import { compiled } from '../testing/rule-builders.ts';
import {
  ReferenceCorrelator,
  type ReferenceCorrelation,
  type ReferenceEvent,
} from '../testing/reference-correlator.ts';

const RULES = ['a', 'b', 'c'] as const;
const SPAN_MS = 10_000;
const LATENESS_MS = 5_000;

const TYPES = [
  ...['event_count', 'value_count', 'value_sum', 'value_avg'],
  ...['value_median', 'temporal', 'temporal_ordered'],
] as const;
const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;

interface Definition {
  readonly type: (typeof TYPES)[number];
  readonly rules: readonly string[];
  readonly operator: (typeof OPERATORS)[number];
  readonly bound: number;
}

const definition: fc.Arbitrary<Definition> = fc.record({
  type: fc.constantFrom(...TYPES),
  rules: fc.subarray([...RULES], { minLength: 1 }),
  operator: fc.constantFrom(...OPERATORS, 'gte', 'gte', 'gte'),
  bound: fc.integer({ min: 0, max: 5 }),
});

/** Seconds, so that equal times and exact spans are common; steps back are at most a little beyond the lateness. */
const events: fc.Arbitrary<readonly ReferenceEvent[]> = fc
  .array(
    fc.record({
      step: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.integer({ min: -7, max: 14 })),
      rules: fc.subarray([...RULES], { minLength: 1 }),
      group: fc.constantFrom('x', 'y'),
      value: fc.integer({ min: -1, max: 4 }),
    }),
    { minLength: 1, maxLength: 40 },
  )
  .map((steps) => {
    let time = 1_700_000_000_000;
    return steps.map(({ step, ...rest }) => ({ ...rest, time: (time += step * 1_000) }));
  });

/** From so tight that every bound is hit to so wide that none is. */
const bounds = fc.record({
  maxGroups: fc.constantFrom(1, 2, 100),
  maxEventsPerGroup: fc.constantFrom(2, 4, 100),
  maxEvents: fc.constantFrom(3, 8, 100),
});

function ruleText({ type, rules, operator, bound }: Definition): string {
  const field = type.startsWith('value_') ? ', field: V' : '';
  return [
    ...RULES.map((name) => baseRule(name)),
    `title: inner\nname: inner\ncorrelation:\n  type: ${type}\n  rules: [${rules.join(', ')}]\n` +
      `  timespan: 10s\n  group-by: [G]\n  condition: {${operator}: ${String(bound)}${field}}\n`,
  ].join('---\n');
}

function baseRule(name: string): string {
  return (
    `title: ${name}\nname: ${name}\nlogsource: {category: test}\n` +
    `detection: {s: {R: ${name}}, condition: s}\n`
  );
}

function toHolds({ operator, bound }: Definition): (measured: number) => boolean {
  const tests = {
    gt: (value: number) => value > bound,
    gte: (value: number) => value >= bound,
    lt: (value: number) => value < bound,
    lte: (value: number) => value <= bound,
    eq: (value: number) => value === bound,
    neq: (value: number) => value !== bound,
  };
  return tests[operator];
}

/** What the engine completes, as `index group time`, with a new start from a saved state before each given index. */
function completionsOf(
  text: string,
  given: readonly ReferenceEvent[],
  restartsBefore: ReadonlySet<number> = new Set(),
  bounds: Omit<CorrelatorOptions, 'state'> = {},
): { readonly found: readonly string[]; readonly late: number } {
  const ruleSet = compiled(text);
  const options = { latenessMs: LATENESS_MS, ...bounds };
  let correlator = createCorrelator(ruleSet, options);
  const found = given.flatMap(({ time, rules, group, value }, index) => {
    if (restartsBefore.has(index)) {
      const state = JSON.parse(JSON.stringify(correlator.save())) as CorrelatorState;
      correlator = createCorrelator(ruleSet, { ...options, state });
    }
    const event = recordEvent({ R: rules, G: group, V: value });
    const matches = ruleSet.matchAll(event);
    return correlator
      .observe({ event, matches, time, id: String(index) })
      .map((match) => `${String(index)} ${String(match.group['G'])} ${String(match.lastAt)}`);
  });
  expect(correlator.counts.ignoredStates).toBe(0);
  return { found, late: correlator.counts.late };
}

function toReference(given: Definition): ReferenceCorrelation {
  const { type, rules } = given;
  return { type, rules, spanMs: SPAN_MS, latenessMs: LATENESS_MS, holds: toHolds(given) };
}

describe('the correlator', () => {
  it('agrees with the reference on any correlation and any events, late ones too', () => {
    fc.assert(
      fc.property(definition, events, (given, stream) => {
        const reference = new ReferenceCorrelator(toReference(given));
        const expected = stream.flatMap((event, index) => {
          const report = reference.observe(event);
          return report?.crossing === true
            ? [`${String(index)} ${report.group} ${String(report.endAt)}`]
            : [];
        });
        expect(completionsOf(ruleText(given), stream)).toEqual({
          found: expected,
          late: reference.late,
        });
      }),
      { numRuns: 400 },
    );
  });

  it('agrees with the reference on chains', () => {
    fc.assert(
      fc.property(
        definition,
        fc.constantFrom('temporal', 'temporal_ordered', 'event_count'),
        events,
        (given, outerType, stream) => {
          const text = `${ruleText(given)}---\ntitle: o\ncorrelation:\n  type: ${outerType}\n  rules: [inner, a]\n  timespan: 10s\n  group-by: [G]\n  condition: {gte: 2}\n`;
          const inner = new ReferenceCorrelator(toReference(given));
          const outer = new ReferenceCorrelator({
            ...{ type: outerType, rules: ['inner', 'a'], spanMs: SPAN_MS, latenessMs: LATENESS_MS },
            holds: (value) => value >= 2,
          });
          const expected = stream.flatMap((event, index) => {
            const report = inner.observe(event);
            const isFed = report !== null && (report.crossing || outerType !== 'event_count');
            const own = event.rules.includes('a') ? ['a'] : [];
            const isTogether = isFed && report.endAt === event.time;
            const fed = [
              ...(own.length > 0 || isTogether
                ? [{ ...event, rules: isTogether ? [...own, 'inner'] : own }]
                : []),
              ...(isFed && !isTogether ? [{ ...event, rules: ['inner'], time: report.endAt }] : []),
            ];
            return fed.flatMap((each) => {
              const result = outer.observe(each);
              return result?.crossing === true
                ? [`${String(index)} ${result.group} ${String(result.endAt)}`]
                : [];
            });
          });
          expect(completionsOf(text, stream).found).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('completes the same when it is saved and restored anywhere', () => {
    fc.assert(
      fc.property(
        definition,
        events,
        fc.array(fc.nat(40)),
        bounds,
        (given, stream, restarts, within) => {
          const text = `${ruleText(given)}---\ntitle: o\ncorrelation:\n  type: temporal_ordered\n  rules: [inner, a]\n  timespan: 10s\n  group-by: [G]\n`;
          expect(completionsOf(text, stream, new Set(restarts), within)).toEqual(
            completionsOf(text, stream, new Set(), within),
          );
        },
      ),
      { numRuns: 200 },
    );
  });
});
