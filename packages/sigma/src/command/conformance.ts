import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  compileRules,
  createCorrelator,
  recordEvent,
  type LogsourceMap,
  type RefusedRule,
} from '../index.ts';
import { readNdjson } from './ndjson.ts';
import { isObject, toSigmaEvent } from './record-layout.ts';
import { toTime } from './record-time.ts';

/** The verdict on one case of a pack: `problem` is absent when it passed. */
export interface CaseResult {
  readonly name: string;
  readonly problem?: string;
}

export interface ConformanceOptions {
  /** What `rule_file` of a regression case is relative to. */
  readonly rulesRoot: string;
  readonly logsources: LogsourceMap;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** Rules of conformance packs see every event of their case. */
const CONFORMANCE_LOGSOURCES: LogsourceMap = [{ category: 'conformance', events: {} }];

/**
 * Runs the cases of a pack one by one. A case holds `events` and either `rule` (text) and `expect` (indices of the events that
 * match); or `rule_file`, `rule_id` and `min_matches`; or `rules` (text), `timestamp_field` and `expect` (groups, each with
 * the index of the event that first completes the correlation).
 */
export async function* runConformance(
  file: string,
  options: ConformanceOptions,
): AsyncGenerator<CaseResult> {
  for await (const { line, text } of readNdjson(file)) {
    const place = `${file}:${String(line)}`;
    const value = parse(text);
    if (value === undefined) {
      yield { name: place, problem: 'not JSON' };
      continue;
    }
    if (!isObject(value) || !Array.isArray(value['events'])) {
      yield { name: place, problem: 'not a conformance case' };
      continue;
    }
    const name = [value['id'], value['case']].find((given) => typeof given === 'string') ?? place;
    const events = value['events'].filter(isObject);
    const problem = await runCase(value, events, options);
    yield problem === undefined ? { name } : { name, problem };
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Undefined is no JSON value; the caller says where the line is.
    return undefined;
  }
}

async function runCase(
  given: JsonObject,
  events: readonly JsonObject[],
  options: ConformanceOptions,
): Promise<string | undefined> {
  if (typeof given['rule'] === 'string')
    return runExactCase(given['rule'], events, given['expect']);
  if (typeof given['rule_file'] === 'string') {
    const text = await readFile(join(options.rulesRoot, given['rule_file']), 'utf8');
    return runRegressionCase({ file: given['rule_file'], text }, given, events, options.logsources);
  }
  if (typeof given['rules'] === 'string') return runCorrelationCase(given['rules'], events, given);
  return 'not a conformance case';
}

function runExactCase(
  rule: string,
  events: readonly JsonObject[],
  expected: unknown,
): string | undefined {
  const { ruleSet, refused } = compileRules([{ file: 'rule', text: rule }], {
    logsources: CONFORMANCE_LOGSOURCES,
  });
  if (refused.length > 0) return describeRefusals(refused);
  const matched = events.flatMap((event, index) =>
    ruleSet.match(recordEvent(event)).length > 0 ? [index] : [],
  );
  const [found, wanted] = [JSON.stringify(matched), JSON.stringify(expected)];
  return found === wanted ? undefined : `matched ${found}, expected ${wanted}`;
}

interface Expectation {
  readonly group: JsonObject;
  readonly at: number;
}

/** The first completion of each group counts, as the pack has it. */
function runCorrelationCase(
  rules: string,
  events: readonly JsonObject[],
  given: JsonObject,
): string | undefined {
  const { ruleSet, refused } = compileRules([{ file: 'rules', text: rules }], {
    logsources: CONFORMANCE_LOGSOURCES,
  });
  if (refused.length > 0) return describeRefusals(refused);
  const correlator = createCorrelator(ruleSet);
  const field =
    typeof given['timestamp_field'] === 'string' ? given['timestamp_field'] : 'timestamp';
  const found = new Map<string, string>();
  events.forEach((record, at) => {
    const event = recordEvent(record);
    const time = toTime(event.get(field));
    const matches = ruleSet.matchAll(event);
    for (const { group } of correlator.observe({ event, matches, time, id: String(at) })) {
      const key = sorted(group);
      if (!found.has(key)) found.set(key, `${key}@${String(at)}`);
    }
  });
  const expected = (given['expect'] as readonly Expectation[]).map(
    ({ group, at }) => `${sorted(group)}@${String(at)}`,
  );
  const [got, wanted] = [[...found.values()].sort().join(' '), expected.sort().join(' ')];
  return got === wanted
    ? undefined
    : `completed ${got || 'nothing'}, expected ${wanted || 'nothing'}`;
}

function sorted(group: JsonObject): string {
  const entries = Object.entries(group).map(([name, value]) => [name, String(value)] as const);
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

function runRegressionCase(
  source: { readonly file: string; readonly text: string },
  given: JsonObject,
  events: readonly JsonObject[],
  logsources: LogsourceMap,
): string | undefined {
  const { ruleSet, refused } = compileRules([source], { logsources });
  const matched = events.filter((event) =>
    ruleSet.match(toSigmaEvent(event)).some(({ rule }) => rule.id === given['rule_id']),
  ).length;
  const wanted = Number(given['min_matches']);
  if (matched >= wanted) return undefined;
  return refused.length > 0
    ? describeRefusals(refused)
    : `matched ${String(matched)} of ${String(events.length)} events, expected ${String(wanted)}`;
}

function describeRefusals(refused: readonly RefusedRule[]): string {
  return `refused: ${refused.map(({ reason }) => reason).join('; ')}`;
}
