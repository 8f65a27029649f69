import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  connectDatabase,
  createLogger,
  migrate,
  newId,
  UnavailableError,
} from '@vedette/service-kit';
import type { DatabaseConnection } from '@vedette/service-kit';
import { createTestDatabase } from '@vedette/testkit';
import type { TestDatabase } from '@vedette/testkit';
import { createCredentialSafe } from '../connector/credential-safe.ts';
import type { CredentialSafe } from '../connector/credential-safe.ts';
import { recordGap } from '../health/record-gap.ts';
import { migrations } from '../migrations/migrations.ts';
import { decodeBatch } from '../telemetry/telemetry-batch.ts';
import { startSophosSimulator } from '../testing/sophos-simulator.ts';
import type { SimulatedTenant, SophosSimulator } from '../testing/sophos-simulator.ts';
import { claimPolls, insertPolls } from './poll-store.ts';
import type { ClaimedPoll } from './poll-store.ts';
import { startPoller } from './poller.ts';
import { runPoll } from './run-poll.ts';
import type { FoundGap, PollingDependencies } from './run-poll.ts';
import { createSeenRecords } from './seen-records.ts';
import { createSophosSource } from './sophos-central/sophos-source.ts';

/** More than a page of each feed, so that cursors and runs are gone on with. */
const itemsPerFeed = 1_300;
const endpointCount = 620;
const pace = { perMinute: 100_000, burst: 10_000 };
const leaseMs = 60_000;

let server: TestDatabase;
let database: DatabaseConnection;
let behind: DatabaseConnection;
let simulator: SophosSimulator;
let keyFile: string;
let safe: CredentialSafe;
/** Ahead of the machine's, so that pauses and leases end when a test wants. */
let aheadMs = 0;
const clock = (): Date => new Date(Date.now() + aheadMs);

beforeAll(async () => {
  keyFile = join(await mkdtemp(join(tmpdir(), 'vedette-poll-')), 'secrets.json');
  const keys = { one: randomBytes(32).toString('base64') };
  await writeFile(keyFile, JSON.stringify({ currentKeyId: 'one', keys }));
  safe = createCredentialSafe(keyFile);
  server = await createTestDatabase({
    service: 'ingestion',
    migrate: (ownerUrl) => migrate({ ownerUrl, schema: 'ingestion', migrations }),
  });
  const connect = (url: string) =>
    connectDatabase({
      ...{ url, schema: 'ingestion', applicationName: 'test', poolSize: 4, entities: [] },
    });
  database = await connect(server.runtimeUrl);
  behind = await connect(server.adminUrl);
  simulator = await startSophosSimulator({
    'items-per-feed': String(itemsPerFeed),
    'endpoints-per-tenant': String(endpointCount),
    'calls-per-minute': '100000',
    'delay-ms': '50',
  });
});

afterAll(async () => {
  await simulator.stop();
  await database.close();
  await behind.close();
  await server.drop();
  await rm(dirname(keyFile), { recursive: true });
});

beforeEach(async () => {
  aheadMs = 0;
  await select('delete from connector_polls');
});

function select<Row>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
  return behind.infrastructure((tx) => tx.query(sql, [...values]));
}

interface Connected {
  readonly connectorId: string;
  readonly tenant: SimulatedTenant;
}

/** A customer with a connector to this tenant of the simulator. */
async function connectTo(name: string, clientSecret?: string): Promise<Connected> {
  const tenant = simulator.tenants.get(name);
  if (!tenant) throw new Error(`no tenant ${name}`);
  const [customerId, connectorId] = [newId(), newId()];
  const { loginUrl, apiUrl } = simulator;
  const credentials = {
    clientId: tenant.clientId,
    clientSecret: clientSecret ?? `secret-of-${tenant.clientId}`,
  };
  await select('insert into customers (customer_id, provider_id, version) values ($1, $2, 1)', [
    ...[customerId, newId()],
  ]);
  await select(
    `insert into connectors (customer_id, connector_id, type, name, provenance, created_at, version,
       settings, credentials_sealed)
     values ($1, $2, 'sophos-central', 'Central', 'LIVE', now(), 1, $3, $4)`,
    [
      ...[customerId, connectorId, JSON.stringify({ loginUrl, apiUrl, tenantId: tenant.id })],
      safe.seal(connectorId, credentials),
    ],
  );
  await database.transaction({ kind: 'CUSTOMERS', customerIds: [customerId] }, (tx) =>
    insertPolls(tx, { customerId, connectorId, type: 'sophos-central' }, clock()),
  );
  return { connectorId, tenant };
}

