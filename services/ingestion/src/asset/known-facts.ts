/** How many facts a process remembers; about 20 MiB. Beyond that it starts anew, which costs some look-ups. */
const maxRemembered = 200_000;

/**
 * Facts that are stored for certain, so that they need not be stored again. A fact is remembered only once it was
 * found in the database: what a transaction has just written may yet be rolled back.
 */
export interface KnownFacts {
  has(fact: string): boolean;
  add(fact: string): void;
}

export function createKnownFacts(): KnownFacts {
  const known = new Set<string>();
  return {
    has: (fact) => known.has(fact),
    add: (fact) => {
      if (known.size >= maxRemembered) known.clear();
      known.add(fact);
    },
  };
}
