import { parseCondition, type Condition } from './condition.ts';
import { parseNumber } from '../compiling/number-text.ts';
import { findEntry, readTexts } from './rule.ts';
import { RuleRefusal } from './rule-refusal.ts';
import type { YamlMap, YamlNode } from './yaml-node.ts';

const OPERATORS = ['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const;
export type Operator = (typeof OPERATORS)[number];

/** One comparison of what a correlation measures. */
export interface Bound {
  readonly operator: Operator;
  readonly value: number;
}

/** When a correlation holds: all the comparisons, or (temporal only) an expression over the names of its rules. */
export type CorrelationCondition =
  | {
      readonly kind: 'COMPARISON';
      readonly bounds: readonly Bound[];
      /** What is counted or computed; several fields count as one tuple. Empty for counts of events and rules. */
      readonly fields: readonly string[];
      /** From 0 to 100; given for percentiles and the median. */
      readonly percentile?: number;
    }
  | { readonly kind: 'EXPRESSION'; readonly expression: Condition };

/** State is bounded by what a condition must see, so a count may not ask for more. */
const MAX_COUNT = 100_000;

/**
 * Reads the map form of a condition. Several operators must all hold, as in the specification's range.
 * @throws {RuleRefusal} no operator, an unknown key, a bound that is not a number
 */
export function readComparison(map: YamlMap): CorrelationCondition {
  const known: readonly string[] = [...OPERATORS, 'field', 'percentile'];
  const stranger = map.entries.find(({ key }) => !known.includes(key));
  if (stranger) throw new RuleRefusal(`'condition' has no key '${stranger.key}'`, stranger.line);
  const bounds = OPERATORS.flatMap((operator): Bound[] => {
    const node = findEntry(map, operator);
    return node === undefined ? [] : [{ operator, value: numberOf(node, operator) }];
  });
  if (bounds.length === 0)
    throw new RuleRefusal(`'condition' has none of ${OPERATORS.join(', ')}`, map.line);
  const percentile = findEntry(map, 'percentile');
  return {
    kind: 'COMPARISON',
    bounds,
    fields: readTexts(map, 'field'),
    ...(percentile === undefined ? {} : { percentile: numberOf(percentile, 'percentile') }),
  };
}

/** @throws {RuleRefusal} not the grammar of conditions, or `1 of …`, which names no rule */
export function readExpression(text: string, line: number): CorrelationCondition {
  try {
    const expression = parseCondition(text);
    namesIn(expression);
    return { kind: 'EXPRESSION', expression };
  } catch (error) {
    if (error instanceof RuleRefusal) throw new RuleRefusal(error.message, error.line ?? line);
    throw error;
  }
}

/** The rules that an expression names, each once, in the order of their first mention. */
export function namesIn(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'IDENTIFIER':
      return [condition.name];
    case 'NOT':
      return namesIn(condition.operand);
    case 'AND':
    case 'OR':
      return [...new Set(condition.operands.flatMap(namesIn))];
    case 'OF':
      throw new RuleRefusal("the condition of a correlation takes rule names, not 'x of …'");
  }
}

/** @throws {RuleRefusal} a bound that a count of things cannot be compared with, or one beyond what state is kept for */
export function checkCountBounds(
  { bounds }: { readonly bounds: readonly Bound[] },
  line: number,
): void {
  for (const { operator, value } of bounds) {
    if (!Number.isInteger(value) || value < 0)
      throw new RuleRefusal(`'${operator}' must be a whole number from 0`, line);
    if (value > MAX_COUNT)
      throw new RuleRefusal(`'${operator}' is over ${String(MAX_COUNT)}, which is not kept`, line);
  }
}

/** All the bounds as one test. */
export function compileBounds(bounds: readonly Bound[]): (value: number) => boolean {
  const [first = (): boolean => true, ...others] = bounds.map(compileBound);
  if (others.length === 0) return first;
  return (value) => first(value) && others.every((holds) => holds(value));
}

function compileBound({ operator, value: bound }: Bound): (value: number) => boolean {
  switch (operator) {
    case 'gt':
      return (value) => value > bound;
    case 'gte':
      return (value) => value >= bound;
    case 'lt':
      return (value) => value < bound;
    case 'lte':
      return (value) => value <= bound;
    case 'eq':
      return (value) => value === bound;
    case 'neq':
      return (value) => value !== bound;
  }
}

function numberOf(node: YamlNode, key: string): number {
  const value =
    node.kind === 'SCALAR' && typeof node.value !== 'boolean' && node.value !== null
      ? parseNumber(String(node.value))
      : undefined;
  if (value === undefined || !Number.isFinite(value))
    throw new RuleRefusal(`'${key}' must be a number`, node.line);
  return value;
}
