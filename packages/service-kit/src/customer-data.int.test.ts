import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@vedette/testkit';
import type { TestDatabase } from '@vedette/testkit';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { allowPurge, deleteCustomerRows, readCustomerRows } from './customer-data.ts';
import type { CustomerTable } from './customer-data.ts';
import { connectDatabase } from './database.ts';
import type { Database, DatabaseConnection } from './database.ts';
import { InvalidInputError, UnavailableError } from './errors.ts';
import { exportCustomer, removeExports } from './export-store.ts';
import { newId } from './ids.ts';
import { migrate, protectByCustomer } from './migrate.ts';

/** A table with partitions, and one whose columns are named like words of the statements. */
class CreateThings implements MigrationInterface {
  readonly name = 'CreateThings20260101120000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table purged_customers (customer_id uuid primary key)');
    await runner.query('grant select, insert on purged_customers to kit_runtime');
    await runner.query(`create table things (customer_id uuid, at timestamptz, thing_id uuid, text text,
      primary key (customer_id, at, thing_id)) partition by range (at)`);
    await runner.query(`create table things_early partition of things
      for values from (minvalue) to ('2026-02-01')`);
    await runner.query('create table things_default partition of things default');
    await runner.query(
      'create table odd (customer_id uuid, key text, sealed text, primary key (customer_id, key))',
    );
    for (const table of ['things', 'odd']) {
      await protectByCustomer(runner, table);
      await runner.query(`grant select, insert on ${table} to kit_runtime`);
    }
    await allowPurge(runner, ['things', 'odd']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table odd, things, purged_customers');
  }
}

const things: CustomerTable = { name: 'things', key: ['customer_id', 'at', 'thing_id'] };
const odd: CustomerTable = { name: 'odd', key: ['customer_id', 'key'], secret: ['sealed'] };

let server: TestDatabase;
let database: DatabaseConnection;
let exportsDir: string;

beforeAll(async () => {
  server = await createTestDatabase({
    service: 'kit',
    migrate: (ownerUrl) => migrate({ ownerUrl, schema: 'kit', migrations: [CreateThings] }),
  });
  database = await connectDatabase({
    url: server.runtimeUrl,
    schema: 'kit',
    applicationName: 'test',
    poolSize: 2,
    entities: [],
  });
  exportsDir = await mkdtemp(join(tmpdir(), 'vedette-test-exports-'));
});

afterAll(async () => {
  await database.close();
  await server.drop();
  await rm(exportsDir, { recursive: true, force: true });
});

/** Things a few microseconds apart, around the border between two partitions. */
async function addThings(customerId: string, count: number, text = 'a text'): Promise<void> {
  await ownedBy(customerId, (tx) =>
    tx.query(
      `insert into things select $1, timestamptz '2026-02-01' + (n - $2::int / 2) * interval '3 microseconds',
         gen_random_uuid(), $3 from generate_series(1, $2::int) n`,
      [customerId, count, text],
    ),
  );
}

function ownedBy<T>(
  customerId: string,
  work: Parameters<typeof database.transaction<T>>[1],
): Promise<T> {
  return database.transaction({ kind: 'CUSTOMERS', customerIds: [customerId] }, work);
}

async function countThings(customerId: string): Promise<number> {
  const [row] = await ownedBy(customerId, (tx) =>
    tx.query<{ n: number }[]>('select count(*)::int as n from things'),
  );
  return row?.n ?? -1;
}

async function markPurged(customerId: string): Promise<void> {
  const sql = 'insert into purged_customers values ($1)';
  await database.infrastructure((tx) => tx.query(sql, [customerId]));
}

