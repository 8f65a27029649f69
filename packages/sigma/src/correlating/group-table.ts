import { Group } from './group.ts';
import type { WindowTally } from './window-tally.ts';

export interface TableOptions {
  readonly maxGroups: number;
  readonly maxEvents: number;
  /** A group whose newest event is older than this, counted from the newest of all, can complete nothing any more. */
  readonly keepMs: number;
  /** Makes what follows the window of a group; null where nothing does. */
  readonly makeTally: (() => WindowTally) | null;
}

/** The groups of one correlation, within bounds: when there are too many, the one that was updated longest ago goes. */
export class GroupTable {
  readonly #groups = new Map<string, Group>();
  readonly #options: TableOptions;
  #oldest: Group | null = null;
  #newest: Group | null = null;
  #events = 0;
  #newestAt = Number.NEGATIVE_INFINITY;
  /** How many groups went while they could still have completed something. */
  evicted = 0;

  constructor(options: TableOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#groups.size;
  }

  /**
   * The group of a key, made if there is none, now the most recently updated, by an event of this time. The values of a new
   * one are the key alone unless given.
   */
  touch(key: string, values: readonly string[] | null, time: number): Group {
    if (time > this.#newestAt) this.#newestAt = time;
    const known = this.#groups.get(key);
    if (known !== undefined) {
      if (known !== this.#newest) {
        this.#unlink(known);
        this.#link(known);
      }
      return known;
    }
    const group = new Group(key, values ?? [key], this.#options.makeTally?.() ?? null);
    this.#groups.set(key, group);
    this.#link(group);
    if (this.#groups.size > this.#options.maxGroups) this.#evict();
    return group;
  }

  /** Notes that a group grew or shrank. */
  account(group: Group, sizeBefore: number): void {
    this.#events += group.size - sizeBefore;
    while (this.#events > this.#options.maxEvents && this.#groups.size > 1) this.#evict();
  }

  /** From the one that was updated longest ago to the one that was updated last. */
  *[Symbol.iterator](): Generator<Group> {
    for (let group = this.#oldest; group !== null; group = group.newer) yield group;
  }

  #evict(): void {
    const group = this.#oldest;
    if (group === null) return;
    this.#unlink(group);
    this.#groups.delete(group.key);
    this.#events -= group.size;
    if (group.newestAt >= this.#newestAt - this.#options.keepMs) this.evicted += 1;
  }

  #link(group: Group): void {
    group.older = this.#newest;
    group.newer = null;
    if (this.#newest !== null) this.#newest.newer = group;
    else this.#oldest = group;
    this.#newest = group;
  }

  #unlink(group: Group): void {
    if (group.older !== null) group.older.newer = group.newer;
    else this.#oldest = group.newer;
    if (group.newer !== null) group.newer.older = group.older;
    else this.#newest = group.older;
  }
}
