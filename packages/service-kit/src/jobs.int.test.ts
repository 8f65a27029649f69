import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@vedette/testkit';
import type { TestDatabase } from '@vedette/testkit';
import { startJobs } from './jobs.ts';
import { provisionService } from './provision.ts';
import { captureLog } from './testing/captured-log.ts';
import { startCutOff } from './testing/cut-off.ts';
import { createEmptyKitDatabase, query } from './testing/kit-database.ts';

let postgres: TestDatabase;
let running: { stop(): Promise<void> }[];
/** What the task was told, in the order in which it ran. */
let done: unknown[];

beforeEach(async () => {
  postgres = await createEmptyKitDatabase();
  running = [];
  done = [];
});
afterEach(async () => {
  for (const jobs of running) await jobs.stop();
  await postgres.drop();
});

async function start(options: { url?: string; crontab?: string } = {}): Promise<{
  readonly lines: string[];
  stop(): Promise<void>;
}> {
  const log = captureLog();
  const jobs = await startJobs({
    url: postgres.runtimeUrl,
    service: 'kit',
    logger: log.logger,
    tasks: { note: async (payload) => void done.push(payload) },
    crontab: '',
    ...options,
  });
  running.push(jobs);
  // Before that it would hear of no job, and look for one ten seconds later.
  await waitFor(() => log.lines.some((line) => line.includes('looking for jobs')));
  return { lines: log.lines, stop: jobs.stop };
}

async function addJob(id: number): Promise<void> {
  const sql = `select kit_jobs.add_job('note', json_build_object('id', $1::int))`;
  await query(postgres.runtimeUrl, sql, [id]);
}

async function remainingJobs(): Promise<number> {
  const sql = 'select count(*)::int as n from kit_jobs._private_jobs';
  return (await query<{ n: number }>(postgres.runtimeUrl, sql))[0]?.n ?? -1;
}

async function connections(): Promise<number> {
  const sql = `select count(*)::int as n from pg_stat_activity where datname = $1 and usename = 'kit_runtime'`;
  return (await query<{ n: number }>(postgres.adminUrl, sql, [postgres.name]))[0]?.n ?? -1;
}

/** Another service of the same database starts for the first time and migrates its job tables. */
async function startAnotherService(): Promise<void> {
  const password = 'kit_neighbour';
  const { adminUrl } = postgres;
  await provisionService({
    adminUrl,
    service: 'kit_neighbour',
    ownerPassword: password,
    runtimePassword: password,
  });
  // A copied database does not have the grants of its template.
  await query(adminUrl, `grant connect on database ${postgres.name} to kit_runtime`);
  const url = new URL(adminUrl);
  url.username = 'kit_neighbour_runtime';
  url.password = password;
  const { logger } = captureLog();
  const jobs = await startJobs({
    url: url.href,
    service: 'kit_neighbour',
    logger,
    tasks: {},
    crontab: '',
  });
  await jobs.stop();
}

describe('a job', () => {
  it('is done once, though two processes look for it', async () => {
    await Promise.all([start(), start()]);
    for (let id = 1; id <= 20; id += 1) await addJob(id);
    await waitFor(async () => (await remainingJobs()) === 0);
    const ids = done.map((payload) => (payload as { id: number }).id);
    expect(ids.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
  });

  it('of the clock is done once a minute, though two processes watch it', async () => {
    await (await start({ crontab: '* * * * * note ?fill=10m' })).stop();
    // As if the last one was due five minutes ago, when no process ran.
    const earlier = `update kit_jobs._private_known_crontabs
      set known_since = now() - interval '9 minutes', last_execution = now() - interval '5 minutes'`;
    await query(postgres.runtimeUrl, earlier);
    done = [];
    const crontab = '* * * * * note ?fill=10m';
    await Promise.all([start({ crontab }), start({ crontab })]);
    await waitFor(async () => done.length >= 4 && (await remainingJobs()) === 0);
    const minutes = done.map((payload) => (payload as { _cron: { ts: string } })._cron.ts);
    expect(new Set(minutes).size).toBe(minutes.length);
  });
});

describe('a worker', () => {
  it('goes on after another service has migrated its job tables in the same database', async () => {
    const jobs = await start();
    await startAnotherService();
    await waitFor(() => jobs.lines.some((line) => line.includes('breaking migration')));
    await addJob(1);
    await waitFor(() => done.length === 1);
  });

  it('goes on after PostgreSQL was away for longer than it takes to start again', async () => {
    const cutOff = await startCutOff(postgres.runtimeUrl);
    const jobs = await start({ url: cutOff.url });
    await query(postgres.runtimeUrl, `select pg_notify('worker:migrate', '{"breaking":true}')`);
    await waitFor(() => jobs.lines.some((line) => line.includes('breaking migration')));
    await cutOff.cut();
    await waitFor(() => jobs.lines.filter((line) => line.includes('ECONNREFUSED')).length > 1);
    await cutOff.mend();
    await addJob(1);
    await waitFor(() => done.length === 1, { timeoutMs: 30_000 });
    await jobs.stop();
    running = [];
    await cutOff.cut();
  });

  it('that stops leaves no connection behind, also when it is about to begin again', async () => {
    for (const waitMs of [0, 500, 1_005, 1_050]) {
      const jobs = await start();
      await query(postgres.runtimeUrl, `select pg_notify('worker:migrate', '{"breaking":true}')`);
      await waitFor(() => jobs.lines.some((line) => line.includes('breaking migration')));
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      await jobs.stop();
      running = [];
      expect(await connections()).toBe(0);
    }
  });

  it('finishes what it is at before it stops', async () => {
    const began = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const { logger } = captureLog();
    const jobs = await startJobs({
      url: postgres.runtimeUrl,
      service: 'kit',
      logger,
      tasks: {
        note: async () => {
          began.resolve();
          await release.promise;
          done.push('slow');
        },
      },
      crontab: '',
    });
    await addJob(1);
    await began.promise;
    const stopping = jobs.stop();
    release.resolve();
    await stopping;
    expect(done).toEqual(['slow']);
    expect(await remainingJobs()).toBe(0);
  });
});
