import type { SigmaCorrelation } from './correlating/correlation.ts';
import { linkCorrelations, type LinkedRules } from './correlating/correlation-links.ts';
import { compileDetection } from './compiling/detection.ts';
import { FieldTable } from './compiling/field-table.ts';
import { EventView, type SigmaEvent } from './matching/event-view.ts';
import { selectorsFor, type LogsourceMap } from './reading/logsource.ts';
import { defaultLogsourceMap } from './reading/logsource-table.ts';
import { compileFilters, filtered } from './reading/rule-filters.ts';
import type { Placeholders } from './reading/placeholder.ts';
import type { FieldMatch } from './compiling/predicate.ts';
import type { CompiledRule } from './matching/bucket.ts';
import { buildBuckets, type RuleBuckets } from './matching/rule-buckets.ts';
import { placeOf, refusing, type RefusedRule } from './reading/refused-rule.ts';
import { readRuleFiles, type RuleSource } from './reading/rule-document.ts';
import { RuleRefusal } from './reading/rule-refusal.ts';
import type { SigmaRule } from './reading/rule.ts';

/** A rule that an event matched, and the fields that show why. `fields` is empty when only absences made it match. */
export interface Match {
  readonly rule: SigmaRule;
  readonly fields: readonly FieldMatch[];
}

/** Compiled rules. Immutable: to change the rules, compile another set and use that from the next event on. */
export interface RuleSet {
  readonly rules: readonly SigmaRule[];
  /** Correlations of these rules, after those that they refer to. `createCorrelator` runs them. */
  readonly correlations: readonly SigmaCorrelation[];
  /** How many values so far were longer than 65,536 characters (or 1,024 elements) and were compared by their beginning. */
  readonly cutValueCount: number;
  /** The rules that match the event and alert by themselves. An event's accessor must not call `match` itself. */
  match(event: SigmaEvent): readonly Match[];
  /** All the rules that match the event, also those that only feed correlations. */
  matchAll(event: SigmaEvent): readonly Match[];
  /** False for a rule that only feeds correlations. */
  isAlert(rule: SigmaRule): boolean;
  /**
   * What each rule that `match` looks at costs for this event, in the clock's units. A field that several rules read is paid
   * by the first. Slower than `match`: for samples.
   */
  profile(event: SigmaEvent, clock: () => number): readonly RuleCost[];
}

export interface RuleCost {
  readonly rule: SigmaRule;
  readonly cost: number;
}

export interface CompileOptions {
  /** Default: `defaultLogsourceMap`. */
  readonly logsources?: LogsourceMap;
  /** What `%name%` stands for in values with the modifier `expand`; a rule with another placeholder is refused. */
  readonly placeholders?: Placeholders;
}

/** A compiled pack, and what of it is not run. */
export interface Compiled {
  readonly ruleSet: RuleSet;
  readonly refused: readonly RefusedRule[];
}

/**
 * Compiles rule files. Never throws on a rule's account: what cannot be run exactly as written is in `refused`, with the
 * reason and its line, and the other rules of the pack run.
 */
export function compileRules(
  sources: readonly RuleSource[],
  options: CompileOptions = {},
): Compiled {
  const steps = compileRulesInSteps(sources, options);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/**
 * As {@link compileRules}, for a thread that has other work: between two steps it may do what it likes, such as match events
 * with another rule set. A step reads one file, compiles one rule or builds what finds the rules for one kind of event.
 */
export function* compileRulesInSteps(
  sources: readonly RuleSource[],
  options: CompileOptions = {},
): Generator<void, Compiled> {
  const logsources = options.logsources ?? defaultLogsourceMap;
  const read = yield* readRuleFiles(sources);
  const fields = new FieldTable();
  const refused = [...read.refused];
  const filters = compileFilters(read, fields, options.placeholders, refused);
  const runnable: Omit<CompiledRule, 'index'>[] = [];
  for (const { rule, detection } of read.rules) {
    yield;
    refusing(placeOf(rule), refused, () => {
      const selectors = selectorsFor(rule.logsource, logsources);
      if (selectors.length === 0)
        throw new RuleRefusal(`logsource ${nameOf(rule)} is not bound to any events`, rule.line);
      const { made: predicate, atoms } = fields.atoms.noting(() =>
        filtered(compileDetection(detection, fields, options.placeholders), rule, filters, fields),
      );
      runnable.push({ rule, selectors, predicate, atoms });
    });
  }
  const heads = runnable.map(({ rule }) => rule);
  const links = linkCorrelations(read.correlations, heads, read.mentions, refused);
  const compiled = runnable
    .filter(({ rule }) => !links.idle.has(rule))
    .map((rule, index): CompiledRule => ({ ...rule, index }));
  yield;
  const buckets = yield* buildBuckets(compiled, fields);
  const ruleSet = new CompiledRuleSet(compiled, fields, buckets, links);
  return { ruleSet, refused: [...refused, ...links.refused] };
}

class CompiledRuleSet implements RuleSet {
  readonly rules: readonly SigmaRule[];
  readonly correlations: readonly SigmaCorrelation[];
  readonly #feedOnly: ReadonlySet<SigmaRule>;
  readonly #buckets: RuleBuckets;
  readonly #view: EventView;
  /** By rule: the last event that it was looked at for. */
  readonly #lookedAt: Float64Array;
  #events = 0;

  constructor(
    compiled: readonly CompiledRule[],
    fields: FieldTable,
    buckets: RuleBuckets,
    links: LinkedRules,
  ) {
    this.rules = compiled.map(({ rule }) => rule);
    this.correlations = links.correlations;
    this.#feedOnly = links.feedOnly;
    this.#buckets = buckets;
    this.#view = new EventView(fields);
    this.#lookedAt = new Float64Array(compiled.length);
  }

  get cutValueCount(): number {
    return this.#view.cutValueCount;
  }

  isAlert(rule: SigmaRule): boolean {
    return !this.#feedOnly.has(rule);
  }

  match(event: SigmaEvent): readonly Match[] {
    const matches = this.matchAll(event);
    if (this.#feedOnly.size === 0 || matches.length === 0) return matches;
    return matches.filter(({ rule }) => this.isAlert(rule));
  }

  profile(event: SigmaEvent, clock: () => number): readonly RuleCost[] {
    const view = this.#view;
    view.load(event);
    const costs: RuleCost[] = [];
    for (const bucket of this.#buckets.bucketsOf(view)) {
      for (const { rule, predicate } of bucket.candidates(view)) {
        const startedAt = clock();
        predicate.test(view);
        costs.push({ rule, cost: clock() - startedAt });
      }
    }
    return costs;
  }

  matchAll(event: SigmaEvent): readonly Match[] {
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