/** A process that polls, and what it has had stored: ids of events to ids of records. */
function aProcess(overrides: Partial<PollingDependencies> = {}) {
  const stored = new Map<string, string>();
  const gaps: FoundGap[] = [];
  let published = 0;
  const deps: PollingDependencies = {
    ...{ database, clock, leaseMs, credentialSafe: safe, seen: createSeenRecords() },
    logger: createLogger({ service: 'ingestion', level: 'silent' }),
    publisher: {
      publish: async (_, events) => {
        for (const { batch } of events.map(decodeBatch)) {
          for (const { eventId, rawRecord } of batch.events) {
            published += 1;
            stored.set(eventId, (JSON.parse(rawRecord) as { id?: string }).id ?? 'without an id');
          }
        }
      },
    },
    quarantine: { keep: async () => undefined },
    sources: { 'sophos-central': createSophosSource({ allowSimulators: true, pace }) },
    recordGap: async (tx, gap) => {
      await recordGap(tx, gap);
      gaps.push(gap);
    },
    ...overrides,
  };
  return { deps, stored, gaps, published: () => published };
}

async function claimAll(): Promise<ClaimedPoll[]> {
  return claimPolls(database, { now: clock(), leaseMs, limit: 100 });
}

const never = new AbortController().signal;

async function claimFeed(feed: string): Promise<ClaimedPoll> {
  const poll = (await claimAll()).find((each) => each.feed === feed);
  if (!poll) throw new Error(`${feed} is not due`);
  return poll;
}

/** Polls everything so many times, without the pauses in between. */
async function pollAgain(deps: PollingDependencies, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    await select(`update connector_polls set next_poll_at = now() - interval '1 second'`);
    for (const poll of await claimAll()) await runPoll(poll, deps, never);
    // A run of detections takes the simulator a moment.
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
}

interface ShownRow {
  readonly feed: string;
  readonly failures: number;
  readonly last_error: string | null;
  readonly checkpoint_at: Date | null;
  readonly cursor: unknown;
  readonly lease_id: string | null;
}

function rowsOf({ connectorId }: Connected): Promise<ShownRow[]> {
  return select('select * from connector_polls where connector_id = $1 order by feed', [
    connectorId,
  ]);
}

