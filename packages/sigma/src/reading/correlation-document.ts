import { CORRELATION_TYPES, isTemporal, type CorrelationType } from '../correlating/correlation.ts';
import {
  checkCountBounds,
  namesIn,
  readComparison,
  readExpression,
  type CorrelationCondition,
} from './correlation-condition.ts';
import { findEntry, readFlag, readHead, readText, readTexts, type RuleHead } from './rule.ts';
import { RuleRefusal } from './rule-refusal.ts';
import type { YamlMap } from './yaml-node.ts';

/** A correlation rule whose references wait to be resolved. */
export interface ReadCorrelation {
  readonly head: RuleHead;
  readonly type: CorrelationType;
  /** Ids or names of rules, as written. */
  readonly rules: readonly string[];
  readonly timespanMs: number;
  readonly groupBy: readonly string[];
  /** By alias: the field by rule, as written. */
  readonly aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly condition: CorrelationCondition;
  /** Where the `correlation` section stands. */
  readonly line: number;
}

/** What correlations say of the rules that they name: `true` where one wants them to alert by themselves too. */
export type Mentions = ReadonlyMap<string, boolean>;

const KNOWN_KEYS = ['type', 'rules', 'timespan', 'group-by', 'aliases', 'condition', 'generate'];
const MAX_RULES = 1_000;
/** The rules of a temporal correlation that were seen are bits of one small integer. */
const MAX_TEMPORAL_RULES = 29;
const MAX_GROUP_FIELDS = 16;

/**
 * Reads a correlation document.
 * @throws {RuleRefusal} anything that cannot be run exactly as written
 */
export function readCorrelation(
  root: YamlMap,
  file: string,
  documentNumber: number,
): ReadCorrelation {
  const section = sectionOf(root);
  const stranger = section.entries.find(({ key }) => !KNOWN_KEYS.includes(key));
  if (stranger) throw new RuleRefusal(`'correlation' has no key '${stranger.key}'`, stranger.line);
  const type = readType(section);
  const named = readTexts(section, 'rules');
  const condition = readCondition(section, type, named.length);
  const rules =
    named.length === 0 && condition.kind === 'EXPRESSION' ? namesIn(condition.expression) : named;
  const line = findEntry(section, 'rules')?.line ?? section.line;
  checkRules(rules, type, condition, line);
  const groupBy = readTexts(section, 'group-by');
  if (groupBy.length > MAX_GROUP_FIELDS)
    throw new RuleRefusal(`more than ${String(MAX_GROUP_FIELDS)} fields in 'group-by'`, line);
  return {
    head: readHead(root, file, documentNumber),
    ...{ type, rules, groupBy, condition },
    timespanMs: readTimespan(section),
    aliases: readAliases(section),
    line: section.line,
  };
}

/** Which rules a document names, and whether they still alert by themselves; also of one that cannot be run. */
export function mentionsOf(root: YamlMap): { names: readonly string[]; generate: boolean } {
  const section = findEntry(root, 'correlation');
  if (section?.kind !== 'MAP') return { names: [], generate: false };
  const node = findEntry(section, 'rules');
  const names = node === undefined ? [] : readTexts(section, 'rules');
  // The schema has `generate` beside `correlation`, pySigma within it.
  const generate = readFlag(root, 'generate') ?? readFlag(section, 'generate') ?? false;
  return { names: names.length > 0 ? names : namesOfExpression(section), generate };
}

function namesOfExpression(section: YamlMap): readonly string[] {
  const node = findEntry(section, 'condition');
  if (node?.kind !== 'SCALAR' || typeof node.value !== 'string') return [];
  const condition = readExpression(node.value, node.line);
  return condition.kind === 'EXPRESSION' ? namesIn(condition.expression) : [];
}

function sectionOf(root: YamlMap): YamlMap {
  const section = findEntry(root, 'correlation');
  if (section?.kind !== 'MAP')
    throw new RuleRefusal("'correlation' must be a map", section?.line ?? root.line);
  const detection = findEntry(root, 'detection');
  if (detection)
    throw new RuleRefusal("a rule has either 'detection' or 'correlation'", detection.line);
  return section;
}

function readType(section: YamlMap): CorrelationType {
  const text = readText(section, 'type');
  const type = CORRELATION_TYPES.find((candidate) => candidate === text?.toLowerCase());
  if (type === undefined)
    throw new RuleRefusal(
      `'type' is none of ${CORRELATION_TYPES.join(', ')}`,
      findEntry(section, 'type')?.line ?? section.line,
    );
  return type;
}

