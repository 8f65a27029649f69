/** Remembers what was loaded for a short time; concurrent misses of one key share one load. */
export interface ExpiringCache<Value> {
  get(key: string, load: () => Promise<Value>): Promise<Value>;
  /**
   * Forgets the values that fit, and those whose load is under way: nobody knows yet whether they
   * will fit, or whether they were loaded before or after what makes us forget.
   */
  forget(fits: (value: Value) => boolean): void;
}

interface Entry<Value> {
  readonly expiresAt: number;
  readonly loading: Promise<Value>;
  /** Absent while it is loaded. */
  loaded?: { readonly value: Value; readonly weight: number };
}

/**
 * A failed load is not remembered. What has expired goes with the next load, and when there is too
 * much the oldest makes room: it is bounded by entries and by what their values weigh.
 */
export function createExpiringCache<Value>(options: {
  readonly lifeMs: number;
  readonly maxEntries: number;
  readonly maxWeight?: number;
  /** Such as how many ids a value holds; 0 unless given. */
  readonly weigh?: (value: Value) => number;
  readonly now?: () => number;
}): ExpiringCache<Value> {
  const { lifeMs, maxEntries, maxWeight = Infinity, weigh = () => 0, now = Date.now } = options;
  /** Oldest first, which is also the order in which they expire. */
  const entries = new Map<string, Entry<Value>>();
  let weight = 0;

  const drop = (key: string): void => {
    weight -= entries.get(key)?.loaded?.weight ?? 0;
    entries.delete(key);
  };
  const makeRoom = (): void => {
    const newest = entries.size - 1;
    let place = 0;
    for (const [key, { expiresAt }] of entries) {
      const isOver = entries.size > maxEntries || weight > maxWeight;
      // The newest stays: it may be all that is asked for, however much it weighs.
      if (place++ === newest || (!isOver && expiresAt > now())) break;
      drop(key);
    }
  };
  const remember = (key: string, loading: Promise<Value>): void => {
    drop(key);
    const entry: Entry<Value> = { expiresAt: now() + lifeMs, loading };
    entries.set(key, entry);
    makeRoom();
    loading.then(
      (value) => {
        if (entries.get(key) !== entry) return;
        entry.loaded = { value, weight: weigh(value) };
        weight += entry.loaded.weight;
        makeRoom();
      },
      () => {
        if (entries.get(key) === entry) drop(key);
      },
    );
  };
  return {
    get: (key, load) => {
      const known = entries.get(key);
      if (known && known.expiresAt > now()) return known.loading;
      const loading = load();
      remember(key, loading);
      return loading;
    },
    forget: (fits) => {
      for (const [key, { loaded }] of entries) {
        if (!loaded || fits(loaded.value)) drop(key);
      }
    },
  };
}
