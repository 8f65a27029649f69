import { AppError } from '@vedette/service-kit';
import { BurstyRateLimiter, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { StrangerLimit } from './authenticate.ts';

/** Somebody asks more often than allowed; the same request may succeed later. */
export class RateLimitedError extends AppError {
  override readonly code = 'RATE_LIMITED';

  constructor(message: string, retryAfterMs: number) {
    super(message, {
      details: { retryAfterSeconds: Math.max(1, Math.ceil(retryAfterMs / 1_000)) },
    });
  }
}

export interface RateLimitOptions {
  readonly perSecond: number;
  /** Requests above it, in ten seconds. */
  readonly burst: number;
  /** Requests of one principal at the same time. */
  readonly maxConcurrent: number;
  /** Refused requests a second of one stranger, such as an address: many people may be behind one. */
  readonly maxRefusals?: number;
}

/** Limits of this process: with several gateways each principal has as many times as much. */
export interface RateLimits {
  /** Counts a request in; the answer counts it out again. Rejects with RateLimitedError. */
  enter(principalId: string): Promise<() => void>;
  readonly strangers: StrangerLimit;
}

const burstSeconds = 10;

export function createRateLimits(options: RateLimitOptions): RateLimits {
  const rate = new BurstyRateLimiter(
    new RateLimiterMemory({ points: options.perSecond, duration: 1 }),
    new RateLimiterMemory({ points: options.burst, duration: burstSeconds }),
  );
  const refusals = new RateLimiterMemory({ points: options.maxRefusals ?? 100, duration: 1 });
  const running = new Map<string, number>();
  const leave = (principalId: string): void => {
    const others = (running.get(principalId) ?? 1) - 1;
    if (others > 0) running.set(principalId, others);
    else running.delete(principalId);
  };
  return {
    enter: async (principalId) => {
      const before = running.get(principalId) ?? 0;
      if (before >= options.maxConcurrent) {
        throw new RateLimitedError('Too many requests at the same time.', 1_000);
      }
      running.set(principalId, before + 1);
      try {
        await rate.consume(principalId);
      } catch (error) {
        leave(principalId);
        if (!(error instanceof RateLimiterRes)) throw error;
        throw new RateLimitedError('Too many requests.', error.msBeforeNext);
      }
      return () => leave(principalId);
    },
    strangers: {
      admit: async (whom) => {
        const refused = await refusals.get(whom);
        if (refused?.remainingPoints === 0) {
          throw new RateLimitedError('Too many requests.', refused.msBeforeNext);
        }
      },
      countRefusal: (whom) => void refusals.penalty(whom),
    },
  };
}
