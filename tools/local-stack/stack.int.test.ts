import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { waitFor } from '@vedette/testkit';
import { isRunning, sendSignal, toNatsOptions } from '@vedette/testkit/servers';
import { readEndpoints } from './endpoints.ts';
import { portOffsets } from './ports.ts';
import type { ProcessDefinition } from './processes.ts';
import { createStack, type Stack } from './stack.ts';
import { readStatus } from './status.ts';

jest.setTimeout(60_000);

/** Answers like a service of ours, and notes in a file when it is told to stop. */
const service = `
  import { createServer } from 'node:http';
  import { appendFileSync } from 'node:fs';
  const { SERVICE_PORT, SERVICE_HOST, NAME, JOURNAL, FAILS, DATABASE_OWNER_URL } = process.env;
  if (process.argv.includes('--migrate-only')) {
    appendFileSync(JOURNAL, 'migrated as ' + new URL(DATABASE_OWNER_URL).username + '\\n');
    console.log(process.env.MIGRATION);
    process.exit(process.env.MIGRATION === 'broken' ? 1 : 0);
  }
  if (DATABASE_OWNER_URL) console.log('knows the owner');
  if (FAILS) { console.error('a setting is wrong'); process.exit(1); }
  createServer((request, response) => response.writeHead(request.url === '/health/ready' ? 200 : 404).end())
    .listen(SERVICE_PORT, SERVICE_HOST, () => console.log('listening'));
  process.on('disconnect', () => process.exit(0));
  process.on('SIGTERM', () => setTimeout(() => {
    appendFileSync(JOURNAL, NAME + '\\n');
    process.exit(0);
  }, 100));
`;

const cleanups: (() => unknown)[] = [];
/**
 * Far from the default, another one for each test process, and below 32768, where Linux begins to hand
 * out ports by itself: other tests' connections take those at any moment.
 */
let portBase = 10_000 + (process.pid % 100) * 200;

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  portBase += 50;
});

function makeRoot(): { root: string; dataDir: string; journal: string } {
  const root = mkdtempSync(join(tmpdir(), 'vedette-stack-'));
  chmodSync(root, 0o755);
  cleanups.push(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'service.mjs'), service);
  return { root, dataDir: join(root, 'data'), journal: join(root, 'journal') };
}

function aProcess(
  name: 'cases' | 'gateway',
  journal: string,
  more: { readonly isEdge?: boolean; readonly fails?: string } = {},
): ProcessDefinition {
  return {
    name,
    entry: 'service.mjs',
    portOffset: portOffsets[name],
    isEdge: more.isEdge ?? false,
    environment: () => ({ NAME: name, JOURNAL: journal, FAILS: more.fails ?? '' }),
  };
}

/** The same with migrations, whose only source is one file. */
function aMigratedProcess(root: string, journal: string, migration: string): ProcessDefinition {
  const sources = ['migrations/1.ts', 'packages/event-bus/src/migrations.ts'];
  for (const file of [...sources, 'packages/service-kit/src/migrate.ts']) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), file === 'migrations/1.ts' ? migration : '');
  }
  return {
    ...aProcess('cases', journal),
    migrations: 'migrations',
    environment: () => ({ NAME: 'cases', JOURNAL: journal, MIGRATION: migration }),
  };
}

interface Made {
  readonly stack: Stack;
  readonly said: string[];
}

function makeStack(
  root: string,
  processes: readonly ProcessDefinition[],
  replicas: Readonly<Record<string, number>> = {},
): Made {
  const said: string[] = [];
  const stack = createStack({
    ...{ root, processes, replicas, portBase },
    dataDir: join(root, 'data'),
    databaseServices: ['cases'],
    settings: { environment: {} },
    onLine: (name, line) => said.push(`${name}: ${line}`),
    onProgress: (message) => said.push(message),
  });
  cleanups.push(() => stack.stop());
  return { stack, said };
}

async function pidOf(dataDir: string, name: string): Promise<number> {
  const endpoints = await readEndpoints(dataDir);
  const all = [...(endpoints?.services ?? []), ...(endpoints?.infrastructure ?? [])];
  return all.find((entry) => entry.name === name)?.pid ?? 0;
}

