import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase, newId } from '@vedette/service-kit';
import type { DatabaseConnection, TenantScope } from '@vedette/service-kit';
import { createTestDatabase } from '@vedette/testkit';
import type { TestDatabase } from '@vedette/testkit';
import { migrateIngestion, select } from '../testing/ingestion-product.ts';
import { ensureTelemetryPartitions, purgeUndatedEvents } from './telemetry-housekeeping.ts';
import { insertTelemetry, listTelemetry, telemetryRows } from './telemetry-store.ts';
import type { NewTelemetryRow } from './telemetry-store.ts';

let server: TestDatabase;
/** As the service sees it. */
let database: DatabaseConnection;
/** As the superuser sees it. */
let behind: DatabaseConnection;

beforeAll(async () => {
  server = await createTestDatabase({ service: 'ingestion', migrate: migrateIngestion });
  const connect = (url: string) =>
    connectDatabase({
      url,
      schema: 'ingestion',
      applicationName: 'test',
      poolSize: 2,
      entities: [telemetryRows],
    });
  database = await connect(server.runtimeUrl);
  behind = await connect(server.adminUrl);
});

afterAll(async () => {
  await database.close();
  await behind.close();
  await server.drop();
});

const one = newId();
const two = newId();

function scopeOf(...customerIds: readonly string[]): TenantScope {
  return { kind: 'CUSTOMERS', customerIds };
}

function aRow(changes: Partial<NewTelemetryRow> = {}): NewTelemetryRow {
  return {
    occurredAt: new Date(),
    eventId: newId(),
    receivedAt: new Date(0),
    connectorId: newId(),
    classUid: 1007,
    activityId: 1,
    severityId: 1,
    assetId: null,
    hostName: null,
    userName: null,
    fields: '{}',
    raw: '{}',
    ...changes,
  };
}

function insert(scope: TenantScope, customerId: string, rows: readonly NewTelemetryRow[]) {
  return database.transaction(scope, (tx) => insertTelemetry(tx, customerId, rows));
}

function list(scope: TenantScope, customerId: string, limit = 100) {
  const question = { customerId, from: new Date(0), to: new Date(Date.now() + 60_000) };
  return database.transaction(scope, (tx) => listTelemetry(tx, question, { limit }));
}

describe('row-level security on telemetry', () => {
  beforeAll(async () => {
    await insert(scopeOf(one), one, [aRow()]);
    await insert(scopeOf(two), two, [aRow()]);
  });

  it('shows a customer its own rows', async () => {
    expect(await list(scopeOf(one), one)).toHaveLength(1);
  });

  it('hides the rows of others, also from a query that forgets to restrict itself', async () => {
    expect(await list(scopeOf(two), one)).toEqual([]);
    const all: { customer_id: string }[] = await database.transaction(scopeOf(two), (tx) =>
      tx.query('select customer_id from telemetry_events'),
    );
    expect(all.map((row) => row.customer_id)).toEqual([two]);
  });

  it('refuses rows of others', async () => {
    await expect(insert(scopeOf(two), one, [aRow()])).rejects.toThrow('row-level security');
  });

  it('shows nothing and takes nothing where no scope is set', async () => {
    const tables = [
      'customers',
      'connectors',
      'sensor_keys',
      'assets',
      'idempotency_keys',
      'telemetry_events',
      'undated_events',
    ];
    await behind.infrastructure((tx) =>
      tx.query(`insert into customers values ('${one}', '${newId()}', 1)`),
    );
    for (const table of tables) {
      const rows: unknown[] = await database.infrastructure((tx) => tx.query(`select from ${table}`));
      expect([table, rows]).toEqual([table, []]);
    }
    await expect(insert(scopeOf(), one, [aRow()])).rejects.toThrow('row-level security');
  });

  it('is not passed by at a partition', async () => {
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '');
    for (const partition of ['telemetry_events_default', `telemetry_events_${today}`]) {
      const read = database.transaction({ kind: 'OPERATOR' }, (tx) =>
        tx.query(`select from ${partition}`),
      );
      await expect(read).rejects.toThrow('permission denied');
      const write = database.transaction(scopeOf(one), (tx) =>
        tx.query(`insert into ${partition} select * from telemetry_events`),
      );
      await expect(write).rejects.toThrow('permission denied');
    }
  });

  it('is forced on every table that holds customer data, and the runtime role owns none', async () => {
    const exceptions = ['migrations', 'outbox', 'inbox', 'dead_letters'];
    const tables = await select<Readonly<Record<string, unknown>>>(
      behind,
      `select c.relname as name, c.relrowsecurity and c.relforcerowsecurity as is_forced,
              pg_get_userbyid(c.relowner) as owner,
              exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'customer_id')
                as has_customer,
              (select bool_and(p.polqual is not null and p.polwithcheck is not null)
               from pg_policy p where p.polrelid = c.oid) as is_checked
       from pg_class c
       where c.relnamespace = 'ingestion'::regnamespace and c.relkind in ('r', 'p')
         and not c.relispartition and c.relname <> all ($1)`,
      [exceptions],
    );
    expect(tables.length).toBeGreaterThan(5);
    for (const { name, ...facts } of tables) {
      expect({ name, ...facts }).toEqual({
        name,
        is_forced: true,
        owner: 'ingestion_owner',
        has_customer: true,
        is_checked: true,
      });
    }
  });
});

