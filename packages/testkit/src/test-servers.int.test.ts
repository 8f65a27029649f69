import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import process from 'node:process';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import {
  createTestDatabase,
  startTestNats,
  waitFor,
  waitForMessage,
  type TestDatabase,
} from './index.ts';
import { isRunning, toNatsOptions } from './servers.ts';

jest.setTimeout(60_000);

const databases: TestDatabase[] = [];

afterAll(async () => {
  for (const database of databases) await database.drop();
});

let migrations = 0;

async function migrate(ownerUrl: string): Promise<void> {
  migrations += 1;
  await query(ownerUrl, 'create table probe.things (name text)');
  await query(ownerUrl, 'grant select, insert on probe.things to probe_runtime');
}

async function createProbe(): Promise<TestDatabase> {
  const database = await createTestDatabase({ service: 'probe', migrate });
  databases.push(database);
  return database;
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

describe('test databases', () => {
  it('are migrated once and share nothing', async () => {
    const [one, two] = await Promise.all([createProbe(), createProbe()]);
    await query(one.runtimeUrl, `insert into probe.things values ('only here')`);
    expect(await query(one.runtimeUrl, 'select name from probe.things')).toEqual([
      { name: 'only here' },
    ]);
    expect(await query(two.runtimeUrl, 'select name from probe.things')).toEqual([]);
    expect(migrations).toBe(1);
  });

  it('let the runtime role change no table', async () => {
    const { runtimeUrl } = await createProbe();
    const attempt = query(runtimeUrl, 'alter table probe.things add column more text');
    await expect(attempt).rejects.toThrow('must be owner of table things');
  });

  it('go away although somebody is connected', async () => {
    const database = await createProbe();
    const client = new pg.Client(database.runtimeUrl);
    const errors: Error[] = [];
    client.on('error', (error) => errors.push(error));
    await client.connect();
    await database.drop();
    await waitFor(() => errors.length > 0);
    await expect(query(database.adminUrl, 'select 1')).rejects.toThrow('does not exist');
  });
});

describe('a NATS server for tests', () => {
  it('delivers a message to the one who waits for it, also after a crash', async () => {
    const nats = await startTestNats();
    try {
      nats.kill('SIGKILL');
      await nats.restart();
      const connection = await connect(toNatsOptions(nats.url));
      const waiting = waitForMessage(
        connection,
        'greetings.>',
        (message) => message.string() === 'b',
      );
      for (const text of ['a', 'b']) connection.publish('greetings.all', text);
      expect((await waiting).subject).toBe('greetings.all');
      await expect(
        waitForMessage(connection, 'silence', () => true, { timeoutMs: 20 }),
      ).rejects.toThrow('no fitting message on silence within 20 ms; 0 others came');
      await connection.close();
    } finally {
      await nats.stop();
    }
  });
});

describe('a test run that is killed', () => {
  it('leaves no server and no data behind', async () => {
    const door = (file: string) => JSON.stringify(join(import.meta.dirname, file));
    const program = `
      import { findTestPostgres } from ${door('test-postgres.ts')};
      import { startTestNats } from ${door('test-nats.ts')};
      const [postgres, nats] = await Promise.all([findTestPostgres(), startTestNats()]);
      console.log(JSON.stringify([postgres, nats.url]));
      setInterval(() => undefined, 1000);`;
    const args = ['--input-type=module-typescript', '--eval', program];
    const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'pipe', 'inherit'] });
    const urls = JSON.parse(String((await once(child.stdout, 'data'))[0])) as [string, string];
    const dataFolder = `/tmp/vedette-test-${process.getuid?.() ?? 0}-${String(child.pid)}`;
    expect(existsSync(dataFolder)).toBe(true);

    child.kill('SIGKILL');
    await once(child, 'exit');
    await waitFor(() => !existsSync(dataFolder));
    expect(isRunning(Number(child.pid))).toBe(false);
    await expect(query(urls[0], 'select 1')).rejects.toThrow('ECONNREFUSED');
    await waitFor(() =>
      connect(toNatsOptions(urls[1])).then(
        () => false,
        () => true,
      ),
    );
  });
});
