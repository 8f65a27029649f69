import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { purgeCustomer } from '@vedette/event-bus';
import type { CustomerData } from '@vedette/event-bus';
import { newId, UnavailableError } from '@vedette/service-kit';
import type { Database } from '@vedette/service-kit';
import type { RedeliveredEvent } from './redelivery-suite.ts';
import type { ProtectedTable, RowOwner } from './row-security-suite.ts';
import type { TestService } from './subgraph-client.ts';
import { waitFor } from './wait-for.ts';

export interface CustomerLeavingSuite {
  /** The list that the service's own export and purge go by. */
  readonly data: CustomerData;
  /** The service with its relay and all of its consumers running. */
  readonly service: () => TestService;
  readonly exportsDir: () => string;
  /** Tables with customers' rows that outlive their customer, each with the reason. */
  readonly kept?: Readonly<Record<string, string>>;
  /** A whole row of each listed table, parents before children. */
  readonly rows: readonly ProtectedTable[];
  /** Events of which the service's consumers make rows; new ones at each call. */
  readonly news: (owner: RowOwner) => readonly RedeliveredEvent[];
  /** What tenancy asks. */
  readonly exportRequested: (owner: RowOwner, exportId: string) => RedeliveredEvent;
  readonly purgeRequested: (owner: RowOwner, purgeId: string) => RedeliveredEvent;
  /** Reads an event of the service's own stream. */
  readonly decode: (payload: Uint8Array) => { readonly event: Readonly<Receipt> };
}

interface Receipt {
  readonly case?: string | undefined;
  readonly value?: unknown;
}

