import { setTimeout as sleepFor } from 'node:timers/promises';
import { CentralFailure } from './central-failure.ts';

/** Bounds the calls of one credential, whichever tenants they are for. */
export interface RequestPace {
  /**
   * Waits for this call's turn.
   * @throws {CentralFailure} the turn is too far away to wait for; it says when to come again
   */
  takeTurn(): Promise<void>;
  /** The source has said that no call is welcome for a while. */
  pauseFor(seconds: number): void;
}

export interface PaceOptions {
  /** Calls within any minute. */
  readonly perMinute: number;
  /** Calls that may be made at once; the rest of a minute's are spread over it. */
  readonly burst: number;
}

/** Sophos' published quota for a credential. */
export const publishedPace: PaceOptions = { perMinute: 100, burst: 20 };

/** Longer than that a poll does not hold its lease for nothing. */
const maxWaitMs = 30_000;

/**
 * A token bucket of `burst` calls. It is filled so slowly that a burst and what comes after it stay within the
 * quota of any minute. Counted in this process: replicas that share a credential share its quota by what the
 * source answers.
 */
export function createRequestPace(
  { perMinute, burst }: PaceOptions,
  clock: () => number = Date.now,
  sleep: (ms: number) => Promise<unknown> = sleepFor,
): RequestPace {
  const msPerTurn = 60_000 / (perMinute - burst);
  let turns = burst;
  let countedAt = clock();
  let pausedUntil = 0;
  return {
    takeTurn: async () => {
      const now = clock();
      turns = Math.min(burst, turns + (now - countedAt) / msPerTurn);
      countedAt = now;
      const waitMs = Math.max(turns >= 1 ? 0 : (1 - turns) * msPerTurn, pausedUntil - now);
      if (waitMs > maxWaitMs) {
        throw new CentralFailure('PACED', 'Sophos Central is asked as often as it allows.', {
          retryAfterSeconds: Math.ceil(waitMs / 1_000),
        });
      }
      turns -= 1;
      if (waitMs > 0) await sleep(waitMs);
    },
    pauseFor: (seconds) => {
      pausedUntil = Math.max(pausedUntil, clock() + seconds * 1_000);
    },
  };
}
