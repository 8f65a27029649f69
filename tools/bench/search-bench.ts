import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import {
  ensureTelemetryPartitions,
  historyMigrations,
  indexTelemetryTexts,
  insertTelemetry,
  listTelemetry,
  telemetryRows,
} from '@vedette/ingestion/history';
import type { TelemetryQuestion } from '@vedette/ingestion/history';
import { connectDatabase, migrate, provisionService } from '@vedette/service-kit';
import type { DatabaseConnection } from '@vedette/service-kit';
import { findFreePort, startPostgres } from '@vedette/testkit/servers';
import { toLatencies } from './bench-stack.ts';
import type { Latencies } from './bench-stack.ts';
import { batchRows, fillStatement, hostOf, hosts, assetOf, textsToFind } from './search-events.ts';

export interface SearchFigures {
  readonly events: number;
  readonly eventsPerDay: number;
  readonly fill: { readonly seconds: number };
  /** Free-text indexes, built on slots of four hours after they have ended. */
  readonly index: { readonly slots: number; readonly rowsPerSecond: number };
  /** The writer's statement, with row-level security, 500 rows each, three at a time. */
  readonly insert: { readonly rowsPerSecond: number; readonly seconds: number };
  readonly search: Readonly<Record<string, Latencies>>;
  readonly bytesPerEvent: Readonly<Record<string, number>>;
}

export interface SearchOptions {
  /** How long writing is measured, and each kind of search at most. */
  readonly seconds: number;
}

const customerId = '0197c000-0000-7000-8000-000000000001';
const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
const eventsInHistory = 5_000_000;
const eventsPerDay = 500_000;
const dayMs = 86_400_000;
const hourMs = 3_600_000;
const slotMs = 4 * hourMs;
/** Few enough that what a statement makes fits into its memory. */
const rowsPerFill = 5_000;
const searches = 200;

