import { toError } from './errors.ts';

/** A dependency that must answer before the process takes work. Throws when it does not. */
export type ReadinessCheck = () => Promise<void>;

/**
 * What the three probes ask. Startup: the process has begun its work once. Live: the event loop turns;
 * no dependency is asked, since a restart would not mend it. Ready: everything it needs answers and
 * it is not shutting down.
 */
export interface Health {
  addCheck(name: string, check: ReadinessCheck): void;
  markStarted(): void;
  markStopping(): void;
  isStarted(): boolean;
  readiness(): Promise<Readiness>;
}

export interface Readiness {
  readonly ready: boolean;
  /** Names of what is not ready, with the reason in words that may be shown. */
  readonly failing: Readonly<Record<string, string>>;
}

const checkTimeoutMs = 2_000;

export function createHealth(): Health {
  const checks = new Map<string, ReadinessCheck>();
  let state: 'STARTING' | 'STARTED' | 'STOPPING' = 'STARTING';
  return {
    addCheck: (name, check) => void checks.set(name, check),
    markStarted: () => {
      if (state === 'STARTING') state = 'STARTED';
    },
    markStopping: () => {
      state = 'STOPPING';
    },
    isStarted: () => state !== 'STARTING',
    readiness: async () => {
      if (state !== 'STARTED') return { ready: false, failing: { process: state.toLowerCase() } };
      const results = await Promise.all(
        [...checks].map(async ([name, check]) => [name, await outcome(check)] as const),
      );
      const failing = Object.fromEntries(results.filter(([, problem]) => problem !== null));
      return {
        ready: Object.keys(failing).length === 0,
        failing: failing as Record<string, string>,
      };
    },
  };
}

async function outcome(check: ReadinessCheck): Promise<string | null> {
  const timeout = Promise.withResolvers<string>();
  const timer = setTimeout(() => timeout.resolve('no answer in time'), checkTimeoutMs);
  const checked = Promise.try(check).then(
    () => null,
    (error: unknown) => toError(error).message,
  );
  const result = await Promise.race([checked, timeout.promise]);
  clearTimeout(timer);
  return result;
}
