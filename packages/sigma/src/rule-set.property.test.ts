import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { aRule, matchesOfRule } from './testing/rule-builders.ts';

/** A reference evaluator, as slow and literal as the specification reads; it shares no code with the engine. */

type Scalar = string | number | boolean | null;
type Event = Readonly<Record<string, Scalar | readonly Scalar[]>>;
type Placement = 'whole' | 'contains' | 'startswith' | 'endswith';

interface Item {
  readonly field: 'A' | 'B';
  readonly placement: Placement;
  readonly cased: boolean;
  readonly mode: 'any' | 'all' | 'neq';
  readonly values: readonly (string | number)[];
}

type Expression =
  | { readonly op: 'name'; readonly name: 'x' | 'y' | 'z' }
  | { readonly op: 'not'; readonly of: Expression }
  | { readonly op: 'and' | 'or'; readonly left: Expression; readonly right: Expression };

function wildcardMatch(pattern: readonly string[], value: readonly string[]): boolean {
  const [head, next] = pattern;
  if (head === undefined) return value.length === 0;
  if (head === '*') {
    if (wildcardMatch(pattern.slice(1), value)) return true;
    return value.length > 0 && wildcardMatch(pattern, value.slice(1));
  }
  if (head === '?') return value.length > 0 && wildcardMatch(pattern.slice(1), value.slice(1));
  const isEscape = head === '\\' && (next === '*' || next === '?' || next === '\\');
  return (
    value[0] === (isEscape ? next : head) &&
    wildcardMatch(pattern.slice(isEscape ? 2 : 1), value.slice(1))
  );
}

function placedMatch(item: Item, wanted: string | number, text: string): boolean {
  const fold = (s: string): string => (item.cased ? s : s.toLowerCase());
  const value = Array.from(fold(text));
  const pattern = Array.from(fold(String(wanted)));
  const starts =
    item.placement === 'contains' || item.placement === 'endswith'
      ? value.map((_, i) => i).concat(value.length)
      : [0];
  const cutsEnd = item.placement === 'contains' || item.placement === 'startswith';
  return starts.some((start) => {
    const ends = cutsEnd
      ? value
          .map((_, i) => i)
          .concat(value.length)
          .filter((end) => end >= start)
      : [value.length];
    return ends.some((end) => wildcardMatch(pattern, value.slice(start, end)));
  });
}

function itemHolds(item: Item, event: Event): boolean {
  const raw = event[item.field];
  const elements = (Array.isArray(raw) ? (raw as readonly Scalar[]) : [raw as Scalar | undefined])
    .filter((element) => element !== undefined && element !== null)
    .map(String);
  const some = (wanted: string | number): boolean =>
    elements.some((text) => placedMatch(item, wanted, text));
  if (item.mode === 'all') return item.values.every(some);
  if (item.mode === 'any') return item.values.some(some);
  return elements.some((text) => !item.values.some((wanted) => placedMatch(item, wanted, text)));
}

function expressionHolds(
  expression: Expression,
  holds: Readonly<Record<string, boolean>>,
): boolean {
  switch (expression.op) {
    case 'name':
      return holds[expression.name] === true;
    case 'not':
      return !expressionHolds(expression.of, holds);
    case 'and':
      return expressionHolds(expression.left, holds) && expressionHolds(expression.right, holds);
    case 'or':
      return expressionHolds(expression.left, holds) || expressionHolds(expression.right, holds);
  }
}

function conditionText(expression: Expression): string {
  switch (expression.op) {
    case 'name':
      return expression.name;
    case 'not':
      return `not (${conditionText(expression.of)})`;
    case 'and':
    case 'or':
      return `(${conditionText(expression.left)} ${expression.op} ${conditionText(expression.right)})`;
  }
}

function selectionOf(items: readonly Item[]): readonly Record<string, unknown>[] {
  return items.map((item) => {
    const modifiers = [
      ...(item.placement === 'whole' ? [] : [item.placement]),
      ...(item.cased ? ['cased'] : []),
      ...(item.mode === 'any' ? [] : [item.mode]),
    ];
    return { [[item.field, ...modifiers].join('|')]: item.values };
  });
}

const value = fc.string({
  unit: fc.constantFrom('a', 'A', 'b', '*', '?', '\\', '😀'),
  maxLength: 5,
});
const text = fc.string({ unit: fc.constantFrom('a', 'A', 'b', '*', '\\', '😀'), maxLength: 7 });
const scalar = fc.oneof(text, fc.constantFrom<Scalar>(0, 1, 12, true, null));
const item: fc.Arbitrary<Item> = fc.record({
  field: fc.constantFrom('A', 'B'),
  placement: fc.constantFrom<Placement>('whole', 'contains', 'startswith', 'endswith'),
  cased: fc.boolean(),
  mode: fc.constantFrom('any', 'all', 'neq'),
  values: fc.array(fc.oneof(value, fc.constantFrom(0, 1, 12)), { minLength: 1, maxLength: 6 }),
});
const items = fc.array(item, { minLength: 1, maxLength: 3 });
const event: fc.Arbitrary<Event> = fc.dictionary(
  fc.constantFrom('A', 'B'),
  fc.oneof(scalar, fc.array(scalar, { maxLength: 3 })),
);
const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4 },
    fc.record({ op: fc.constant('name' as const), name: fc.constantFrom('x', 'y', 'z') }),
    fc.record({ op: fc.constant('not' as const), of: tie('expression') }),
    fc.record({
      op: fc.constantFrom('and', 'or'),
      left: tie('expression'),
      right: tie('expression'),
    }),
  ),
}));

describe('the compiled engine', () => {
  it('agrees with the reference evaluator on any rule and any events', () => {
    fc.assert(
      fc.property(
        items,
        items,
        items,
        expression,
        fc.array(event, { minLength: 1, maxLength: 5 }),
        (x, y, z, condition, events) => {
          const rule = aRule({
            x: selectionOf(x),
            y: selectionOf(y),
            z: selectionOf(z),
            condition: conditionText(condition),
          });
          const expected = events.map((each) =>
            expressionHolds(condition, {
              x: x.some((one) => itemHolds(one, each)),
              y: y.some((one) => itemHolds(one, each)),
              z: z.some((one) => itemHolds(one, each)),
            }),
          );
          expect(matchesOfRule(rule, events)).toEqual(expected);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('the loader', () => {
  it('never throws, whatever the text', () => {
    const fragment = fc.constantFrom(
      'title: t\n',
      'detection:\n',
      '  s:\n',
      '    A|re: ',
      '- ',
      '[',
      '{',
      '&a ',
      '*a',
      '!x ',
      '"',
      '|\n',
      ': ',
      '\n',
      '---\n',
      '\u0000',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(fragment, fc.string()), { maxLength: 30 }), (pieces) => {
        expect(() => matchesOrRefuses(pieces.join(''))).not.toThrow();
      }),
      { numRuns: 500 },
    );
  });
});

function matchesOrRefuses(ruleText: string): void {
  try {
    matchesOfRule(ruleText, [{ A: 'a' }]);
  } catch (error) {
    if (!(error instanceof Error) || !error.message.startsWith('refused: ')) throw error;
  }
}
