import type { Change } from './deed-book.ts';

/** The fields in which a state differs from the one before, both times. */
export function changedFields<State extends object>(before: State, after: State): Change {
  const keys = (Object.keys(after) as (keyof State)[]).filter(
    (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  );
  const pick = (state: State): object => Object.fromEntries(keys.map((key) => [key, state[key]]));
  return { before: pick(before), after: pick(after) };
}
