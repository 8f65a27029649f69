import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TestDatabase } from '@vedette/testkit';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { migrate } from './migrate.ts';
import { createEmptyKitDatabase, query } from './testing/kit-database.ts';
import { CreateNotes, IndexNotes } from './testing/probe-migrations.ts';

let postgres: TestDatabase;

beforeAll(async () => {
  postgres = await createEmptyKitDatabase();
});
afterEach(async () => {
  await postgres.drop();
  postgres = await createEmptyKitDatabase();
});
afterAll(() => postgres.drop());

/** Migrates in a process of its own, as each replica of a service does. */
async function migrateElsewhere(): Promise<{ code: number; problems: string }> {
  const door = (file: string): string => JSON.stringify(join(import.meta.dirname, file));
  const program = `
    import { migrate } from ${door('migrate.ts')};
    import { CreateNotes, IndexNotes } from ${door('testing/probe-migrations.ts')};
    const ownerUrl = ${JSON.stringify(postgres.ownerUrl)};
    await migrate({ ownerUrl, schema: 'kit', migrations: [IndexNotes, CreateNotes] });`;
  const args = ['--input-type=module-typescript', '--eval', program];
  const child = spawn(process.execPath, args, { env: {}, stdio: ['ignore', 'ignore', 'pipe'] });
  const [problems, [code]] = await Promise.all([
    text(child.stderr),
    once(child, 'exit') as Promise<[number]>,
  ]);
  return { code, problems };
}

async function applied(): Promise<string[]> {
  const sql = 'select name from kit.migrations order by id';
  return (await query<{ name: string }>(postgres.ownerUrl, sql)).map(({ name }) => name);
}

class Fails implements MigrationInterface {
  readonly name = 'Fails20260103120000';
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table half (n int)');
    await runner.query('create table half (n int)');
  }
  async down(): Promise<void> {
    // Nothing of it stays.
  }
}

describe('migrations', () => {
  it('are applied in order and once, however often', async () => {
    const options = { ownerUrl: postgres.ownerUrl, schema: 'kit' };
    await migrate({ ...options, migrations: [IndexNotes, CreateNotes] });
    await migrate({ ...options, migrations: [IndexNotes, CreateNotes] });
    expect(await applied()).toEqual(['CreateNotes20260101120000', 'IndexNotes20260102120000']);
  });

  it('are applied once by four processes that begin at the same time', async () => {
    const outcomes = await Promise.all(Array.from({ length: 4 }, migrateElsewhere));
    expect(outcomes.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
    expect(await applied()).toEqual(['CreateNotes20260101120000', 'IndexNotes20260102120000']);
    const invalid = 'select indexrelid::regclass from pg_index where not indisvalid';
    expect(await query(postgres.adminUrl, invalid)).toEqual([]);
  });

  it('leave nothing of one that fails, and keep those before it', async () => {
    const options = { ownerUrl: postgres.ownerUrl, schema: 'kit' };
    const failing = migrate({ ...options, migrations: [CreateNotes, Fails] });
    await expect(failing).rejects.toThrow('already exists');
    expect(await applied()).toEqual(['CreateNotes20260101120000']);
    const tables = `select tablename from pg_tables where schemaname = 'kit' and tablename = 'half'`;
    expect(await query(postgres.adminUrl, tables)).toEqual([]);
    await migrate({ ...options, migrations: [CreateNotes, IndexNotes] });
    expect(await applied()).toHaveLength(2);
  });

  it('leave no connection open', async () => {
    await migrate({ ownerUrl: postgres.ownerUrl, schema: 'kit', migrations: [CreateNotes] });
    const sql = 'select 1 from pg_stat_activity where usename = $1 and datname = $2';
    expect(await query(postgres.adminUrl, sql, ['kit_owner', postgres.name])).toEqual([]);
  });
});

describe('a protected table', () => {
  it('is under forced row-level security, with one rule for reading and writing', async () => {
    await migrate({ ownerUrl: postgres.ownerUrl, schema: 'kit', migrations: [CreateNotes] });
    const tables = `select relname, relrowsecurity, relforcerowsecurity from pg_class
      where relnamespace = 'kit'::regnamespace and relname in ('notes', 'plans') order by relname`;
    expect(await query(postgres.adminUrl, tables)).toEqual([
      { relname: 'notes', relrowsecurity: true, relforcerowsecurity: true },
      { relname: 'plans', relrowsecurity: true, relforcerowsecurity: true },
    ]);
    const policies = `select tablename, cmd, qual = with_check as same from pg_policies order by tablename`;
    expect(await query(postgres.adminUrl, policies)).toEqual([
      { tablename: 'notes', cmd: 'ALL', same: true },
      { tablename: 'plans', cmd: 'ALL', same: true },
    ]);
  });
});
