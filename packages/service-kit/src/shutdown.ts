import { toError } from './errors.ts';
import type { Logger } from './logger.ts';

/** The order in which a process lets go, so that nothing it holds is lost. */
const phases = ['consumers', 'servers', 'relay', 'jobs', 'bus', 'database', 'telemetry'] as const;

export type ShutdownPhase = (typeof phases)[number];

export interface Shutdown {
  /** Registers what must be let go of in a phase; within one phase all run at once. */
  add(phase: ShutdownPhase, name: string, stop: () => Promise<void>): void;
  /** Runs all phases in order. Called twice it waits for the first call. One failure stops no other. */
  run(): Promise<void>;
}

const phaseTimeoutMs = 10_000;

export function createShutdown(logger: Logger): Shutdown {
  const steps: { phase: ShutdownPhase; name: string; stop: () => Promise<void> }[] = [];
  let running: Promise<void> | undefined;

  const runPhase = async (phase: ShutdownPhase): Promise<void> => {
    await Promise.all(
      steps
        .filter((step) => step.phase === phase)
        .map(async ({ name, stop }) => {
          try {
            await withTimeout(stop());
          } catch (error) {
            logger.error({ err: toError(error), step: name }, 'shutdown step failed');
          }
        }),
    );
  };
  return {
    add: (phase, name, stop) => void steps.push({ phase, name, stop }),
    run: () => {
      running ??= phases.reduce(
        (before, phase) => before.then(() => runPhase(phase)),
        Promise.resolve(),
      );
      return running;
    },
  };
}

async function withTimeout(work: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => reject(new Error(`no end within ${phaseTimeoutMs} ms`)),
    phaseTimeoutMs,
  );
  try {
    await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
