import type { Runner, TaskList } from 'graphile-worker';
import { toError, UnavailableError } from './errors.ts';
import type { Logger } from './logger.ts';
import { toPostgresFailure } from './postgres-failure.ts';

export interface JobsOptions {
  /** PostgreSQL URL of the runtime role, which owns `<service>_jobs`. */
  readonly url: string;
  readonly service: string;
  readonly logger: Logger;
  /** Task name to what it does. A payload holds ids only. A task that throws is tried again later. */
  readonly tasks: TaskList;
  /** Lines of `minute hour day month weekday task`, in UTC. */
  readonly crontab: string;
}

/** How long to wait before a worker that ended by itself is started again. */
const restartMs = 1_000;

/**
 * Timers and retried jobs by graphile-worker, in the service's own database. Several processes may
 * run it: a job is taken by one of them. A worker that ends by itself is started again: it does so
 * when any service of the database migrates its job tables, since they all share one channel.
 */
export async function startJobs(options: JobsOptions): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController();
  const state = { runner: await startRunner(options) };
  const supervise = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await state.runner.promise.catch((error: unknown) => {
        options.logger.warn({ err: toError(error) }, 'jobs interrupted');
      });
      if (stopping.signal.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, restartMs));
      if (stopping.signal.aborted) return;
      try {
        state.runner = await startRunner(options);
      } catch (error) {
        // PostgreSQL is away; the runner that has ended leads back here after another pause.
        options.logger.warn({ err: toError(error) }, 'jobs cannot begin again yet');
      }
    }
  };
  const supervised = supervise();
  const stopRunner = (): Promise<void> =>
    state.runner.stop().catch((error: unknown) => {
      // It may have ended by itself a moment ago.
      options.logger.debug({ err: toError(error) }, 'jobs had ended');
    });
  return {
    stop: async () => {
      stopping.abort();
      await stopRunner();
      await supervised;
      // One that was about to begin may have begun in the meantime.
      await stopRunner();
    },
  };
}

async function startRunner(options: JobsOptions): Promise<Runner> {
  // Loaded by the processes that have jobs only: it costs a tenth of a second and 20 MiB.
  const { Logger: WorkerLogger, run } = await import('graphile-worker');
  return run({
    connectionString: options.url,
    schema: `${options.service}_jobs`,
    concurrency: 1,
    maxPoolSize: 2,
    // Jobs here are housekeeping: a few seconds late is early enough, and an idle process stays idle.
    pollInterval: 10_000,
    noHandleSignals: true,
    taskList: options.tasks,
    crontab: options.crontab,
    logger: new WorkerLogger(() => (level, message, meta) => {
      // A database that is away is nobody's to mend here: the worker tries again.
      const isAway = toPostgresFailure(meta?.['error']) instanceof UnavailableError;
      if (level === 'error' && !isAway) options.logger.error(message);
      else if (level === 'error') options.logger.warn(message);
      else if (level === 'warning') options.logger.warn(message);
      else options.logger.debug(message);
    }),
  });
}
