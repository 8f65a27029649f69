import {
  createCorrelator,
  type CorrelationMatch,
  type Correlator,
  type RuleSet,
  type SigmaEvent,
} from '@vedette/sigma';
import { datasetName, readNdjson } from './ndjson.ts';
import { print, say } from './sigma-output.ts';
import { isObject, toSigmaEvent } from './sigma-record.ts';
import type { RuleTimes } from './sigma-stats.ts';
import { recordTime } from './sigma-time.ts';

export interface Tally {
  readonly events: number;
  readonly matches: number;
  /** Lines that are not JSON objects. */
  readonly bad: number;
}

/** Captures are seldom sorted; this much disorder in a file costs memory and loses nothing. */
const LATENESS_MS = 3_600_000;

/**
 * Prints a line of JSON for every match in the file. Each file is a stream of its own for correlations: what is in two files
 * is not correlated, and the order of the files does not matter.
 */
export async function matchFile(
  file: string,
  ruleSet: RuleSet,
  times: RuleTimes | undefined,
): Promise<Tally> {
  const matcher = new FileMatcher(file, ruleSet, times);
  for await (const { line, text } of readNdjson(file)) {
    const rows = matcher.take(line, text);
    if (rows !== '') await print(rows);
  }
  matcher.finish();
  return matcher;
}

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

  /** What the line gives, as lines. */
  take(line: number, text: string): string {
    const record = parseRecord(text);
    if (record === undefined) {
      this.bad += 1;
      say(`${this.#file}:${String(line)}: not a JSON object`);
      return '';
    }
    this.events += 1;
    const event = toSigmaEvent(record);
    this.#times?.sample(this.#ruleSet, event);
    let rows = '';
    const matches = this.#ruleSet.matchAll(event);
    for (const { rule } of matches) {
      if (this.#ruleSet.isAlert(rule)) rows += this.#row(line, rule.id);
    }
    for (const { correlation, group } of this.#correlate(event, matches, record, line))
      rows += this.#row(line, correlation.id, group);
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
    if (this.#correlator === undefined || matches.length === 0) return [];
    const time = recordTime(record);
    return this.#correlator.observe({ event, matches, time, id: String(line) });
  }

  #row(line: number, ruleId: string, group?: Readonly<Record<string, string>>): string {
    this.matches += 1;
    const row = { dataset: this.#dataset, line, rule_id: ruleId };
    return `${JSON.stringify(group === undefined ? row : { ...row, group })}\n`;
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
