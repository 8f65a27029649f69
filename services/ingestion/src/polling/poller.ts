import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '@vedette/service-kit';
import { claimPolls } from './poll-store.ts';
import { runPoll } from './run-poll.ts';
import type { PollingDependencies } from './run-poll.ts';

export interface PollerOptions {
  /** Feeds that this process fetches at a time. */
  readonly concurrency: number;
  /** How often what is due is looked for. */
  readonly tickMs: number;
}

/** After this long a stop no longer waits: leases end by themselves. */
const stopPatienceMs = 5_000;

/**
 * Fetches what is due, for ever. Several processes may run it: each feed is fetched by one of them at a time, and that
 * of a process that was killed is taken over once its lease has ended.
 */
export function startPoller(
  deps: PollingDependencies,
  { concurrency, tickMs }: PollerOptions,
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const running = new Set<Promise<void>>();
  const claim = async (): Promise<void> => {
    const limit = concurrency - running.size;
    if (limit <= 0) return;
    const now = deps.clock();
    for (const poll of await claimPolls(deps.database, { now, leaseMs: deps.leaseMs, limit })) {
      const run = runPoll(poll, deps, signal).finally(() => running.delete(run));
      running.add(run);
    }
  };
  const loop = async (): Promise<void> => {
    while (!signal.aborted) {
      await claim().catch((error: unknown) => {
        deps.logger.warn({ err: toError(error) }, 'what is to be fetched cannot be looked up');
      });
      await sleep(tickMs, undefined, { signal }).catch(() => {
        // The poller is being stopped.
      });
    }
  };
  const looped = loop();
  return {
    stop: async () => {
      stopping.abort();
      await looped;
      await Promise.race([Promise.all(running), sleep(stopPatienceMs, undefined, { ref: false })]);
    },
  };
}
