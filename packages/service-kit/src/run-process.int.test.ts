import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { waitFor } from '@vedette/testkit';
import pg from 'pg';
import { createEmptyKitDatabase, query } from './testing/kit-database.ts';

const probe = join(import.meta.dirname, 'testing/probe-main.ts');
const tenancy = join(import.meta.dirname, '../../../services/tenancy/src/main.ts');

interface Running {
  readonly child: ChildProcess;
  readonly exited: Promise<unknown>;
  out: string;
  err: string;
  /** The messages of its log, in order. */
  messages(): string[];
}

let children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});

function start(
  file: string,
  options: {
    args?: readonly string[];
    env?: Readonly<Record<string, string>>;
    withSupervisor?: boolean;
  } = {},
): Running {
  const stdio = ['ignore', 'pipe', 'pipe', ...(options.withSupervisor === true ? ['ipc'] : [])];
  const child = spawn(process.execPath, [file, ...(options.args ?? [])], {
    env: { ...options.env },
    stdio: stdio as never,
  });
  children.push(child);
  const running: Running = {
    child,
    exited: Promise.all([
      once(child, 'exit').then(([code]: unknown[]) => code),
      ...[child.stdout, child.stderr].map((stream) => stream && once(stream, 'end')),
    ]).then(([code]) => code),
    out: '',
    err: '',
    messages: () =>
      running.out
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => (JSON.parse(line) as { msg: string }).msg),
  };
  child.stdout?.on('data', (chunk: Buffer) => (running.out += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (running.err += chunk.toString('utf8')));
  return running;
}

async function startAndWait(options: Parameters<typeof start>[1] = {}): Promise<Running> {
  const running = start(probe, options);
  await waitFor(() => running.messages().includes('started'), { timeoutMs: 30_000 });
  return running;
}

const orderedEnd = [
  'stopping',
  'let go of consumers',
  'let go of servers',
  'let go of bus',
  'let go of database',
];

describe('a process with a bad configuration', () => {
  it('prints all problems at once, as text for a person, and exits with 1', async () => {
    const service = start(tenancy);
    expect(await service.exited).toBe(1);
    expect(service.err).toMatch(/^tenancy: The configuration has \d+ problem\(s\):/);
    for (const name of ['SERVICE_PORT', 'DATABASE_URL', 'NATS_URL', 'IDENTITY_PUBLIC_KEYS_FILE']) {
      expect(service.err).toContain(`  - ${name} is not set`);
    }
    expect(service.err).not.toContain('    at ');
    expect(service.out).toBe('');
  });

  it('shows no value', async () => {
    const env = {
      SERVICE_PORT: '70000',
      DATABASE_URL: 'mysql://root:hunter2@localhost/vedette',
      NATS_URL: 'hunter2',
      IDENTITY_PUBLIC_KEYS_FILE: '/nowhere.json',
    };
    const service = start(tenancy, { env });
    expect(await service.exited).toBe(1);
    expect(service.err).toContain('DATABASE_URL: ');
    expect(service.err).not.toContain('hunter2');
  });
});

describe('a process that is told to end', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s lets go in order, is not ready meanwhile, and exits with 0',
    async (signal) => {
      const running = await startAndWait();
      running.child.kill(signal);
      expect(await running.exited).toBe(0);
      expect(running.messages()).toEqual(['started', ...orderedEnd]);
      expect(running.out).toContain('"failing":{"process":"stopping"}');
    },
  );

  it('twice does so once', async () => {
    const running = await startAndWait();
    running.child.kill('SIGTERM');
    running.child.kill('SIGTERM');
    expect(await running.exited).toBe(0);
    expect(running.messages().filter((message) => message !== 'stopping')).toEqual([
      'started',
      ...orderedEnd.slice(1),
    ]);
  });

  it('by the loss of its supervisor ends in the same way', async () => {
    const running = await startAndWait({ withSupervisor: true });
    running.child.disconnect();
    expect(await running.exited).toBe(0);
    expect(running.messages()).toEqual(['started', ...orderedEnd]);
    expect(running.out).toContain('supervisor gone');
  });
});

describe('a process that cannot go on', () => {
  it('because it could not start, says why and exits with 1', async () => {
    const running = start(probe, { env: { PROBE: 'FAILS' } });
    expect(await running.exited).toBe(1);
    expect(running.messages()).toEqual(['could not start']);
    expect(running.out).toContain('the port is in use');
  });

  it('because nobody waited for what failed, says so and exits with 1', async () => {
    const running = start(probe, { env: { PROBE: 'FORGETS' } });
    expect(await running.exited).toBe(1);
    expect(running.messages()).toContain('unhandled rejection');
    expect(running.out).toContain('forgotten');
  });

  it('because it was given a word that it does not know, exits with 1', async () => {
    const running = start(probe, { args: ['--migrat-only'] });
    expect(await running.exited).toBe(1);
    expect(running.messages()).toEqual(['could not start']);
  });
});

describe('a process that only migrates', () => {
  it('does so and ends by itself', async () => {
    const postgres = await createEmptyKitDatabase();
    const running = start(probe, {
      args: ['--migrate-only'],
      env: { DATABASE_OWNER_URL: postgres.ownerUrl },
      withSupervisor: true,
    });
    expect(await running.exited).toBe(0);
    expect(running.messages()).toEqual(['migrated']);
    expect(await query(postgres.ownerUrl, 'select text from kit.notes')).toEqual([]);
    await postgres.drop();
  });

  it('and was told to end before it had does not end as if it was done', async () => {
    const postgres = await createEmptyKitDatabase();
    const holder = new pg.Client(postgres.ownerUrl);
    await holder.connect();
    await holder.query(`select pg_advisory_lock(hashtextextended('migrate kit', 0))`);
    const env = { DATABASE_OWNER_URL: postgres.ownerUrl };
    const running = start(probe, { args: ['--migrate-only'], env });
    await waitFor(async () => (await locksWaitedFor(postgres.ownerUrl)) > 0);
    running.child.kill('SIGTERM');
    expect(await running.exited).toBe(1);
    await holder.end();
    await postgres.drop();
  });
});

/** Sessions of processes that wait for their turn to migrate. */
async function locksWaitedFor(url: string): Promise<number> {
  const sql = `select from pg_stat_activity where application_name = 'migrate-lock'`;
  return (await query(url, sql)).length;
}