describe('the local stack', () => {
  it('brings everything up, mends what crashes, and takes it down edge first', async () => {
    const { root, dataDir, journal } = makeRoot();
    const processes = [aProcess('cases', journal), aProcess('gateway', journal, { isEdge: true })];
    const { stack, said } = makeStack(root, processes, { cases: 2 });
    await stack.start();
    expect(await readEndpoints(dataDir)).toBeNull();
    const endpoints = await stack.publishEndpoints();
    expect(endpoints.services.map(({ name, url }) => [name, new URL(url).port])).toEqual([
      ['cases', String(portBase + 40)],
      ['cases', String(portBase + 140)],
      ['gateway', String(portBase)],
    ]);
    expect(endpoints.infrastructure).toEqual([
      expect.objectContaining({ name: 'postgres' }),
      expect.objectContaining({ name: 'nats' }),
      { name: 'oidc', pid: expect.any(Number), url: `http://127.0.0.1:${portBase + 4}` },
    ]);
    expect(await readEndpoints(dataDir)).toEqual(endpoints);
    expect(statSync(join(dataDir, 'endpoints.json')).mode & 0o777).toBe(0o600);
    expect(await readStatus(dataDir)).toMatchObject({ ready: true, consumers: [], outbox: [] });
    expect(said).toContain('cases-2: listening');
    expect(readFileSync(join(dataDir, 'logs/gateway.log'), 'utf8')).toBe('listening\n');

    const killed = await pidOf(dataDir, 'gateway');
    sendSignal(killed, 'SIGKILL');
    await waitFor(async () => ![0, killed].includes(await pidOf(dataDir, 'gateway')));
    await waitFor(async () => (await readStatus(dataDir)).ready);

    const running = (await readEndpoints(dataDir))?.services ?? [];
    const pids = running.map(({ pid }) => Number(pid));
    await stack.stop();
    expect(readFileSync(journal, 'utf8').split('\n')).toEqual(['gateway', 'cases', 'cases', '']);
    expect(pids.filter((pid) => isRunning(pid))).toEqual([]);
    expect(await readEndpoints(dataDir)).toBeNull();
    expect(await readStatus(dataDir)).toMatchObject({ ready: false });
  });

  it('starts its PostgreSQL, NATS and OpenID provider again when they are killed, with their data', async () => {
    const { root, dataDir, journal } = makeRoot();
    let natsUrl = '';
    const environment: ProcessDefinition['environment'] = ({ natsUrlOf }) => {
      natsUrl = natsUrlOf('cases');
      return { NAME: 'cases', JOURNAL: journal };
    };
    const { stack } = makeStack(root, [{ ...aProcess('cases', journal), environment }]);
    await stack.start();
    const { infrastructure } = await stack.publishEndpoints();
    const adminUrl = infrastructure.find(({ name }) => name === 'postgres')?.url;
    for (const { pid } of infrastructure) sendSignal(Number(pid), 'SIGKILL');
    for (const { name, pid } of infrastructure) {
      await waitFor(async () => ![0, pid].includes(await pidOf(dataDir, name)));
    }
    const client = new pg.Client(adminUrl);
    await client.connect();
    const roles = await client.query(`select from pg_roles where rolname = 'cases_runtime'`);
    expect(roles.rowCount).toBe(1);
    await client.end();
    const connection = await connect({ ...toNatsOptions(natsUrl), inboxPrefix: '_INBOX_cases' });
    await expect(connection.request('vedette.hunting.a', '')).rejects.toThrow(
      'Permissions Violation for Publish to "vedette.hunting.a"',
    );
    await connection.close();
    expect(statSync(join(dataDir, 'keys/cases-nats.json')).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, 'nats/nats.conf')).mode & 0o777).toBe(0o600);
  });

  it('starts nothing when a port is taken, and says which and for whom', async () => {
    const { root, dataDir, journal } = makeRoot();
    const blocker = createServer().listen(portBase + portOffsets.cases, '127.0.0.1');
    await once(blocker, 'listening');
    cleanups.push(() => blocker.close());
    const { stack } = makeStack(root, [aProcess('cases', journal)]);
    await expect(stack.start()).rejects.toThrow(
      `port ${portBase + 40}, wanted by cases, is already in use`,
    );
    expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  });

  it('gives up on a process that cannot start, and names its log', async () => {
    const { root, dataDir, journal } = makeRoot();
    const { stack, said } = makeStack(root, [aProcess('cases', journal, { fails: 'yes' })]);
    const log = join(dataDir, 'logs/cases.log');
    await expect(stack.start()).rejects.toThrow(`cases is not ready and ended 5 times; see ${log}`);
    expect(said).toContain('cases: a setting is wrong');
  });

  it('migrates a schema before its process starts, and again only when its migrations change', async () => {
    const { root, dataDir, journal } = makeRoot();
    const seen: string[] = [];
    for (const migration of ['first', 'first', 'second']) {
      const { stack } = makeStack(root, [aMigratedProcess(root, journal, migration)]);
      await stack.start();
      await stack.stop();
      seen.push(readFileSync(journal, 'utf8'));
    }
    const [migrated, stopped] = ['migrated as cases_owner\n', 'cases\n'];
    expect(seen).toEqual([
      migrated + stopped,
      migrated + stopped + stopped,
      migrated + stopped + stopped + migrated + stopped,
    ]);
    expect(readFileSync(join(dataDir, 'logs/cases.log'), 'utf8')).toBe('listening\n');
  });

  it('starts no process when a migration fails, names its log, and tries again the next time', async () => {
    const { root, dataDir, journal } = makeRoot();
    const log = join(dataDir, 'logs/cases-migration.log');
    for (let start = 1; start <= 2; start += 1) {
      const { stack } = makeStack(root, [aMigratedProcess(root, journal, 'broken')]);
      await expect(stack.start()).rejects.toThrow(`the schema of cases is not migrated: ${log}`);
      await stack.stop();
      expect(readFileSync(log, 'utf8')).toBe('broken\n');
      expect(readFileSync(journal, 'utf8')).toBe('migrated as cases_owner\n'.repeat(start));
    }
  });

  it('refuses a second start on the same data, and can be stopped while it starts', async () => {
    const { root, dataDir, journal } = makeRoot();
    const { stack } = makeStack(root, [aProcess('cases', journal)]);
    const starting = stack.start().catch((error: unknown) => String(error));
    await waitFor(() => existsSync(join(dataDir, 'supervisor.json')));
    const { stack: second } = makeStack(root, [aProcess('cases', journal)]);
    await expect(second.start()).rejects.toThrow('a stack already runs on');
    await stack.stop();
    expect(await starting).toContain('the stack is being stopped');
    expect(existsSync(join(dataDir, 'supervisor.json'))).toBe(false);
  });
});