describe('polling Sophos Central', () => {
  it('stores all that it has, each once, whatever goes wrong on the way', async () => {
    const connected = await connectTo('Harbour Mills');
    const tenantId = connected.tenant.id;
    for (const fault of [
      { kind: 'UNAUTHORIZED', times: 2, operation: 'siemEvents' },
      { kind: 'RATE_LIMITED', times: 2, operation: 'siemEvents', after: 1, retryAfterSeconds: 1 },
      { kind: 'SERVER_ERROR', times: 3, operation: 'siemAlerts', status: 503 },
      { kind: 'SERVER_ERROR', times: 1, operation: 'endpoints', after: 1 },
      { kind: 'DEAD_CURSOR', times: 1, operation: 'siemEvents' },
      { kind: 'DEAD_CURSOR', times: 1, operation: 'siemAlerts', status: 404 },
      { kind: 'DEAD_CURSOR', times: 1, operation: 'runResults', after: 1, status: 404 },
      { kind: 'DUPLICATES', times: 2 },
      { kind: 'SLOW', times: 1, operation: 'siemAlerts', delayMs: 300 },
      { kind: 'DROPPED', times: 1, operation: 'endpoints' },
      { kind: 'DROPPED', times: 1, operation: 'token' },
    ]) {
      await simulator.addFault({ ...fault, ...(fault.operation === 'token' ? {} : { tenantId }) });
    }
    const process = aProcess();
    await pollAgain(process.deps, 14);
    expect(await simulator.pendingFaults()).toEqual([]);
    const ids = [...process.stored.values()];
    for (const feed of ['events', 'alerts', 'detections']) {
      const expected = await simulator.idsOf(tenantId, feed);
      const found = ids.filter((id) => expected.includes(id));
      expect(found.toSorted()).toEqual(expected.toSorted());
    }
    // The inventory, which says each minute anew when an endpoint was seen, and the health check.
    expect(new Set(ids).size).toBe(3 * itemsPerFeed + endpointCount + 1);
    for (const row of await rowsOf(connected)) {
      expect(row).toMatchObject({ failures: 0, last_error: null, lease_id: null });
      expect(row.checkpoint_at).not.toBeNull();
    }
  });

  it('finds what came late, and does not publish again what it has just had stored', async () => {
    const connected = await connectTo('Juniper Dental');
    const { deps, stored, published } = aProcess();
    await pollAgain(deps, 1);
    const before = published();
    expect(before).toBe(stored.size);
    const tenantId = connected.tenant.id;
    const late = await simulator.addRecords({ tenantId, feed: 'events', lateBySeconds: 200 });
    await pollAgain(deps, 1);
    expect([...stored.values()]).toEqual(expect.arrayContaining([...late]));
    const detections = await simulator.idsOf(tenantId, 'detections');
    const others = [...stored.values()].filter((id) => !detections.includes(id));
    expect(others).toHaveLength(before + 1);
    expect(published()).toBe(stored.size);
  });

  it('says what is wrong, pauses longer each time, and goes on once it is mended', async () => {
    const connected = await connectTo('Kestrel Freight', 'wrong');
    const { deps, stored } = aProcess();
    const poll = await claimFeed('siem-events');
    await runPoll(poll, deps, never);
    const [row] = (await rowsOf(connected)).filter(({ feed }) => feed === 'siem-events');
    expect(row).toMatchObject({
      failures: 1,
      last_error: 'Sophos Central does not accept the client id and secret.',
      lease_id: null,
    });
    aheadMs = 600_000;
    expect((await claimAll()).map(({ feed }) => feed)).not.toContain('siem-events');
    const sealed = safe.seal(connected.connectorId, {
      clientId: connected.tenant.clientId,
      clientSecret: `secret-of-${connected.tenant.clientId}`,
    });
    await select('update connectors set credentials_sealed = $2 where connector_id = $1', [
      ...[connected.connectorId, sealed],
    ]);
    aheadMs = 901_000;
    await runPoll(await claimFeed('siem-events'), deps, never);
    expect(stored.size).toBe(itemsPerFeed);
    expect(await rowsOf(connected)).toContainEqual(
      expect.objectContaining({ feed: 'siem-events', failures: 0, last_error: null }),
    );
  });

  it('records the time of which the source no longer has everything, once', async () => {
    const connected = await connectTo('Bramble Hotels');
    await select(`update connector_polls set checkpoint_at = now() - interval '30 hours'
      where feed = 'siem-events'`);
    const { deps, gaps } = aProcess();
    await runPoll(await claimFeed('siem-events'), deps, never);
    expect(gaps).toMatchObject([{ connectorId: connected.connectorId, reason: 'CURSOR_LOST' }]);
    const [gap] = gaps;
    const hours = ((gap?.to.getTime() ?? 0) - (gap?.from.getTime() ?? 0)) / 3_600_000;
    expect(hours).toBeGreaterThan(6);
    expect(hours).toBeLessThan(6.1);
    aheadMs = 70_000;
    await runPoll(await claimFeed('siem-events'), deps, never);
    expect(gaps).toHaveLength(1);
    expect(await select('select connector_id, reason from telemetry_gaps')).toEqual([
      { connector_id: connected.connectorId, reason: 'CURSOR_LOST' },
    ]);
  });
});

