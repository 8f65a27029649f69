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
  loaded?: { readonly value: Value };
}

/** A failed load is not remembered. When full, the oldest entry makes room. */
export function createExpiringCache<Value>(options: {
  readonly lifeMs: number;
  readonly maxEntries: number;
  readonly now?: () => number;
}): ExpiringCache<Value> {
  const now = options.now ?? Date.now;
  const entries = new Map<string, Entry<Value>>();

  const remember = (key: string, loading: Promise<Value>): void => {
    entries.delete(key);
    const oldest = entries.size >= options.maxEntries ? entries.keys().next() : undefined;
    if (oldest?.done === false) entries.delete(oldest.value);
    const entry: Entry<Value> = { expiresAt: now() + options.lifeMs, loading };
    entries.set(key, entry);
    loading.then(
      (value) => (entry.loaded = { value }),
      () => {
        if (entries.get(key) === entry) entries.delete(key);
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
        if (!loaded || fits(loaded.value)) entries.delete(key);
      }
    },
  };
}
