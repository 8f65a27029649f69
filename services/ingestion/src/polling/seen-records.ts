import { createHash } from 'node:crypto';

/**
 * Remembers for a while which records of which feed this process has had stored, so that what is read once more is
 * not published once more. Only a saving: a record that is forgotten is published again and makes no second event.
 */
export interface SeenRecords {
  /** Those of the texts that were not stored lately. */
  unseen<T extends { readonly raw: string }>(feed: string, records: readonly T[]): readonly T[];
  /** They are stored now. */
  add(feed: string, records: readonly { readonly raw: string }[]): void;
}

/** Of one feed; the oldest go first. A digest and its place in a map take some hundred bytes. */
const maxRemembered = 10_000;
/** Feeds of which anything is remembered. */
const maxFeeds = 200;

export function createSeenRecords(): SeenRecords {
  const byFeed = new Map<string, Set<string>>();
  const digest = (raw: string): string => createHash('sha1').update(raw).digest('base64');
  return {
    unseen: (feed, records) => {
      const seen = byFeed.get(feed);
      return seen ? records.filter(({ raw }) => !seen.has(digest(raw))) : records;
    },
    add: (feed, records) => {
      const seen = byFeed.get(feed) ?? new Set();
      // The feed that was added to last is forgotten last.
      byFeed.delete(feed);
      byFeed.set(feed, seen);
      for (const { raw } of records) seen.add(digest(raw));
      forgetOldest(seen, maxRemembered);
      forgetOldest(byFeed, maxFeeds);
    },
  };
}

/** Sets and maps go through their entries in the order in which they were added. */
function forgetOldest(
  remembered: { readonly size: number; keys(): Iterable<string>; delete(key: string): boolean },
  max: number,
): void {
  for (const key of remembered.keys()) {
    if (remembered.size <= max) return;
    remembered.delete(key);
  }
}
