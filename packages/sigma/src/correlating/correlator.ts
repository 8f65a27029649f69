import type { SigmaCorrelation } from './correlation.ts';
import type { CorrelationMatch } from './correlation-match.ts';
import { readState, STATE_VERSION, type CorrelatorState } from './correlator-state.ts';
import type { SigmaEvent } from '../matching/event-view.ts';
import type { Match, RuleSet } from '../rule-set.ts';
import { RunningCorrelation, type RunOptions } from './running-correlation.ts';

export interface CorrelatorOptions {
  /** An event this much older than the newest of its group is still put where it belongs. Default: five minutes. */
  readonly latenessMs?: number;
  /** Per correlation; beyond it the group that was updated longest ago goes. Default: 100,000. */
  readonly maxGroups?: number;
  /** Per group; beyond it the oldest events go. A count that needs more gets more. Default: 1,000. */
  readonly maxEventsPerGroup?: number;
  /** Per correlation, over all its groups. Default: 2,000,000. */
  readonly maxEvents?: number;
  /** What `save` gave. State of a correlation that is not there or says something else now is left out and counted. */
  readonly state?: CorrelatorState;
}

/** One event with what it matched. */
export interface Observation {
  readonly event: SigmaEvent;
  /** What `RuleSet.matchAll` gave: with `match` alone, rules that only feed correlations would be missing. */
  readonly matches: readonly Match[];
  /** When it happened, in milliseconds since 1970. */
  readonly time: number;
  readonly id: string;
}

/** What was not, or not wholly, looked at. All but `ignoredStates` are saved. */
export interface CorrelatorCounts {
  /** Events older than the lateness allows. */
  readonly late: number;
  /** Groups that went because there were too many. */
  readonly evicted: number;
  /** Events that went because their group had too many. */
  readonly cut: number;
  /** Events without a time. */
  readonly undated: number;
  /** Saved states of correlations that are not there or say something else now. */
  readonly ignoredStates: number;
}

export interface Correlator {
  readonly counts: CorrelatorCounts;
  /** Groups kept now, over all correlations. */
  readonly groupCount: number;
  /** Takes the next event and gives the correlations that it completes and that alert. */
  observe(observation: Observation): readonly CorrelationMatch[];
  /** Everything that is kept, as plain JSON. */
  save(): CorrelatorState;
}

const NONE: readonly CorrelationMatch[] = [];

/** Runs the correlations of a rule set over a stream of events. Not safe to share between streams. */
export function createCorrelator(ruleSet: RuleSet, options: CorrelatorOptions = {}): Correlator {
  return new EventCorrelator(ruleSet.correlations, options);
}

/** Where the match of a rule goes: a correlation by its number, and the rule's place in it. */
interface Feed {
  readonly to: number;
  readonly place: number;
}

class EventCorrelator implements Correlator {
  readonly #running: readonly RunningCorrelation[];
  /** By the id of a rule or correlation. Correlations come after those that feed them. */
  readonly #feeds = new Map<string, Feed[]>();
  #undated = 0;
  #ignoredStates = 0;

  constructor(correlations: readonly SigmaCorrelation[], options: CorrelatorOptions) {
    const run: RunOptions = {
      latenessMs: Math.max(0, options.latenessMs ?? 300_000),
      maxGroups: Math.max(1, options.maxGroups ?? 100_000),
      maxEventsPerGroup: Math.max(2, options.maxEventsPerGroup ?? 1_000),
      maxEvents: Math.max(1, options.maxEvents ?? 2_000_000),
    };
    correlations.forEach(({ rules }, to) => {
      rules.forEach(({ id }, place) => {
        const known = this.#feeds.get(id);
        if (known) known.push({ to, place });
        else this.#feeds.set(id, [{ to, place }]);
      });
    });
    this.#running = correlations.map((correlation) => {
      return new RunningCorrelation(correlation, run, this.#feeds.has(correlation.id));
    });
    if (options.state !== undefined) this.#restore(options.state);
  }

  get counts(): CorrelatorCounts {
    const sum = (key: 'late' | 'evicted' | 'cut'): number =>
      this.#running.reduce((total, running) => total + running[key], 0);
    return {
      ...{ late: sum('late'), evicted: sum('evicted'), cut: sum('cut') },
      ...{ undated: this.#undated, ignoredStates: this.#ignoredStates },
    };
  }

  get groupCount(): number {
    return this.#running.reduce((total, running) => total + running.groupCount, 0);
  }

  observe({ event, matches, time, id }: Observation): readonly CorrelationMatch[] {
    let first = this.#running.length;
    for (const { rule } of matches) {
      const feeds = this.#feeds.get(rule.id);
      if (feeds === undefined) continue;
      for (const { to, place } of feeds) {
        this.#running[to]?.expect(place);
        if (to < first) first = to;
      }
    }
    if (first === this.#running.length) return NONE;
    if (!Number.isFinite(time)) {
      this.#undated += 1;
      for (const running of this.#running) running.forget();
      return NONE;
    }
    let found = NONE;
    for (let index = first; index < this.#running.length; index += 1) {
      const running = this.#running[index];
      if (running?.isExpecting !== true) continue;
      for (const completion of running.take(event, time, id)) {
        for (const { to, place } of this.#feeds.get(running.correlation.id) ?? [])
          this.#running[to]?.expectInner(place, completion);
        if (completion.match !== null) found = [...found, completion.match];
      }
    }
    return found;
  }

  save(): CorrelatorState {
    const correlations = this.#running.map((running) => running.save());
    return { version: STATE_VERSION, undated: this.#undated, correlations };
  }

  #restore(state: CorrelatorState): void {
    const { undated, correlations } = readState(state);
    this.#undated = undated;
    const byId = new Map(this.#running.map((running) => [running.correlation.id, running]));
    for (const saved of correlations)
      if (byId.get(saved.id)?.restore(saved) !== true) this.#ignoredStates += 1;
  }
}
