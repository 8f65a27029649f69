import type { Group, GroupEvent } from './group.ts';
import type { Measure } from './measure.ts';

/** What an event did to its group. `FIRED` is a crossing: the correlation holds at it and did not hold just before. */
export type Verdict = 'LATE' | 'NOTHING' | 'HOLDS' | 'FIRED';

export interface WindowOptions {
  readonly spanMs: number;
  readonly latenessMs: number;
  /** The most events that a group keeps; the oldest go. */
  readonly maxEvents: number;
}

/**
 * Slides a window over the events of a group. The correlation is judged at every event over those that are at most a span
 * older. Consecutive events at which it holds, none further than a span from the next, are one run, and a run is reported
 * once. An event within the lateness is put where it belongs and the windows that it falls into are judged again.
 */
export class GroupWindow {
  readonly #measure: Measure;
  readonly #options: WindowOptions;
  /** Where the window ends that the last verdict speaks of. */
  end = 0;
  /** How many events groups let go of before their time. */
  cut = 0;
  /** By place in the windows judged last: whether the correlation holds at an event and did not before. */
  #newly: boolean[] = [];

  constructor(measure: Measure, options: WindowOptions) {
    this.#measure = measure;
    this.#options = options;
  }

  take(group: Group, event: GroupEvent): Verdict {
    const newestAt = group.newestAt;
    if (event.time >= newestAt) return this.#append(group, event);
    if (event.time < newestAt - this.#options.latenessMs) return 'LATE';
    return this.#insert(group, event);
  }

  /** Puts back an event that is newer than all in the group, without judging it. */
  refill(group: Group, event: GroupEvent): void {
    group.insert(group.times.length, event);
    group.tally?.add(event.measured ?? '');
    this.#slide(group, event.time);
  }

  /** The index of the first event that is at most a span older than the one at `end`. */
  startOf(group: Group, end: number): number {
    const oldest = group.timeAt(end) - this.#options.spanMs;
    let start = end;
    while (start > group.head && group.timeAt(start - 1) >= oldest) start -= 1;
    return start;
  }

  #append(group: Group, event: GroupEvent): Verdict {
    group.insert(group.times.length, event);
    group.tally?.add(event.measured ?? '');
    this.#slide(group, event.time);
    this.#trim(group);
    const end = group.times.length - 1;
    const holds = this.#measure.holds(this.#measure.of(group, group.live, end));
    const heldBefore = end > group.live && group.heldAt(end - 1);
    this.end = end;
    if (!holds) return 'NOTHING';
    group.setHeld(end, true);
    return heldBefore ? 'HOLDS' : 'FIRED';
  }

  /** Leaves out of the window of the newest event what is too old for it. */
  #slide(group: Group, newestAt: number): void {
    const oldest = newestAt - this.#options.spanMs;
    let live = group.live;
    while (group.timeAt(live) < oldest) live += 1;
    if (live !== group.live) group.advanceLive(live);
  }

  #insert(group: Group, event: GroupEvent): Verdict {
    const { spanMs } = this.#options;
    let place = group.times.length;
    while (place > group.head && group.timeAt(place - 1) > event.time) place -= 1;
    group.insert(place, event);
    if (event.time >= group.newestAt - spanMs) group.tally?.add(event.measured ?? '');
    else group.live += 1;
    const index = place - this.#trim(group);
    // With too many events, the late one may be the oldest, which had to go.
    if (index < group.head) return 'NOTHING';
    const last = this.#judge(group, index);
    const fired = this.#findNewRun(group, index, last);
    this.end = fired === -1 ? index : fired;
    if (fired !== -1) return 'FIRED';
    // Where nothing newly holds, the event itself may still be part of a run that was reported.
    return group.heldAt(index) ? 'HOLDS' : 'NOTHING';
  }

  /** Judges the windows that hold the event at an index, and notes which newly hold. Gives where the last of them ends. */
  #judge(group: Group, index: number): number {
    const { spanMs } = this.#options;
    const until = group.timeAt(index) + spanMs;
    let start = this.startOf(group, index);
    let end = index;
    this.#newly = [];
    for (; end < group.times.length && group.timeAt(end) <= until; end += 1) {
      while (group.timeAt(start) < group.timeAt(end) - spanMs) start += 1;
      const holds = this.#measure.holds(this.#measure.of(group, start, end));
      this.#newly.push(holds && !group.heldAt(end));
      group.setHeld(end, holds);
    }
    return end - 1;
  }

  /** The first event of the first run in which none was reported before; -1 when there is none. */
  #findNewRun(group: Group, first: number, last: number): number {
    for (let from = first; from <= last; from += 1) {
      if (!this.#newly[from - first]) continue;
      let to = from;
      while (to < last && this.#newly[to + 1 - first] && this.#isNear(group, to)) to += 1;
      const isJoined =
        (from > group.head && group.heldAt(from - 1) && this.#isNear(group, from - 1)) ||
        (to + 1 < group.times.length && group.heldAt(to + 1) && this.#isNear(group, to));
      if (!isJoined) return from;
      from = to;
    }
    return -1;
  }

  /** Whether the next event is at most a span away. */
  #isNear(group: Group, index: number): boolean {
    return group.timeAt(index + 1) - group.timeAt(index) <= this.#options.spanMs;
  }

  /**
   * Lets go of events that no window can need any more, and of the oldest when there are too many. Gives by how much the
   * indexes of the others moved.
   */
  #trim(group: Group): number {
    const { spanMs, latenessMs, maxEvents } = this.#options;
    const oldest = group.newestAt - spanMs - latenessMs;
    let head = group.head;
    while (group.timeAt(head) < oldest) head += 1;
    const surplus = group.times.length - head - maxEvents;
    if (surplus > 0) {
      head += surplus;
      if (this.#measure.suffersCuts) this.cut += surplus;
    }
    const length = group.times.length;
    if (head !== group.head) group.drop(head);
    return length - group.times.length;
  }
}
