import type { Measured, WindowTally } from './window-tally.ts';

const MIN_CUT = 8;
/** What a group has before its first event; never written to. */
const NO_NUMBERS: number[] = [];
const NO_TEXTS: string[] = [];
const NOTHING_MEASURED: Measured[] = [];

/**
 * The events of one group, oldest first, in flat lists that grow at the end and are cut at the beginning.
 * Those before `head` are gone; those from `live` on share a window with the newest.
 */
export class Group {
  readonly key: string;
  /** The values that the events have in common, in the order of `group-by`. */
  readonly values: readonly string[];
  /** When, in milliseconds since 1970. */
  times: number[] = NO_NUMBERS;
  ids: string[] = NO_TEXTS;
  /** Which rules an event matched, and in the lowest bit whether the correlation held at it. */
  marks: number[] = NO_NUMBERS;
  /** Empty unless the correlation measures a field. */
  measured: Measured[] = NOTHING_MEASURED;
  /** Follows what is measured in the window of the newest event; null where that is read afresh. */
  readonly tally: WindowTally | null;
  head = 0;
  live = 0;
  /** Neighbours in the order of their last update. */
  older: Group | null = null;
  newer: Group | null = null;

  constructor(key: string, values: readonly string[], tally: WindowTally | null) {
    this.key = key;
    this.values = values;
    this.tally = tally;
  }

  get size(): number {
    return this.times.length - this.head;
  }

  /** The time of the newest event. Asked of a group that has one. */
  get newestAt(): number {
    return this.times[this.times.length - 1] ?? Number.NEGATIVE_INFINITY;
  }

  timeAt(index: number): number {
    return this.times[index] ?? Number.NaN;
  }

  heldAt(index: number): boolean {
    return ((this.marks[index] ?? 0) & 1) === 1;
  }

  setHeld(index: number, held: boolean): void {
    const mark = this.marks[index] ?? 0;
    this.marks[index] = held ? mark | 1 : mark & ~1;
  }

  insert(index: number, event: GroupEvent): void {
    const { time, id, mark, measured } = event;
    if (this.times.length === 0) {
      // Lists that are made with their first element take no more room than that; most groups never see a second event.
      this.times = [time];
      this.ids = [id];
      this.marks = [mark << 1];
      if (measured !== undefined) this.measured = [measured];
      return;
    }
    if (index === this.times.length) {
      this.times.push(time);
      this.ids.push(id);
      this.marks.push(mark << 1);
      if (measured !== undefined) this.measured.push(measured);
      return;
    }
    this.times.splice(index, 0, time);
    this.ids.splice(index, 0, id);
    this.marks.splice(index, 0, mark << 1);
    if (measured !== undefined) this.measured.splice(index, 0, measured);
  }

  /** Moves the beginning of the window up. */
  advanceLive(to: number): void {
    if (this.tally !== null)
      for (let index = this.live; index < to; index += 1)
        this.tally.remove(this.measured[index] ?? '');
    this.live = to;
  }

  /** Lets go of the events before an index, and of their memory when they are most of the lists. */
  drop(before: number): void {
    if (this.live < before) this.advanceLive(before);
    this.head = before;
    if (before < MIN_CUT || before < this.times.length / 2) return;
    this.times.splice(0, before);
    this.ids.splice(0, before);
    this.marks.splice(0, before);
    if (this.measured.length > 0) this.measured.splice(0, before);
    this.live -= before;
    this.head = 0;
  }
}

/** An event on its way into a group. */
export interface GroupEvent {
  time: number;
  id: string;
  /** The rules it matched: bits of their places for temporal correlations, else one place. */
  mark: number;
  measured: Measured | undefined;
}
