import { setTimeout as delay } from 'node:timers/promises';
import { nextRestartDelayMs } from './restart-delay.ts';

/** One run of a program. */
export interface Run {
  readonly pid: number;
  /** Settles when the program is gone, with the reason. */
  readonly exited: Promise<string>;
  stop(): Promise<void>;
}

export interface KeptRunning<Kind extends Run> {
  /** The present run, or null between a crash and the restart. */
  current(): Kind | null;
  /** How often it ended by itself. */
  crashes(): number;
  /** Stops it for good. May be called twice. */
  stop(): Promise<void>;
}

/**
 * Starts a program and starts it again whenever it ends, at growing distances.
 * The first start's failure is thrown; later ones count as crashes. `onChange` follows each restart.
 */
export async function keepRunning<Kind extends Run>(
  name: string,
  start: () => Promise<Kind>,
  hooks: { readonly onChange: () => void; readonly onProgress: (message: string) => void },
): Promise<KeptRunning<Kind>> {
  const stopping = new AbortController();
  let current: Kind | null = await start();
  let crashes = 0;

  const watch = async () => {
    let delayMs: number | null = null;
    while (!stopping.signal.aborted) {
      const startedAt = Date.now();
      const reason: string = (await current?.exited) ?? 'it could not be started';
      if (stopping.signal.aborted) return;
      current = null;
      crashes += 1;
      delayMs = nextRestartDelayMs(delayMs, Date.now() - startedAt);
      hooks.onProgress(`${name} ended (${reason}); starting it again in ${delayMs} ms`);
      await delay(delayMs, null, { signal: stopping.signal }).catch(() => null);
      if (stopping.signal.aborted) return;
      current = await start().catch((error: unknown) => {
        hooks.onProgress(`${name} does not start: ${String(error)}`);
        return null;
      });
      hooks.onChange();
    }
  };
  const watching = watch();

  return {
    current: () => current,
    crashes: () => crashes,
    stop: async () => {
      stopping.abort();
      await current?.stop();
      await watching;
      // A start that was under way when we were called.
      await current?.stop();
    },
  };
}