describe('partitions', () => {
  const partitionOf = async (customerId: string) => {
    const sql = 'select tableoid::regclass::text as name from telemetry_events where customer_id = $1';
    const rows = await select<{ name: string }>(behind, sql, [customerId]);
    return rows.map(({ name }) => name.replace('ingestion.', ''));
  };
  const ensure = (from: string, to: string) =>
    database.infrastructure((tx) =>
      tx.query('select ensure_telemetry_partitions($1, $2) as created', [from, to]),
    );

  it('hold a day by UTC each', async () => {
    const customer = newId();
    await ensure('2026-03-01', '2026-03-02');
    await insert(scopeOf(customer), customer, [aRow({ occurredAt: new Date('2026-03-01T23:59:59.999Z') })]);
    await insert(scopeOf(customer), customer, [aRow({ occurredAt: new Date('2026-03-02T00:00:00Z') })]);
    expect((await partitionOf(customer)).toSorted()).toEqual([
      'telemetry_events_20260301',
      'telemetry_events_20260302',
    ]);
  });

  it('take over what came before they were made', async () => {
    const customer = newId();
    const row = aRow({ occurredAt: new Date('2024-02-29T12:00:00Z') });
    await insert(scopeOf(customer), customer, [row]);
    expect(await partitionOf(customer)).toEqual(['telemetry_events_default']);
    await ensure('2024-02-28', '2024-03-01');
    expect(await partitionOf(customer)).toEqual(['telemetry_events_20240229']);
    await insert(scopeOf(customer), customer, [row]);
    expect(await partitionOf(customer)).toHaveLength(1);
  });

  it('are made once, by whoever comes first', async () => {
    const made = await Promise.all([1, 2].map(() => ensure('2024-05-01', '2024-05-03')));
    const counts = (made as [{ created: number }][]).map(([{ created }]) => created);
    expect(counts.toSorted()).toEqual([0, 3]);
    await ensureTelemetryPartitions(database, new Date());
  });

  it('are not made without bounds, nor tables by anybody else', async () => {
    await expect(ensure('2024-01-01', '2026-01-01')).rejects.toThrow('must span');
    await expect(ensure('2024-01-02', '2024-01-01')).rejects.toThrow('must span');
    const create = database.infrastructure((tx) => tx.query('create table mine (id int)'));
    await expect(create).rejects.toThrow('permission denied');
  });
});

describe('housekeeping', () => {
  it('forgets undated events after a day', async () => {
    const customer = newId();
    const old = new Date(Date.now() - 25 * 3_600_000);
    const now = new Date();
    await insert(scopeOf(customer), customer, [
      aRow({ occurredAt: old, receivedAt: old }),
      aRow({ occurredAt: now, receivedAt: now }),
    ]);
    await purgeUndatedEvents(database);
    const rows = await select(behind, 'select from undated_events where customer_id = $1', [customer]);
    expect(rows).toHaveLength(1);
  });
});
