/** Remembers what was loaded for a short time; concurrent misses of one key share one load. */
export interface ExpiringCache<Value> {
  get(key: string, load: () => Promise<Value>): Promise<Value>;
}

/** A failed load is not remembered. When full, the oldest entry makes room. */
export function createExpiringCache<Value>(options: {
  readonly lifeMs: number;
  readonly maxEntries: number;
  readonly now?: () => number;
}): ExpiringCache<Value> {
  const now = options.now ?? Date.now;
  const entries = new Map<string, { readonly expiresAt: number; readonly value: Promise<Value> }>();

  const remember = (key: string, value: Promise<Value>): void => {
    entries.delete(key);
    const oldest = entries.size >= options.maxEntries ? entries.keys().next() : undefined;
    if (oldest?.done === false) entries.delete(oldest.value);
    const entry = { expiresAt: now() + options.lifeMs, value };
    entries.set(key, entry);
    value.catch(() => {
      if (entries.get(key) === entry) entries.delete(key);
    });
  };
  return {
    get: (key, load) => {
      const known = entries.get(key);
      if (known && known.expiresAt > now()) return known.value;
      const value = load();
      remember(key, value);
      return value;
    },
  };
}
