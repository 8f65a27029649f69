import { Logger as WorkerLogger, run } from 'graphile-worker';
import type { TaskList } from 'graphile-worker';
import type { Logger } from './logger.ts';

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

/**
 * Timers and retried jobs by graphile-worker, in the service's own database. Several processes may
 * run it: a job is taken by one of them.
 */
export async function startJobs(options: JobsOptions): Promise<{ stop(): Promise<void> }> {
  const runner = await run({
    connectionString: options.url,
    schema: `${options.service}_jobs`,
    concurrency: 1,
    maxPoolSize: 2,
    // Jobs here are housekeeping: a few seconds late is early enough, and an idle process stays idle.
    pollInterval: 10_000,
    noHandleSignals: true,
    taskList: options.tasks,
    crontab: options.crontab,
    logger: new WorkerLogger(() => (level, message) => {
      if (level === 'error') options.logger.error(message);
      else if (level === 'warning') options.logger.warn(message);
      else options.logger.debug(message);
    }),
  });
  return { stop: () => runner.stop() };
}