function checkRules(
  rules: readonly string[],
  type: CorrelationType,
  condition: CorrelationCondition,
  line: number,
): void {
  if (rules.length === 0) throw new RuleRefusal("'correlation' names no 'rules'", line);
  const most = isTemporal(type) ? MAX_TEMPORAL_RULES : MAX_RULES;
  if (rules.length > most)
    throw new RuleRefusal(`more than ${String(most)} rules in one correlation`, line);
  const repeated = rules.find((name, index) => rules.indexOf(name) !== index);
  if (repeated !== undefined) throw new RuleRefusal(`'rules' names '${repeated}' twice`, line);
  if (condition.kind !== 'EXPRESSION') return;
  const used = namesIn(condition.expression);
  const missing = used.find((name) => !rules.includes(name));
  if (missing !== undefined)
    throw new RuleRefusal(`the condition names '${missing}', which is not in 'rules'`, line);
  const idle = rules.find((name) => !used.includes(name));
  if (idle !== undefined)
    throw new RuleRefusal(`the condition does not name '${idle}' of 'rules'`, line);
}

function readCondition(
  section: YamlMap,
  type: CorrelationType,
  ruleCount: number,
): CorrelationCondition {
  const node = findEntry(section, 'condition');
  const line = node?.line ?? section.line;
  if (node === undefined) {
    if (!isTemporal(type)) throw new RuleRefusal("'correlation' has no 'condition'", line);
    return { kind: 'COMPARISON', bounds: [{ operator: 'gte', value: ruleCount }], fields: [] };
  }
  if (node.kind === 'SCALAR' && typeof node.value === 'string') {
    if (type !== 'temporal')
      throw new RuleRefusal(`type ${type} takes a comparison; an expression has no order`, line);
    return readExpression(node.value, line);
  }
  if (node.kind !== 'MAP') throw new RuleRefusal("'condition' must be a map", line);
  return checkComparison(readComparison(node), type, line);
}

/** Holds a comparison against its type: which fields it needs, and which numbers. */
function checkComparison(
  condition: CorrelationCondition,
  type: CorrelationType,
  line: number,
): CorrelationCondition {
  if (condition.kind !== 'COMPARISON') return condition;
  const { fields, percentile } = condition;
  const isValue = type.startsWith('value_');
  if (isValue && fields.length === 0)
    throw new RuleRefusal(`type ${type} needs a 'field' in its condition`, line);
  if (!isValue && fields.length > 0)
    throw new RuleRefusal(`type ${type} takes no 'field' in its condition`, line);
  if (type !== 'value_count' && fields.length > 1)
    throw new RuleRefusal(`type ${type} takes one 'field'`, line);
  if (!isValue || type === 'value_count') checkCountBounds(condition, line);
  if (type !== 'value_percentile') {
    if (percentile !== undefined)
      throw new RuleRefusal(`type ${type} takes no 'percentile' in its condition`, line);
    return type === 'value_median' ? { ...condition, percentile: 50 } : condition;
  }
  if (percentile === undefined)
    throw new RuleRefusal("type value_percentile needs a 'percentile' in its condition", line);
  if (percentile < 0 || percentile > 100)
    throw new RuleRefusal("'percentile' must be from 0 to 100", line);
  return condition;
}

/** A month is a twelfth of a year, a year 365.2425 days, as in pySigma. */
const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ...([
    ['s', 1],
    ['m', 60],
    ['h', 3_600],
    ['d', 86_400],
  ] as const),
  ...([
    ['w', 604_800],
    ['M', 2_629_746],
    ['y', 31_556_952],
  ] as const),
]);

function readTimespan(section: YamlMap): number {
  const line = findEntry(section, 'timespan')?.line ?? section.line;
  const text = readText(section, 'timespan');
  if (text === undefined) throw new RuleRefusal("'correlation' has no 'timespan'", line);
  const [, count, unit = ''] = /^(\d{1,9})([smhdwMy])$/.exec(text) ?? [];
  const spanMs = Number(count) * (UNIT_SECONDS.get(unit) ?? Number.NaN) * 1_000;
  if (!(spanMs > 0))
    throw new RuleRefusal(
      `'timespan' must be a whole number above 0 and one of s, m, h, d, w, M, y, as in '15m'`,
      line,
    );
  return spanMs;
}

function readAliases(section: YamlMap): ReadCorrelation['aliases'] {
  const node = findEntry(section, 'aliases');
  if (node === undefined) return new Map();
  if (node.kind !== 'MAP') throw new RuleRefusal("'aliases' must be a map", node.line);
  return new Map(
    node.entries.map(({ key: alias, line, value }) => {
      if (value.kind !== 'MAP')
        throw new RuleRefusal(`alias '${alias}' must be a map from rules to fields`, line);
      const fields = value.entries.map(({ key }): [string, string] => [
        key,
        readText(value, key) ?? '',
      ]);
      return [alias, new Map(fields)];
    }),
  );
}
