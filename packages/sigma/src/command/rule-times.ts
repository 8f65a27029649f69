import type { RefusedRule, RuleSet, SigmaEvent, SigmaRule } from '../index.ts';
import { say } from './output.ts';

/** One event in so many is looked at twice, the second time with a clock for each rule. */
const SAMPLE_EVERY = 200;
const SHOWN_RULES = 10;
/** A look that took longer was interrupted: no single rule takes this long. */
const INTERRUPTED_MS = 1;

/** What rules cost, measured on a sample of the events. */
export class RuleTimes {
  readonly #byRule = new Map<SigmaRule, { ms: number; looks: number }>();
  #events = 0;
  #sampled = 0;

  sample(ruleSet: RuleSet, event: SigmaEvent): void {
    this.#events += 1;
    if (this.#events % SAMPLE_EVERY !== 0) return;
    this.#sampled += 1;
    for (const { rule, cost } of ruleSet.profile(event, () => performance.now())) {
      if (cost > INTERRUPTED_MS) continue;
      const known = this.#byRule.get(rule);
      if (known === undefined) this.#byRule.set(rule, { ms: cost, looks: 1 });
      else {
        known.ms += cost;
        known.looks += 1;
      }
    }
  }

  /** The rules that took most, with their share of what all rules took. */
  report(): void {
    say(`slowest rules, from ${String(this.#sampled)} sampled events:`);
    const all = [...this.#byRule].sort(([, a], [, b]) => b.ms - a.ms);
    const total = all.reduce((sum, [, { ms }]) => sum + ms, 0);
    for (const [{ id, title }, { ms, looks }] of all.slice(0, SHOWN_RULES)) {
      const share = ((100 * ms) / total).toFixed(1).padStart(5);
      const each = ((1_000 * ms) / looks).toFixed(2);
      say(`  ${share} %  ${each} µs × ${String(looks)}  ${title} [${id}]`);
    }
  }
}

/** Says why rules were refused, the commonest reason first; what stands in quotes and after `=` is left out to count alike. */
export function reportRefusals(refused: readonly RefusedRule[]): void {
  const reasons = new Map<string, number>();
  for (const { reason } of refused) {
    const kind = reason
      .replace(/'[^']*'/g, "'…'")
      .replace(/=\S+/g, '=…')
      .replace(/%\S+%/g, '%…%');
    reasons.set(kind, (reasons.get(kind) ?? 0) + 1);
  }
  for (const [reason, number] of [...reasons].sort(([, a], [, b]) => b - a))
    say(`  ${String(number).padStart(5)}  ${reason}`);
}

/** Events per second of processor time (all threads: gunzip runs beside) and of the clock. */
export function reportSpeed(events: number, seconds: number, cpu: NodeJS.CpuUsage): void {
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  say(
    `${String(Math.round(events / seconds))} events/s, ` +
      `${String(Math.round(events / cpuSeconds))} per second of processor time`,
  );
}
