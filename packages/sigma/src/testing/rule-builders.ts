import { compileRules, type CompileOptions, type RefusedRule, type RuleSet } from '../index.ts';
import { recordEvent } from '../matching/record-event.ts';
import type { LogsourceMap } from '../reading/logsource.ts';

type JsonObject = Readonly<Record<string, unknown>>;

/** Binds the category `test` to every event. */
export const EVERY_EVENT: LogsourceMap = [{ category: 'test', events: {} }];

/** A rule as text, made of a detection section; JSON is YAML too. */
export function aRule(detection: JsonObject, head: JsonObject = {}): string {
  return JSON.stringify({ title: 'A rule', logsource: { category: 'test' }, ...head, detection });
}

/** Which of the events a rule of this one selection matches. */
export function matchesOf(selection: unknown, events: readonly JsonObject[]): readonly boolean[] {
  return matchesOfRule(aRule({ selection, condition: 'selection' }), events);
}

/** Which of the events the rule matches. @throws when the rule is refused */
export function matchesOfRule(text: string, events: readonly JsonObject[]): readonly boolean[] {
  const { ruleSet, refused } = compileRules([{ file: 'rule.yml', text }], {
    logsources: EVERY_EVENT,
  });
  if (refused.length > 0) throw new Error(`refused: ${JSON.stringify(refused)}`);
  return events.map((event) => ruleSet.match(recordEvent(event)).length > 0);
}

/** Why the rule is refused. @throws when it is not refused exactly once */
export function refusalOf(text: string): RefusedRule {
  const { refused } = compileRules([{ file: 'rule.yml', text }], { logsources: EVERY_EVENT });
  const [refusal] = refused;
  if (refusal === undefined || refused.length !== 1)
    throw new Error(`refused: ${JSON.stringify(refused)}`);
  return refusal;
}

/** The rules of one text, compiled. @throws when one is refused */
export function compiled(text: string, options: CompileOptions = {}): RuleSet {
  const { ruleSet, refused } = compileRules([{ file: 'rules.yml', text }], {
    logsources: EVERY_EVENT,
    ...options,
  });
  if (refused.length > 0) throw new Error(`refused: ${JSON.stringify(refused)}`);
  return ruleSet;
}