interface ExportLine {
  readonly table: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** Columns that hold what proves an identity or seals something, whoever forgot to say so. */
const secretName = /secret|sha256|digest|sealed|cipher|password|credential|private/;

/**
 * A customer leaves, as tests: its export is whole and holds nobody else's rows, its purge leaves
 * nothing, is answered once, survives being cut short, touches nobody else, and nothing comes back.
 * Fails for a table with customers' rows that is in neither list, so that no later table is forgotten.
 */
export function describeCustomerLeaving(suite: CustomerLeavingSuite): void {
  const leaving: RowOwner = { customerId: newId(), providerId: newId() };
  const staying: RowOwner = { customerId: newId(), providerId: newId() };
  const { tables } = suite.data;

  describe(`a customer that leaves ${suite.data.service}`, () => {
    let before: Readonly<Record<string, number>>;
    let others: Readonly<Record<string, number>>;
    beforeAll(async () => {
      for (const owner of [leaving, staying]) await fill(suite, owner);
      before = await countRows(suite, leaving);
      others = await countRows(suite, staying);
      for (const { name } of tables) expect([name, before[name]]).not.toEqual([name, 0]);
    });

    it('is known in no table that is not in the list of those to purge, or of those kept', async () => {
      const listed = [...tables.map(({ name }) => name), ...Object.keys(suite.kept ?? {})];
      expect(await listTablesWithCustomers(suite)).toEqual(listed.toSorted());
      expect(Object.values(suite.kept ?? {})).not.toContain('');
      for (const { name, key } of tables) {
        expect([name, ...key]).toEqual([name, ...(await readPrimaryKey(suite, name))]);
      }
    });

    it('gets a file with all of its rows, no secret, and nothing of anybody else', async () => {
      const exportId = newId();
      const asked = suite.exportRequested(leaving, exportId);
      await send(suite, [asked, asked]);
      const [receipt, ...more] = await readReceipts(suite, leaving, 'customer_exported');
      expect(more).toEqual([]);
      const file = await readFile(join(folderOf(suite, leaving), exportId, fileName(suite)));
      const lines = readLines(file);
      expect(receipt).toMatchObject({
        case: 'customerExported',
        value: {
          ...{ exportId, service: suite.data.service },
          sha256: createHash('sha256').update(file).digest('hex'),
          ...{ bytes: BigInt(file.byteLength), rows: BigInt(lines.length) },
        },
      });
      expect(countLines(lines, tables)).toEqual(before);
      const columns = new Set(lines.flatMap(({ row }) => Object.keys(row)));
      expect([...columns].filter((column) => secretName.test(column))).toEqual([]);
      for (const { name, secret = [] } of tables) {
        const shown = lines.filter(({ table }) => table === name).map(({ row }) => row);
        for (const column of secret) expect(shown.some((row) => column in row)).toBe(false);
      }
      expect(new Set(lines.map(({ row }) => row['customer_id']))).toEqual(
        new Set([leaving.customerId]),
      );
    });

    it('can have its purge cut short at any point', async () => {
      const database = await suite.service().connect([]);
      const { bus } = suite.service();
      for (const steps of [0, 1, tables.length]) {
        const surroundings = { bus, exportsDir: suite.exportsDir(), ...failAfter(database, steps) };
        await expect(purgeCustomer(suite.data, leaving.customerId, surroundings)).rejects.toThrow(
          UnavailableError,
        );
      }
    });

    it('is purged once, however often that is asked for, with all that was counted', async () => {
      const purgeId = newId();
      const asked = suite.purgeRequested(leaving, purgeId);
      await send(suite, [asked, asked]);
      const [receipt, ...more] = await readReceipts(suite, leaving, 'customer_purged');
      expect(more).toEqual([]);
      const rows = Object.values(before).reduce((sum, count) => sum + count, 0);
      expect(receipt).toMatchObject({
        case: 'customerPurged',
        value: { purgeId, service: suite.data.service, rows: BigInt(rows) },
      });
      const { messages } = (receipt?.value ?? {}) as { readonly messages?: bigint };
      expect(messages).toBeGreaterThan(0n);
    });

    it('leaves nothing behind but its id and the receipt', async () => {
      expect(await findTraces(suite, leaving)).toEqual(['outbox: 1', 'purged_customers: 1']);
    });

    it('takes nothing of another customer along', async () => {
      expect(await countRows(suite, staying)).toEqual(others);
    });

    it('does not come back with messages that were still under way', async () => {
      const news = suite.news(leaving);
      const broken = news.map((event) => ({ ...event, payload: Buffer.from('not an event') }));
      await send(suite, [...news, ...broken]);
      expect(await findTraces(suite, leaving)).toEqual(['outbox: 1', 'purged_customers: 1']);
    });

    it('is answered again when another purge is asked for, and that changes nothing', async () => {
      const purgeId = newId();
      await send(suite, [suite.purgeRequested(leaving, purgeId)]);
      const receipts = await readReceipts(suite, leaving, 'customer_purged');
      expect(receipts.map(({ value }) => (value as { purgeId: string }).purgeId)).toContain(
        purgeId,
      );
      expect(await findTraces(suite, leaving)).toEqual(['outbox: 2', 'purged_customers: 1']);
    });
  });
}

/** A row in each table, rows that consumers make, and what they have told and could not read. */
async function fill(suite: CustomerLeavingSuite, owner: RowOwner): Promise<void> {
  const { select } = suite.service();
  for (const { name, row } of suite.rows) {
    const values = row(owner);
    const places = Object.keys(values).map((_, n) => `$${n + 1}`);
    await select(
      `insert into ${name} (${Object.keys(values).join(', ')}) values (${places.join(', ')})`,
      Object.values(values),
    );
  }
  const news = suite.news(owner);
  const broken = news.map((event) => ({ ...event, payload: Buffer.from('not an event') }));
  await send(suite, [...news, ...broken]);
  const letters = await select(`select 1 from dead_letters where subject like '%.' || $1`, [
    owner.customerId,
  ]);
  expect(letters.length).toBeGreaterThan(0);
}

/** Publishes events and waits until every consumer of the service has dealt with them. */
async function send(
  { service, data }: CustomerLeavingSuite,
  events: readonly RedeliveredEvent[],
): Promise<void> {
  const { client, manager } = service().bus;
  for (const { stream, subject, payload } of events) {
    // Without a message id, so that the stream cannot drop a second one.
    await client.publish(subject, payload, { expect: { streamName: stream } });
  }
  for (const stream of new Set(events.map((event) => event.stream))) {
    await waitFor(
      async () => {
        for await (const info of manager.consumers.list(stream)) {
          if (!info.name.startsWith(`${data.service}-`)) continue;
          if (info.num_pending + info.num_ack_pending > 0) return false;
        }
        return true;
      },
      { timeoutMs: 60_000 },
    );
  }
  // What the handlers told is on its stream, too.
  const unpublished = 'select 1 from outbox where published_at is null';
  await waitFor(async () => (await service().select(unpublished)).length === 0);
}

/** Rows of a customer, by listed table. */
async function countRows(
  { service, data }: CustomerLeavingSuite,
  { customerId }: RowOwner,
): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for (const { name } of data.tables) {
    const sql = `select count(*)::int as n from ${name} where customer_id = $1`;
    const [row] = await service().select<{ n: number }>(sql, [customerId]);
    counts[name] = row?.n ?? 0;
  }
  return counts;
}

