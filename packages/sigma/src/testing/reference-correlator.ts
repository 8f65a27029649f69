/** A correlator as slow and literal as the definition reads; it keeps every event and shares no code with the engine. */

export interface ReferenceEvent {
  readonly time: number;
  /** Names of the rules that it matches. */
  readonly rules: readonly string[];
  readonly group: string;
  readonly value: string | number;
}

export interface ReferenceCorrelation {
  readonly type: string;
  readonly rules: readonly string[];
  readonly spanMs: number;
  readonly latenessMs: number;
  readonly holds: (measured: number) => boolean;
}

interface Kept {
  readonly event: ReferenceEvent;
  readonly time: number;
  readonly rules: readonly string[];
  held: boolean;
}

export interface Report {
  readonly group: string;
  readonly endAt: number;
  readonly crossing: boolean;
}

export class ReferenceCorrelator {
  readonly #correlation: ReferenceCorrelation;
  readonly #groups = new Map<string, Kept[]>();
  late = 0;

  constructor(correlation: ReferenceCorrelation) {
    this.#correlation = correlation;
  }

  /** What the event does: null for nothing to say. */
  observe(event: ReferenceEvent): Report | null {
    const { rules, spanMs, latenessMs } = this.#correlation;
    const matched = event.rules.filter((rule) => rules.includes(rule));
    if (matched.length === 0) return null;
    const kept = this.#groups.get(event.group) ?? [];
    this.#groups.set(event.group, kept);
    if (kept.some(({ time }) => event.time < time - latenessMs)) {
      this.late += 1;
      return null;
    }
    const own: Kept = { event, time: event.time, rules: matched, held: false };
    const after = kept.findIndex(({ time }) => time > event.time);
    kept.splice(after === -1 ? kept.length : after, 0, own);
    const newly = new Set<Kept>();
    const before = new Set(kept.filter(({ held }) => held));
    kept.forEach((each, index) => {
      const window = kept.slice(0, index + 1).filter(({ time }) => time >= each.time - spanMs);
      each.held = this.#correlation.holds(this.#measure(window));
      if (each.held && !before.has(each)) newly.add(each);
    });
    const fresh = this.#runs(kept).find((run) => run.every((each) => newly.has(each)));
    const { group } = event;
    if (fresh?.[0]) return { group, endAt: fresh[0].time, crossing: true };
    return own.held ? { group, endAt: own.time, crossing: false } : null;
  }

  /** Consecutive events at which it holds, none further than a span from the next. */
  #runs(kept: readonly Kept[]): readonly (readonly Kept[])[] {
    const runs: Kept[][] = [];
    kept.forEach((each, index) => {
      if (!each.held) return;
      const previous = kept[index - 1];
      const goesOn =
        previous?.held === true && each.time - previous.time <= this.#correlation.spanMs;
      if (goesOn) runs.at(-1)?.push(each);
      else runs.push([each]);
    });
    return runs;
  }

  #measure(window: readonly Kept[]): number {
    const numbers = window.map(({ event }) => Number(event.value)).sort((a, b) => a - b);
    const total = numbers.reduce((sum, each) => sum + each, 0);
    switch (this.#correlation.type) {
      case 'value_count':
        return new Set(window.map(({ event }) => String(event.value))).size;
      case 'value_sum':
        return total;
      case 'value_avg':
        return total / numbers.length;
      case 'value_median': {
        const middle = (numbers.length - 1) / 2;
        return ((numbers[Math.floor(middle)] ?? 0) + (numbers[Math.ceil(middle)] ?? 0)) / 2;
      }
      case 'temporal':
        return new Set(window.flatMap(({ rules }) => rules)).size;
      case 'temporal_ordered':
        return this.#longest(window, 0, 0);
      default:
        return window.length;
    }
  }

  /** The most rules from a place on that events from an index on match in their order. */
  #longest(window: readonly Kept[], index: number, place: number): number {
    let best = 0;
    for (let at = index; at < window.length; at += 1)
      for (const rule of window[at]?.rules ?? []) {
        const found = this.#correlation.rules.indexOf(rule);
        if (found >= place) best = Math.max(best, 1 + this.#longest(window, at + 1, found + 1));
      }
    return best;
  }
}
