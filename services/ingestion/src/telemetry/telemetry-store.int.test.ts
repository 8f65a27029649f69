import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import type { DatabaseConnection, Position, TenantScope } from '@vedette/service-kit';
import { aTelemetryRow as aRow, scopeOf, startTestHistory } from '../testing/history-database.ts';
import type { TestHistory } from '../testing/history-database.ts';
import { ensureTelemetryPartitions, purgeUndatedEvents } from './telemetry-housekeeping.ts';
import { insertTelemetry, listTelemetry } from './telemetry-store.ts';
import type { NewTelemetryRow } from './telemetry-store.ts';

let history: TestHistory;
/** As the service sees it. */
let database: DatabaseConnection;

beforeAll(async () => {
  history = await startTestHistory();
  ({ database } = history);
});

afterAll(() => history.stop());

const one = newId();

function insert(scope: TenantScope, customerId: string, rows: readonly NewTelemetryRow[]) {
  return database.transaction(scope, (tx) => insertTelemetry(tx, customerId, rows));
}

function list(customerId: string, after?: Position<['TIME', 'ID']>) {
  const question = { customerId, from: new Date(0), to: new Date() };
  return database.transaction(scopeOf(customerId), (tx) =>
    listTelemetry(tx, question, { limit: 1, ...(after ? { after } : {}) }),
  );
}

function select<Row>(sql: string, parameters: readonly unknown[]): Promise<readonly Row[]> {
  return history.select(sql, parameters);
}

describe('a partition', () => {
  it('gives the runtime role no way past the policy of its parent', async () => {
    await insert(scopeOf(one), one, [aRow()]);
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
});

describe('an event', () => {
  it('is stored as it came, whatever stands in it', async () => {
    const customer = newId();
    const hostile = [
      '\x1e0\x1f',
      '\x1e',
      '0\x1f',
      '',
      '{"a":"\\\\"}',
      'NULL',
      '"',
      '{}',
      ',',
      '\x1e1\x1f\x1e0\x1f',
    ];
    const rows = hostile.map((raw, n) =>
      aRow({ raw, occurredAt: new Date(1_000 + n), fields: JSON.stringify({ CommandLine: raw }) }),
    );
    await insert(scopeOf(customer), customer, rows);
    await insert(scopeOf(customer), customer, rows);
    for (const row of [aRow({ raw: '' }), aRow({ raw: 'alone' })]) {
      await insert(scopeOf(customer), customer, [row]);
    }
    const stored = await select<{ raw: string; line: string }>(
      `select raw, fields ->> 'CommandLine' as line from telemetry_events
       where customer_id = $1 order by occurred_at, raw`,
      [customer],
    );
    expect(stored.map(({ raw }) => raw)).toEqual([...hostile, '', 'alone']);
    expect(stored.slice(0, hostile.length).map(({ line }) => line)).toEqual(hostile);
  });
});

describe('a list of telemetry', () => {
  it('is one customer, latest first, and goes on after any of its places', async () => {
    const customer = newId();
    const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
    const rows = [3, 1, 2, 2].map((minute) => aRow({ occurredAt: at(minute) }));
    await insert(scopeOf(customer), customer, rows);
    const seen: string[] = [];
    let after: Position<['TIME', 'ID']> | undefined;
    for (let page = 0; page < 5; page += 1) {
      const [row] = (await list(customer, after)).rows;
      if (!row) break;
      seen.push(row.eventId);
      after = [row.occurredAt, row.eventId];
    }
    const expected = rows
      .toSorted(
        (a, b) =>
          b.occurredAt.getTime() - a.occurredAt.getTime() || (a.eventId < b.eventId ? 1 : -1),
      )
      .map((row) => row.eventId);
    expect(seen).toEqual(expected);
  });
});

describe('partitions', () => {
  const partitionOf = async (customerId: string) => {
    const sql =
      'select tableoid::regclass::text as name from telemetry_events where customer_id = $1';
    const rows = await select<{ name: string }>(sql, [customerId]);
    return rows.map(({ name }) => name.replace('ingestion.', ''));
  };
  const ensure = (from: string, to: string) =>
    database.infrastructure((tx) =>
      tx.query('select ensure_telemetry_partitions($1, $2) as created', [from, to]),
    );

  it('hold a day by UTC each', async () => {
    const customer = newId();
    await ensure('2026-03-01', '2026-03-02');
    await insert(scopeOf(customer), customer, [
      aRow({ occurredAt: new Date('2026-03-01T23:59:59.999Z') }),
    ]);
    await insert(scopeOf(customer), customer, [
      aRow({ occurredAt: new Date('2026-03-02T00:00:00Z') }),
    ]);
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
    const rows = await select('select from undated_events where customer_id = $1', [customer]);
    expect(rows).toHaveLength(1);
  });
});