describe('a supervisor that is killed', () => {
  it('takes its processes with it and does not hinder the next start', async () => {
    const { root, dataDir, journal } = makeRoot();
    const definition = JSON.stringify({ ...aProcess('cases', journal), environment: undefined });
    const program = join(root, 'supervisor.mjs');
    writeFileSync(
      program,
      `import { createStack } from ${JSON.stringify(join(import.meta.dirname, 'stack.ts'))};
       const stack = createStack({
         root: ${JSON.stringify(root)}, dataDir: ${JSON.stringify(dataDir)}, portBase: ${portBase},
         processes: [{ ...${definition}, environment: () => ({ NAME: 'cases', JOURNAL: ${JSON.stringify(journal)} }) }],
         databaseServices: [], replicas: {}, settings: { environment: {} }, onLine: () => {}, onProgress: console.error,
       });
       await stack.start();
       await stack.publishEndpoints();`,
    );
    const supervisor = spawn(process.execPath, [program], { stdio: 'inherit' });
    cleanups.push(() => supervisor.kill('SIGKILL'));
    await waitFor(() => readEndpoints(dataDir), { timeoutMs: 30_000 });
    const before = await readEndpoints(dataDir);
    supervisor.kill('SIGKILL');
    await once(supervisor, 'exit');

    const { stack } = makeStack(root, [aProcess('cases', journal)]);
    await stack.start();
    const after = await stack.publishEndpoints();
    const old = [...(before?.services ?? []), ...(before?.infrastructure ?? [])];
    expect(old.filter(({ pid }) => isRunning(Number(pid)))).toEqual([]);
    expect(after.services.map(({ name }) => name)).toEqual(['cases']);
  });
});
