import { isCorrelation, isTemporal, type SigmaCorrelation } from './correlation.ts';
import { toCorrelationMatch, type CorrelationMatch } from './correlation-match.ts';
import { digestOf, saveGroup, type CorrelationState } from './correlator-state.ts';
import type { SigmaEvent } from '../matching/event-view.ts';
import type { Group, GroupEvent } from './group.ts';
import { readTexts, toKey, valueNumber, valueText, type FieldSource } from './group-key.ts';
import { GroupTable } from './group-table.ts';
import { GroupWindow } from './group-window.ts';
import type { Measured } from './window-tally.ts';
import { measureOf, toMark, type Measure } from './measure.ts';

export interface RunOptions {
  readonly latenessMs: number;
  readonly maxGroups: number;
  readonly maxEventsPerGroup: number;
  readonly maxEvents: number;
}

/** A correlation holds for a group. It is fed to the correlations that refer to it, like the match of a rule. */
export interface Completion {
  readonly correlation: SigmaCorrelation;
  readonly values: readonly string[];
  readonly time: number;
  /** Whether it is a crossing, rather than one more event while it holds. */
  readonly isCrossing: boolean;
  /** What to alert with; null when it alerts not, or not again. */
  readonly match: CorrelationMatch | null;
}

/** Matches that share a group. */
interface Share {
  readonly key: string;
  readonly values: readonly string[];
  readonly time: number;
  readonly source: FieldSource;
  readonly places: number[];
}

const NONE: readonly Completion[] = [];
const NO_VALUES: readonly string[] = [];

/** The state of one correlation and what becomes of each event that its rules match. */
export class RunningCorrelation {
  readonly correlation: SigmaCorrelation;
  readonly #feedsOthers: boolean;
  readonly #measure: Measure;
  readonly #table: GroupTable;
  readonly #window: GroupWindow;
  /** Whether all its rules read the same fields, from the event itself. */
  readonly #isUniform: boolean;
  readonly #fields: readonly string[];
  readonly #expected: number[] = [];
  readonly #inner: { readonly place: number; readonly completion: Completion }[] = [];
  readonly #incoming: GroupEvent = { time: 0, id: '', mark: 0, measured: undefined };
  late = 0;