describe('a process that is killed between storing a page and noting it', () => {
  /** Its database is gone after so many transactions, as for a process that is. */
  function dyingAfter(transactions: number): DatabaseConnection {
    let left = transactions;
    return {
      ...database,
      transaction: (scope, work) => {
        left -= 1;
        if (left < 0) throw new UnavailableError('postgres');
        return database.transaction(scope, work);
      },
    };
  }

  it.each([0, 1])('loses nothing and stores nothing twice: after %d pages', async (pages) => {
    const connected = await connectTo(pages === 0 ? 'Juniper Dental' : 'Kestrel Freight');
    const killed = aProcess({ database: dyingAfter(pages) });
    await runPoll(await claimFeed('siem-events'), killed.deps, never);
    expect(killed.stored.size).toBe(pages === 0 ? 1_000 : itemsPerFeed);
    const [held] = (await rowsOf(connected)).filter(({ feed }) => feed === 'siem-events');
    expect(held?.lease_id).not.toBeNull();
    expect(held?.cursor === null).toBe(pages === 0);

    const other = aProcess();
    aheadMs = leaseMs - 5_000;
    expect(await claimAll()).toEqual([]);
    aheadMs = leaseMs + 5_000;
    await runPoll(await claimFeed('siem-events'), other.deps, never);
    const all = new Map([...killed.stored, ...other.stored]);
    const expected = await simulator.idsOf(connected.tenant.id, 'events');
    expect([...all.values()].toSorted()).toEqual(expected.toSorted());
  });

  it('notes nothing any more once another one has the feed', async () => {
    const connected = await connectTo('Juniper Dental');
    const paused = await claimFeed('siem-events');
    aheadMs = leaseMs + 5_000;
    const { deps } = aProcess();
    await runPoll(await claimFeed('siem-events'), deps, never);
    const before = await rowsOf(connected);
    await runPoll(paused, aProcess().deps, never);
    expect(await rowsOf(connected)).toEqual(before);
  });

  it('does not have a page noted that could not be stored', async () => {
    const connected = await connectTo('Juniper Dental');
    const publish = () => Promise.reject(new UnavailableError('telemetry stream'));
    const { deps } = aProcess({ publisher: { publish } });
    await runPoll(await claimFeed('siem-events'), deps, never);
    expect(await rowsOf(connected)).toContainEqual(
      expect.objectContaining({ feed: 'siem-events', failures: 1, checkpoint_at: null }),
    );
  });
});

describe('processes that share the work', () => {
  it('fetch each feed once between them, and nothing that is paused or no longer served', async () => {
    const shared = await connectTo('Harbour Mills');
    const [paused, ended] = [await connectTo('Juniper Dental'), await connectTo('Bramble Hotels')];
    await select('update connectors set is_paused = true where connector_id = $1', [
      paused.connectorId,
    ]);
    await select(
      `update customers set is_served = false
       where customer_id = (select customer_id from connectors where connector_id = $1)`,
      [ended.connectorId],
    );
    const processes = [aProcess(), aProcess()];
    const pollers = processes.map(({ deps }) => startPoller(deps, { concurrency: 2, tickMs: 20 }));
    for (let n = 0; n < 300; n += 1) {
      const rows = await rowsOf(shared);
      const isDone = ({ feed, checkpoint_at: at }: ShownRow) =>
        feed === 'detections' || at !== null;
      if (rows.every(isDone)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await Promise.all(pollers.map((poller) => poller.stop()));
    const ids = processes.flatMap(({ stored }) => [...stored.keys()]);
    expect(ids.length).toBeGreaterThanOrEqual(2 * itemsPerFeed + endpointCount + 1);
    expect(new Set(ids).size).toBe(ids.length);
    for (const other of [paused, ended]) {
      expect((await rowsOf(other)).every(({ checkpoint_at: at }) => at === null)).toBe(true);
    }
  });
});
