import {
  createCorrelator,
  type CorrelationMatch,
  type Correlator,
  type RuleSet,
  type SigmaEvent,
} from '../index.ts';
import { datasetName, readNdjson } from './ndjson.ts';
import { say } from './output.ts';
import { isObject, toSigmaEvent } from './record-layout.ts';
import type { RuleTimes } from './rule-times.ts';
import { recordTime } from './record-time.ts';

export interface Tally {
  readonly events: number;
  readonly matches: number;
  /** Lines that are not JSON objects. */
  readonly bad: number;
}

/** A match as it is printed: where the event stands, and which rule. A correlation's also says for which group. */
export interface MatchRow {
  readonly dataset: string;
  readonly line: number;
  readonly rule_id: string;
  readonly group?: Readonly<Record<string, string>>;
}

/** Takes the matches of one event. The file is not read on before a promise is fulfilled. */
export type TakeRows = (rows: readonly MatchRow[]) => Promise<void> | undefined;

/** Captures are seldom sorted; this much disorder in a file costs memory and loses nothing. */
const LATENESS_MS = 3_600_000;

/**
 * Hands on every match in the file. Each file is a stream of its own for correlations: what is in two files is not
 * correlated, and the order of the files does not matter.
 */
export async function matchFile(
  file: string,
  ruleSet: RuleSet,
  take: TakeRows,
  times?: RuleTimes,
): Promise<Tally> {
  const matcher = new FileMatcher(file, ruleSet, times);
  for await (const { line, text } of readNdjson(file)) {
    const rows = matcher.match(line, text);
    if (rows.length > 0) await take(rows);
  }
  matcher.finish();
  return matcher;
}

export function addTally(a: Tally, b: Tally): Tally {
  return { events: a.events + b.events, matches: a.matches + b.matches, bad: a.bad + b.bad };
}

export const NO_EVENTS: Tally = { events: 0, matches: 0, bad: 0 };

class FileMatcher implements Tally {
  events = 0;
  matches = 0;
  bad = 0;
  readonly #file: string;
  readonly #dataset: string;
  readonly #ruleSet: RuleSet;
  readonly #times: RuleTimes | undefined;
  readonly #correlator: Correlator | undefined;

  constructor(file: string, ruleSet: RuleSet, times: RuleTimes | undefined) {
    this.#file = file;
    this.#dataset = datasetName(file);
    this.#ruleSet = ruleSet;
    this.#times = times;
    if (ruleSet.correlations.length > 0)
      this.#correlator = createCorrelator(ruleSet, { latenessMs: LATENESS_MS });
  }

  match(line: number, text: string): readonly MatchRow[] {
    const record = parseRecord(text);
    if (record === undefined) {
      this.bad += 1;
      say(`${this.#file}:${String(line)}: not a JSON object`);
      return [];
    }
    this.events += 1;
    const event = toSigmaEvent(record);
    this.#times?.sample(this.#ruleSet, event);
    const matches = this.#ruleSet.matchAll(event);
    if (matches.length === 0) return [];
    const place = { dataset: this.#dataset, line };
    const rows: MatchRow[] = [];
    for (const { rule } of matches) {
      if (this.#ruleSet.isAlert(rule)) rows.push({ ...place, rule_id: rule.id });
    }
    for (const { correlation, group } of this.#correlate(event, matches, record, line))
      rows.push({ ...place, rule_id: correlation.id, group });
    this.matches += rows.length;
    return rows;
  }

  /** Says what correlations did not see. */
  finish(): void {
    if (this.#correlator === undefined) return;
    for (const [what, number] of Object.entries(this.#correlator.counts))
      if (number > 0) say(`${this.#file}: correlations: ${String(number)} ${what}`);
  }

  #correlate(
    event: SigmaEvent,
    matches: ReturnType<RuleSet['matchAll']>,
    record: Readonly<Record<string, unknown>>,
    line: number,
  ): readonly CorrelationMatch[] {
    if (this.#correlator === undefined) return [];
    const time = recordTime(record);
    return this.#correlator.observe({ event, matches, time, id: String(line) });
  }
}

function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