  constructor(correlation: SigmaCorrelation, options: RunOptions, feedsOthers: boolean) {
    this.correlation = correlation;
    this.#feedsOthers = feedsOthers;
    const { timespanMs, groupFields, rules, condition } = correlation;
    this.#measure = measureOf(correlation);
    const maxEvents = Math.max(options.maxEventsPerGroup, this.#measure.needs);
    const { latenessMs } = options;
    this.#window = new GroupWindow(this.#measure, { spanMs: timespanMs, latenessMs, maxEvents });
    this.#table = new GroupTable({
      ...{ maxGroups: options.maxGroups, maxEvents: options.maxEvents },
      keepMs: timespanMs + latenessMs,
      makeTally: this.#measure.makeTally,
    });
    const [first = []] = groupFields;
    this.#isUniform =
      !rules.some(isCorrelation) && groupFields.every((own) => own.join('\0') === first.join('\0'));
    this.#fields = condition.kind === 'COMPARISON' ? condition.fields : [];
  }

  get groupCount(): number {
    return this.#table.size;
  }

  get evicted(): number {
    return this.#table.evicted;
  }

  get cut(): number {
    return this.#window.cut;
  }

  get isExpecting(): boolean {
    return this.#expected.length > 0 || this.#inner.length > 0;
  }

  /** The event that comes next matches the rule at this place. */
  expect(place: number): void {
    this.#expected.push(place);
  }

  /** The event that comes next completes the correlation at this place. Counts take each crossing once. */
  expectInner(place: number, completion: Completion): void {
    if (completion.isCrossing || isTemporal(this.correlation.type))
      this.#inner.push({ place, completion });
  }

  forget(): void {
    this.#expected.length = 0;
    this.#inner.length = 0;
  }

  take(event: SigmaEvent, time: number, id: string): readonly Completion[] {
    let completions = NONE;
    if (this.#isUniform) {
      const completion = this.#takeUniform(event, time, id);
      if (completion) completions = [completion];
    } else {
      for (const { key, values, places, source, time: at } of this.#shares(event, time)) {
        const completion = this.#add(key, values, places, source, at, id);
        if (completion) completions = [...completions, completion];
      }
    }
    this.forget();
    return completions;
  }

  save(): CorrelationState {
    return {
      ...{ id: this.correlation.id, digest: digestOf(this.correlation) },
      ...{ late: this.late, evicted: this.evicted, cut: this.cut },
      groups: [...this.#table].map(saveGroup),
    };
  }

  /** Takes over what was saved; false, and nothing is taken, when that is of another definition. */
  restore(saved: CorrelationState): boolean {
    if (saved.digest !== digestOf(this.correlation)) return false;
    this.late = saved.late;
    for (const { values, times, ids, marks, measured } of saved.groups) {
      const group = this.#table.touch(toKey(values), values, times.at(-1) ?? 0);
      times.forEach((time, index) => {
        const [id = '', mark = 0] = [ids[index], marks[index]];
        this.#window.refill(group, { time, id, mark: mark >> 1, measured: measured[index] });
        group.setHeld(group.times.length - 1, (mark & 1) === 1);
      });
      this.#table.account(group, 0);
    }
    this.#window.cut = saved.cut;
    this.#table.evicted = saved.evicted;
    return true;
  }

  /** The common case, in which nothing but what is kept should be allocated. */
  #takeUniform(event: SigmaEvent, time: number, id: string): Completion | null {
    const [fields = NO_VALUES] = this.correlation.groupFields;
    if (fields.length === 1) {
      const key = valueText(event.get(fields[0] ?? ''));
      return key === undefined ? null : this.#add(key, null, this.#expected, event, time, id);
    }
    const values = readTexts(fields, event);
    return values && this.#add(toKey(values), values, this.#expected, event, time, id);
  }

  /** Adds what some of the rules matched to the group of a key; `values` is null when it is the key itself. */
  #add(
    key: string,
    values: readonly string[] | null,
    places: readonly number[],
    source: FieldSource,
    time: number,
    id: string,
  ): Completion | null {
    const incoming = this.#incoming;
    incoming.measured = this.#measured(source);
    if (incoming.measured === undefined && this.#measure.keeps !== 'NOTHING') return null;
    incoming.time = time;
    incoming.id = id;
    incoming.mark = toMark(this.correlation, places);
    const group = this.#table.touch(key, values, time);
    const sizeBefore = group.size;
    const verdict = this.#window.take(group, incoming);
    if (verdict === 'LATE') {
      this.late += 1;
      return null;
    }
    const fired = verdict === 'FIRED';
    const isWanted = fired || (verdict === 'HOLDS' && this.#feedsOthers);
    const completion = isWanted ? this.#complete(group, fired) : null;
    this.#table.account(group, sizeBefore);
    return completion;
  }

  #complete(group: Group, isCrossing: boolean): Completion {
    const { correlation } = this;
    const { end } = this.#window;
    let match: CorrelationMatch | null = null;
    if (isCrossing && correlation.isAlert) {
      const start = this.#window.startOf(group, end);
      const value = this.#measure.shown(this.#measure.of(group, start, end));
      match = toCorrelationMatch(correlation, group, start, end, value);
    }
    return { correlation, values: group.values, time: group.timeAt(end), isCrossing, match };
  }

  #measured(source: FieldSource): Measured | undefined {
    if (this.#measure.keeps === 'NOTHING') return undefined;
    const [field = ''] = this.#fields;
    if (this.#measure.keeps === 'NUMBER') return valueNumber(source.get(field));
    if (this.#fields.length === 1) return valueText(source.get(field));
    const texts = readTexts(this.#fields, source);
    return texts === null ? undefined : toKey(texts);
  }

  /** The group of what the rule at a place matched; null when a field is missing. */
  #shareOf(place: number, source: FieldSource, time: number): Share | null {
    const fields = this.correlation.groupFields[place] ?? [];
    const values = fields.length === 0 ? NO_VALUES : readTexts(fields, source);
    return values && { key: toKey(values), values, time, source, places: [place] };
  }

  /** Rules may read different fields, so that one event may belong to several groups. */
  #shares(event: SigmaEvent, time: number): readonly Share[] {
    const shares: Share[] = [];
    const add = (share: Share | null): void => {
      if (share === null) return;
      const same = shares.find(({ key, time: at }) => key === share.key && at === share.time);
      if (same) same.places.push(...share.places);
      else shares.push(share);
    };
    for (const place of this.#expected) add(this.#shareOf(place, event, time));
    for (const { place, completion } of this.#inner)
      add(this.#shareOf(place, sourceOf(completion, event), completion.time));
    return shares;
  }
}

/** The names that an inner correlation groups by, aliases too, mean its group; other fields are the completing event's. */
function sourceOf({ correlation, values }: Completion, event: SigmaEvent): FieldSource {
  return {
    get: (field) => {
      const index = correlation.groupBy.indexOf(field);
      return index === -1 ? event.get(field) : values[index];
    },
  };
}