describe("a customer's rows", () => {
  it('are read one by one, in batches, and nobody else is among them', async () => {
    const [mine, other] = [newId(), newId()];
    await addThings(mine, 2_500);
    await addThings(other, 10);
    const batches: number[] = [];
    const ids = new Set<unknown>();
    for await (const batch of readCustomerRows(database, [things, odd], mine)) {
      batches.push(batch.length);
      for (const { json } of batch) {
        const row = JSON.parse(json) as Readonly<Record<string, unknown>>;
        expect(row['customer_id']).toBe(mine);
        ids.add(row['thing_id']);
      }
    }
    expect(batches).toEqual([1_000, 1_000, 500]);
    expect(ids.size).toBe(2_500);
  });

  it('are read in smaller batches when they are large', async () => {
    const mine = newId();
    await addThings(mine, 7, 'x'.repeat(3 * 1024 * 1024));
    const batches: number[] = [];
    for await (const batch of readCustomerRows(database, [things], mine))
      batches.push(batch.length);
    expect(batches).toEqual([3, 3, 1]);
  });

  it('cannot be deleted before the customer is marked as purged', async () => {
    const mine = newId();
    await addThings(mine, 3);
    const sql = 'delete from things where customer_id = $1';
    expect(await ownedBy(mine, (tx) => tx.query(sql, [mine]))).toEqual([[], 0]);
    expect(await countThings(mine)).toBe(3);
  });

  it('are deleted to the last, after an interruption too, and each is counted once', async () => {
    const [mine, other] = [newId(), newId()];
    await addThings(mine, 4_500);
    await addThings(other, 10);
    await markPurged(mine);
    let counted = 0;
    let batches = 0;
    const dying: Database = {
      ...database,
      transaction: (scope, work) =>
        batches === 1
          ? Promise.reject(new UnavailableError('postgres'))
          : database.transaction(scope, work),
    };
    const note = async (_: unknown, rows: number): Promise<void> => {
      counted += rows;
      batches += 1;
    };
    await expect(deleteCustomerRows(dying, things, mine, note)).rejects.toThrow(UnavailableError);
    expect(counted).toBe(2_000);
    await deleteCustomerRows(database, things, mine, note);
    await deleteCustomerRows(database, things, mine, note);
    expect([counted, batches]).toEqual([4_500, 3]);
    expect(await countThings(mine)).toBe(0);
    expect(await countThings(other)).toBe(10);
  });
});

describe('an export', () => {
  it('is a file with a line for each row, without its secrets, and has its digest', async () => {
    const place = { exportsDir, customerId: newId(), exportId: newId(), service: 'kit' };
    await addThings(place.customerId, 2);
    await ownedBy(place.customerId, (tx) =>
      tx.query('insert into odd values ($1, $2, $3)', [place.customerId, 'ä\n"', 'hidden']),
    );
    const file = await exportCustomer(database, [odd, things], place);
    const path = join(exportsDir, place.customerId, place.exportId, 'kit.ndjson.gz');
    const bytes = await readFile(path);
    expect(file).toEqual({
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.byteLength,
      rows: 3,
    });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const [first, ...lines] = gunzipSync(bytes).toString().trimEnd().split('\n');
    expect(JSON.parse(first ?? '')).toEqual({
      table: 'odd',
      row: { customer_id: place.customerId, key: 'ä\n"' },
    });
    expect(lines).toHaveLength(2);
  });

  it('of a customer without rows is an empty file', async () => {
    const place = { exportsDir, customerId: newId(), exportId: newId(), service: 'kit' };
    expect(await exportCustomer(database, [things], place)).toMatchObject({ rows: 0 });
  });

  it('that is cut short has no name, and the next attempt leaves nothing of it', async () => {
    const place = { exportsDir, customerId: newId(), exportId: newId(), service: 'kit' };
    const folder = join(exportsDir, place.customerId, place.exportId);
    await addThings(place.customerId, 1);
    const dying: Database = {
      ...database,
      transaction: () => Promise.reject(new UnavailableError('postgres')),
    };
    await expect(exportCustomer(dying, [things], place)).rejects.toThrow(UnavailableError);
    expect(await readdir(folder)).not.toContain('kit.ndjson.gz');
    expect(await readdir(folder)).toHaveLength(1);
    await exportCustomer(database, [things], place);
    expect(await readdir(folder)).toEqual(['kit.ndjson.gz']);
  });

  it('waits for a store that cannot be written', async () => {
    const file = join(exportsDir, 'no-folder');
    await writeFile(file, '');
    const place = { exportsDir: file, customerId: newId(), exportId: newId(), service: 'kit' };
    await expect(exportCustomer(database, [], place)).rejects.toThrow(UnavailableError);
  });

  it.each(['../elsewhere', '', 'x'])('never leaves the store, as for %j', async (exportId) => {
    const place = { exportsDir, customerId: newId(), exportId, service: 'kit' };
    await expect(exportCustomer(database, [], place)).rejects.toThrow(InvalidInputError);
  });

  it("is removed with its customer, and other services' files stay", async () => {
    const customerId = newId();
    const [first, second] = [newId(), newId()];
    for (const exportId of [first, second]) {
      const place = { exportsDir, customerId, exportId, service: 'kit' };
      await exportCustomer(database, [], place);
    }
    const folder = join(exportsDir, customerId);
    await mkdir(join(folder, second), { recursive: true });
    await writeFile(join(folder, second, 'other.ndjson.gz'), '');
    await removeExports({ exportsDir, customerId, service: 'kit' });
    expect(await readdir(folder)).toEqual([second]);
    expect(await readdir(join(folder, second))).toEqual(['other.ndjson.gz']);
    await removeExports({ exportsDir, customerId, service: 'other' });
    await removeExports({ exportsDir, customerId, service: 'other' });
    expect(await readdir(exportsDir)).not.toContain(customerId);
  });
});