/** Telemetry history alone: one customer with 500,000 events a day. Only PostgreSQL is started. */
export async function benchSearch(
  _root: string,
  onProgress: (message: string) => void,
  { seconds }: SearchOptions,
): Promise<SearchFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-bench-search-'));
  const server = await startPostgres({
    dataDir: join(folder, 'postgres'),
    port: await findFreePort(),
  });
  try {
    const { database, admin } = await prepare(server.adminUrl);
    try {
      return await measure({ database, admin, onProgress, events: eventsInHistory, seconds });
    } finally {
      await database.close();
      await admin.end();
    }
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The history as the service would have it, seen by the runtime role and by the superuser. */
async function prepare(
  adminUrl: string,
): Promise<{ readonly database: DatabaseConnection; readonly admin: pg.Client }> {
  const passwords = { ownerPassword: 'owner', runtimePassword: 'runtime' };
  await provisionService({ adminUrl, service: 'ingestion', ...passwords });
  const as = (role: string): string => {
    const url = new URL(adminUrl);
    url.username = `ingestion_${role}`;
    url.password = role;
    return url.href;
  };
  await migrate({ ownerUrl: as('owner'), schema: 'ingestion', migrations: historyMigrations });
  const admin = new pg.Client(adminUrl);
  await admin.connect();
  await admin.query(
    `set search_path = ingestion; set work_mem = '64MB'; set synchronous_commit = off`,
  );
  const database = await connectDatabase({
    url: as('runtime'),
    schema: 'ingestion',
    applicationName: 'search-bench',
    poolSize: 4,
    entities: [telemetryRows],
  });
  return { database, admin };
}

interface Bench {
  readonly database: DatabaseConnection;
  readonly admin: pg.Client;
  readonly onProgress: (message: string) => void;
  readonly events: number;
  readonly seconds: number;
}

async function measure(bench: Bench): Promise<SearchFigures> {
  const { database, admin, onProgress, events, seconds } = bench;
  // The worst moment: the latest slot is nearly over, and without an index.
  const end = new Date(Math.floor(Date.now() / slotMs) * slotMs - 60_000);
  onProgress(`writing ${events} events`);
  const fillSeconds = await fill(bench, end);
  onProgress('indexing their texts');
  const index = await buildIndexes(bench, end);
  onProgress('statistics');
  await admin.query('vacuum analyze telemetry_events');
  await admin.query('vacuum analyze telemetry_texts');
  const bytesPerEvent = await weigh(bench);
  onProgress('searching');
  const search = await measureSearches(bench, end);
  onProgress('writing like the service');
  const insert = await measureInsert(database, seconds);
  return {
    ...{ events, eventsPerDay, fill: { seconds: fillSeconds } },
    ...{ index, insert, search, bytesPerEvent },
  };
}

async function fill({ database, admin, events }: Bench, end: Date): Promise<number> {
  const startedAt = performance.now();
  const days = Math.ceil(events / eventsPerDay) + 1;
  for (let day = 0; day <= days; day += 1) {
    const at = new Date(end.getTime() - day * dayMs).toISOString().slice(0, 10);
    await admin.query('select ensure_telemetry_text_slots($1, $1)', [at]);
  }
  await ensureTelemetryPartitions(database, new Date());
  for (let from = 0; from < events; from += rowsPerFill) {
    const to = Math.min(from + rowsPerFill, events) - 1;
    await admin.query(fillStatement, [customerId, from, to, end, dayMs / eventsPerDay]);
  }
  return toSeconds(startedAt);
}

async function buildIndexes(
  { database, admin }: Bench,
  end: Date,
): Promise<SearchFigures['index']> {
  const startedAt = performance.now();
  const slots = await indexTelemetryTexts(database, end);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { rows } = await admin.query<{ n: number }>(
    `select count(*)::int as n from telemetry_texts where occurred_at < $1`,
    [new Date(Math.floor(end.getTime() / slotMs) * slotMs)],
  );
  return { slots: slots.length, rowsPerSecond: Math.round((rows[0]?.n ?? 0) / seconds) };
}

async function weigh({ admin, events }: Bench): Promise<Record<string, number>> {
  const { rows } = await admin.query<Record<string, string>>(
    `select (select sum(pg_table_size(inhrelid)) from pg_inherits where inhparent = 'telemetry_events'::regclass) as events,
            (select sum(pg_indexes_size(inhrelid)) from pg_inherits where inhparent = 'telemetry_events'::regclass) as "eventIndexes",
            (select sum(pg_table_size(inhrelid)) from pg_inherits where inhparent = 'telemetry_texts'::regclass) as texts,
            (select sum(pg_indexes_size(inhrelid)) from pg_inherits where inhparent = 'telemetry_texts'::regclass) as "textIndexes"`,
  );
  const { rows: columns } = await admin.query<Record<string, string>>(
    `select avg(octet_length(raw)) as raw, avg(pg_column_size(raw)) as "rawStored",
            avg(octet_length(fields::text)) as fields, avg(pg_column_size(fields)) as "fieldsStored"
     from (select raw, fields from telemetry_events limit 10000) as sample`,
  );
  const perEvent = Object.entries(rows[0] ?? {}).map(
    ([name, bytes]) => [name, Math.round(Number(bytes) / events)] as const,
  );
  const perColumn = Object.entries(columns[0] ?? {}).map(
    ([name, bytes]) => [name, Math.round(Number(bytes))] as const,
  );
  return Object.fromEntries([...perEvent, ...perColumn]);
}

type Asked = Omit<TelemetryQuestion, 'customerId'>;

async function measureSearches(bench: Bench, end: Date): Promise<Record<string, Latencies>> {
  const spanMs = (bench.events / eventsPerDay) * dayMs;
  const lastDay = { from: new Date(end.getTime() - dayMs), to: end };
  const anyDay = (): Pick<Asked, 'from' | 'to'> => {
    const to = end.getTime() - Math.random() * Math.max(0, spanMs - dayMs);
    return { from: new Date(to - dayMs), to: new Date(to) };
  };
  const kinds: Readonly<Record<string, () => Asked>> = {
    hostAndHour: () => {
      const to = end.getTime() - Math.random() * (spanMs - hourMs);
      const assetId = assetOf(randomInt(hosts));
      return { from: new Date(to - hourMs), to: new Date(to), assetId };
    },
    ...Object.fromEntries(
      Object.entries(textsToFind).flatMap(([name, makeText]) => [
        [`${name}LastDay`, () => ({ ...lastDay, text: makeText(bench.events) })],
        [`${name}AnyDay`, () => ({ ...anyDay(), text: makeText(bench.events) })],
      ]),
    ),
    fieldOnHostAndDay: () => ({
      ...lastDay,
      assetId: assetOf(randomInt(hosts)),
      fields: [{ field: 'process.file.path', op: 'CONTAINS', values: ['powershell'] }],
    }),
    hotFieldAndDay: () => ({
      ...lastDay,
      fields: [{ field: 'host.name', op: 'EQ', values: [`nowhere-${hostOf(1)}`] }],
    }),
    coldFieldAndDay: () => ({
      ...lastDay,
      fields: [{ field: 'ProcessGuid', op: 'EQ', values: ['{nowhere}'] }],
    }),
  };
  const figures: Record<string, Latencies> = {};
  for (const [name, ask] of Object.entries(kinds)) figures[name] = await time(bench, ask);
  return figures;
}

async function time({ database, seconds }: Bench, ask: () => Asked): Promise<Latencies> {
  const latencies: number[] = [];
  const deadline = performance.now() + seconds * 1_000;
  for (let n = 0; n < searches && performance.now() < deadline; n += 1) {
    const question = { customerId, ...ask() };
    const startedAt = performance.now();
    await database.transaction(scope, (tx) => listTelemetry(tx, question, { limit: 25 }));
    latencies.push(performance.now() - startedAt);
  }
  return toLatencies(latencies);
}

const writers = 3;

async function measureInsert(
  database: DatabaseConnection,
  seconds: number,
): Promise<SearchFigures['insert']> {
  const startedAt = performance.now();
  const deadline = startedAt + seconds * 1_000;
  let rows = 0;
  const write = async (): Promise<void> => {
    while (performance.now() < deadline) {
      const batch = batchRows(500);
      await database.transaction(scope, (tx) => insertTelemetry(tx, customerId, batch));
      rows += batch.length;
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  const elapsed = (performance.now() - startedAt) / 1_000;
  return { rowsPerSecond: Math.round(rows / elapsed), seconds: Math.round(elapsed) };
}

function toSeconds(startedAt: number): number {
  return Math.round((performance.now() - startedAt) / 100) / 10;
}
