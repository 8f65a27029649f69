/** Things in order of time; those of one moment in the order they were added. */
export interface Timeline<T> {
  add(at: number, item: T): void;
  /** When the next one is due; Infinity without one. */
  nextAt(): number;
  /** @throws {RangeError} nothing is left */
  take(): T;
}

interface Entry<T> {
  readonly at: number;
  readonly order: number;
  readonly item: T;
}

/** A binary heap: what is ahead of now is short, whatever the whole is. */
export function createTimeline<T>(): Timeline<T> {
  const heap: Entry<T>[] = [];
  let added = 0;
  const isBefore = (one: Entry<T>, other: Entry<T>): boolean =>
    one.at < other.at || (one.at === other.at && one.order < other.order);
  const rise = (entry: Entry<T>): void => {
    let index = heap.length - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent];
      if (!above || isBefore(above, entry)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  };
  const sink = (entry: Entry<T>): void => {
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const one = heap[left];
      const other = heap[left + 1];
      const isOther = one && other && isBefore(other, one);
      const below = isOther ? other : one;
      if (!below || isBefore(entry, below)) break;
      heap[index] = below;
      index = isOther ? left + 1 : left;
    }
    heap[index] = entry;
  };
  return {
    add: (at, item) => {
      const entry = { at, order: added, item };
      added += 1;
      heap.push(entry);
      rise(entry);
    },
    nextAt: () => heap[0]?.at ?? Infinity,
    take: () => {
      const [first] = heap;
      const last = heap.pop();
      if (!first || !last) throw new RangeError('nothing is left on the timeline');
      if (heap.length > 0) sink(last);
      return first.item;
    },
  };
}
