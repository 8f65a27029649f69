import type { PollProgress } from './poll-store.ts';

/** What one step of a poll fetched. */
export interface PollPage {
  /** As the source gave them; what is no object is kept as refused. */
  readonly records: readonly unknown[];
  /** How far the feed is once these records are stored. */
  readonly progress: PollProgress;
  /** Whether there is nothing more to fetch now. */
  readonly isLast: boolean;
  /** When to go on instead of the usual time, in milliseconds from now. */
  readonly waitMs?: number;
  /** A time of which the source no longer has everything. */
  readonly gap?: { readonly from: Date; readonly to: Date };
}

/**
 * One step of a poll: fetches what comes after the progress. It keeps nothing of its own, so that any process can go
 * on where another one was ended.
 */
export type ReadPage = (progress: PollProgress, now: Date) => Promise<PollPage>;

/**
 * How much of what was stored is read once more: what reached the source late lies before what was read last. Ids
 * are derived from records, so that nothing is there twice.
 */
export const overlapMs = 5 * 60_000;