async function listTablesWithCustomers(suite: CustomerLeavingSuite): Promise<readonly string[]> {
  const rows = await suite.service().select<{ name: string }>(
    `select distinct coalesce(pg_partition_root(c.oid), c.oid)::regclass::text as name
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'customer_id'
     where c.relnamespace = $1::regnamespace and c.relkind in ('r', 'p', 'm')
       and not a.attisdropped and c.relname <> 'purged_customers'`,
    [suite.data.service],
  );
  return rows.map(({ name }) => name).toSorted();
}

async function readPrimaryKey(suite: CustomerLeavingSuite, table: string): Promise<string[]> {
  const rows = await suite.service().select<{ name: string }>(
    `select a.attname as name
     from pg_index i cross join unnest(i.indkey) with ordinality as k (attnum, n)
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
     where i.indrelid = $1::regclass and i.indisprimary order by k.n`,
    [table],
  );
  return rows.map(({ name }) => name);
}

/** Receipts to a customer that the service has published, oldest first. */
async function readReceipts(
  suite: CustomerLeavingSuite,
  { customerId }: RowOwner,
  event: string,
): Promise<readonly Receipt[]> {
  const rows = await suite
    .service()
    .select<{ payload: Buffer }>(
      `select payload from outbox where subject like $1 and published_at is not null order by position`,
      [`vedette.${suite.data.service}.${event}.%.${customerId}`],
    );
  return rows.map(({ payload }) => suite.decode(payload).event);
}

/** Where anything of a customer is found, receipts of its purge on the stream left out. */
async function findTraces(suite: CustomerLeavingSuite, owner: RowOwner): Promise<string[]> {
  const { customerId } = owner;
  const { select, bus } = suite.service();
  const traces: string[] = [];
  const tables = await select<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = $1::regnamespace and relkind in ('r', 'p') and not relispartition`,
    [suite.data.service],
  );
  for (const { name } of tables) {
    const sql = `select count(*)::int as n from ${name} t where t::text like '%' || $1 || '%'`;
    const [row] = await select<{ n: number }>(sql, [customerId]);
    if (row && row.n > 0) traces.push(`${name}: ${row.n}`);
  }
  for (const { stream, subjectsOf } of suite.data.messages) {
    const filter = { subjects_filter: subjectsOf(customerId) };
    const { state } = await bus.manager.streams.info(stream, filter);
    traces.push(
      ...Object.keys(state.subjects ?? {}).filter(
        (subject) => subject.split('.')[2] !== 'customer_purged',
      ),
    );
  }
  const files = await readdir(folderOf(suite, owner), { recursive: true }).catch(() => []);
  return [...traces, ...files].toSorted();
}

/** A database that goes away after some transactions with rows of customers. */
function failAfter(database: Database, transactions: number): { readonly database: Database } {
  let left = transactions;
  return {
    database: {
      infrastructure: (work) => database.infrastructure(work),
      transaction: (scope, work) => {
        left -= 1;
        if (left < 0) return Promise.reject(new UnavailableError('postgres'));
        return database.transaction(scope, work);
      },
    },
  };
}

function folderOf(suite: CustomerLeavingSuite, { customerId }: RowOwner): string {
  return join(suite.exportsDir(), customerId);
}

function fileName({ data }: CustomerLeavingSuite): string {
  return `${data.service}.ndjson.gz`;
}

function readLines(file: Buffer): readonly ExportLine[] {
  const text = gunzipSync(file).toString('utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ExportLine);
}

function countLines(
  lines: readonly ExportLine[],
  tables: CustomerData['tables'],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    tables.map(({ name }) => [name, lines.filter(({ table }) => table === name).length]),
  );
}
