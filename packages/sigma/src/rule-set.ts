import { compileDetection } from './detection.ts';
import { EventView, FieldTable, type SigmaEvent } from './event-view.ts';
import { selectorsFor, type LogsourceMap } from './logsource.ts';
import { defaultLogsourceMap } from './logsource-table.ts';
import type { FieldMatch } from './predicate.ts';
import type { CompiledRule } from './bucket.ts';
import { RuleBuckets } from './rule-buckets.ts';
import { readRuleFiles, refusing, type RefusedRule, type RuleSource } from './rule-document.ts';
import { RuleRefusal } from './rule-refusal.ts';
import type { SigmaRule } from './rule.ts';

/** A rule that an event matched, and the fields that show why. `fields` is empty when only absences made it match. */
export interface Match {
  readonly rule: SigmaRule;
  readonly fields: readonly FieldMatch[];
}

/** Compiled rules. Immutable: to change the rules, compile another set and use that from the next event on. */
export interface RuleSet {
  readonly rules: readonly SigmaRule[];
  /** How many values so far were longer than 65,536 characters (or 1,024 elements) and were compared by their beginning. */
  readonly cutValueCount: number;
  /** The rules that match the event. An event's accessor must not call `match` itself. */
  match(event: SigmaEvent): readonly Match[];
}

export interface CompileOptions {
  /** Default: `defaultLogsourceMap`. */
  readonly logsources?: LogsourceMap;
}

/**
 * Compiles rule files. Never throws on a rule's account: what cannot be run exactly as written is in `refused`, with the
 * reason and its line, and the other rules of the pack run.
 */
export function compileRules(
  sources: readonly RuleSource[],
  options: CompileOptions = {},
): { readonly ruleSet: RuleSet; readonly refused: readonly RefusedRule[] } {
  const logsources = options.logsources ?? defaultLogsourceMap;
  const { rules, refused: unread } = readRuleFiles(sources);
  const fields = new FieldTable();
  const compiled: CompiledRule[] = [];
  const refused = [...unread];
  for (const { rule, detection } of rules) {
    refusing({ file: rule.file, line: rule.line, ruleId: rule.id }, refused, () => {
      const selectors = selectorsFor(rule.logsource, logsources);
      if (selectors.length === 0)
        throw new RuleRefusal(`logsource ${nameOf(rule)} is not bound to any events`, rule.line);
      const noted = fields.atoms.noting(() => compileDetection(detection, fields));
      const { made: predicate, atoms } = noted;
      compiled.push({ index: compiled.length, rule, selectors, predicate, atoms });
    });
  }
  return { ruleSet: new CompiledRuleSet(compiled, fields), refused };
}

class CompiledRuleSet implements RuleSet {
  readonly rules: readonly SigmaRule[];
  readonly #buckets: RuleBuckets;
  readonly #view: EventView;
  /** By rule: the last event that it was looked at for. */
  readonly #lookedAt: Float64Array;
  #events = 0;

  constructor(compiled: readonly CompiledRule[], fields: FieldTable) {
    this.rules = compiled.map(({ rule }) => rule);
    this.#buckets = new RuleBuckets(compiled, fields);
    this.#view = new EventView(fields);
    this.#lookedAt = new Float64Array(compiled.length);
  }

  get cutValueCount(): number {
    return this.#view.cutValueCount;
  }

  match(event: SigmaEvent): readonly Match[] {
    const view = this.#view;
    view.load(event);
    this.#events += 1;
    const matches: (Match & { readonly index: number })[] = [];
    for (const bucket of this.#buckets.bucketsOf(view)) {
      for (const { index, rule, predicate } of bucket.candidates(view)) {
        if (this.#lookedAt[index] === this.#events) continue;
        this.#lookedAt[index] = this.#events;
        if (!predicate.test(view)) continue;
        const found: FieldMatch[] = [];
        predicate.explain(view, found);
        matches.push({ index, rule, fields: found });
      }
    }
    return matches.length < 2 ? matches : matches.sort((a, b) => a.index - b.index);
  }
}

function nameOf(rule: SigmaRule): string {
  const { product, category, service } = rule.logsource;
  return `product=${product ?? '*'} category=${category ?? '*'} service=${service ?? '*'}`;
}
