import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import {
  connectDatabase,
  ConflictError,
  createLogger,
  joinTransaction,
  newId,
  systemViewer,
} from '@vedette/service-kit';
import type { DatabaseConnection, Logger, TenantScope, Transaction } from '@vedette/service-kit';
import type { TestDatabase } from '@vedette/testkit';
import { matchBatch } from '../consumers/detect-on-telemetry.ts';
import { raiseDetections } from '../detection/detection-operations.ts';
import { detectionRows } from '../detection/detection-store.ts';
import { loadRules } from '../rule/load-rules.ts';
import { providerId } from '../testing/detection-builders.ts';
import { aFailedSignIn, correlationRules } from '../testing/failed-sign-ins.ts';
import { aBatch, createHuntingDatabase } from '../testing/test-hunting.ts';
import { correlate } from './correlation-operations.ts';
import { lockCorrelationState, writeCorrelationState } from './correlation-store.ts';
import { CorrelatorCache } from './correlator-cache.ts';

const logger = createLogger({ service: 'hunting', level: 'silent' });
const rules = loadRules([correlationRules], logger);

let postgres: TestDatabase;
let database: DatabaseConnection;

beforeAll(async () => {
  postgres = await createHuntingDatabase();
  database = await connectDatabase({
    url: postgres.runtimeUrl,
    schema: 'hunting',
    applicationName: 'test',
    poolSize: 4,
    entities: [detectionRows],
  });
});

afterAll(async () => {
  await database.close();
  await postgres.drop();
});

const scopeOf = (customerId: string): TenantScope => ({
  kind: 'CUSTOMERS',
  customerIds: [customerId],
  providerId,
});

type Events = Parameters<typeof aBatch>[0];

interface Given {
  readonly before?: () => Promise<void>;
  readonly after?: () => Promise<void>;
  readonly log?: Logger;
}

/** Does with a batch what the consumer does, in one transaction; answers how many detections are new to it. */
function handle(
  cache: CorrelatorCache,
  customerId: string,
  events: Events,
  { before, after, log = logger }: Given = {},
): Promise<number> {
  return database.transaction(scopeOf(customerId), async (tx) => {
    await before?.();
    const viewer = systemViewer('hunting', { customerId, providerId });
    const ctx = { viewer, db: joinTransaction(tx), logger: log, clock: () => new Date() };
    const telemetry = matchBatch(aBatch(events, customerId), rules);
    const detections = await correlate(ctx, customerId, telemetry, cache);
    await raiseDetections(ctx, customerId, detections);
    await after?.();
    return detections.length;
  });
}

async function versionOf(customerId: string): Promise<string | undefined> {
  const sql = 'select version from correlation_states';
  const rows = await database.transaction(scopeOf(customerId), (tx) =>
    tx.query<{ version: string }[]>(sql),
  );
  return rows[0]?.version;
}

describe('the correlations of a customer', () => {
  it('go on in another process, whose cache is behind', async () => {
    const customer = newId();
    const [one, another] = [new CorrelatorCache(rules), new CorrelatorCache(rules)];
    expect(await handle(one, customer, [aFailedSignIn(0)])).toBe(0);
    expect(await handle(another, customer, [aFailedSignIn(1)])).toBe(0);
    expect(await handle(one, customer, [aFailedSignIn(2)])).toBe(1);
    expect(await handle(another, customer, [aFailedSignIn(3)])).toBe(0);
  });

  it('count nothing of a transaction that was rolled back, and all of it when it is tried again', async () => {
    const customer = newId();
    const cache = new CorrelatorCache(rules);
    await handle(cache, customer, [aFailedSignIn(0)]);
    const version = await versionOf(customer);
    const events = [aFailedSignIn(1), aFailedSignIn(2)];
    const failing = handle(cache, customer, events, {
      after: () => Promise.reject(new Error('the commit failed')),
    });
    await expect(failing).rejects.toThrow('the commit failed');
    expect(await versionOf(customer)).toBe(version);
    const other = '10.0.0.8';
    expect(await handle(cache, customer, [aFailedSignIn(3, { address: other })])).toBe(0);
    expect(await handle(cache, customer, events)).toBe(1);
  });

  it('are not touched by telemetry that feeds none, or that was counted', async () => {
    const customer = newId();
    const cache = new CorrelatorCache(rules);
    const event = aFailedSignIn(0);
    await handle(cache, customer, [event]);
    const version = await versionOf(customer);
    await handle(cache, customer, [event]);
    await handle(cache, customer, [{ ...event, eventId: newId(), rawFields: '{"EventID":4624}' }]);
    expect(await versionOf(customer)).toBe(version);
    await handle(cache, customer, [aFailedSignIn(1)]);
    expect(await versionOf(customer)).not.toBe(version);
  });

  it('take values that jsonb cannot hold', async () => {
    const customer = newId();
    const address = 'a\0b\uD83E';
    for (const minute of [0, 1, 2]) {
      // A cache of its own each time, so that the state comes from the database.
      const raised = await handle(new CorrelatorCache(rules), customer, [
        aFailedSignIn(minute, { address }),
      ]);
      expect(raised).toBe(minute === 2 ? 1 : 0);
    }
  });

  it('refuse what was made from a state that others have gone on from', async () => {
    const customer = newId();
    const [stale, version] = [newId(), newId()];
    const write = (madeFrom: string | null, next: string): Promise<void> =>
      database.transaction(scopeOf(customer), (tx: Transaction) =>
        writeCorrelationState(tx, { customerId: customer, version: next, state: '{}', madeFrom }),
      );
    await write(null, stale);
    await write(stale, version);
    await expect(write(stale, newId())).rejects.toThrow(ConflictError);
    await expect(write(null, newId())).rejects.toThrow(ConflictError);
    const read = (known: string | null): Promise<unknown> =>
      database.transaction(scopeOf(customer), (tx) => lockCorrelationState(tx, customer, known));
    expect(await read(version)).toEqual({ version, state: null });
    expect(await read(stale)).toEqual({ version, state: '{}' });
  });

  it('are refused to a process that was paused while another began, whose next try is right', async () => {
    const customer = newId();
    const [paused, other] = [new CorrelatorCache(rules), new CorrelatorCache(rules)];
    const events = [aFailedSignIn(0), aFailedSignIn(1)];
    // The other one has written, and holds its transaction open until the paused one has read nothing.
    let go = (): void => undefined;
    const hasRead = new Promise<void>((resolve) => (go = resolve));
    let wrote = (): void => undefined;
    const hasWritten = new Promise<void>((resolve) => (wrote = resolve));
    const first = handle(other, customer, events, {
      after: () => {
        wrote();
        return hasRead;
      },
    });
    await hasWritten;
    const second = handle(paused, customer, [aFailedSignIn(2)]);
    // It waits for the other's row then, if it is not past reading yet.
    setTimeout(go, 300);
    await expect(second).rejects.toThrow(ConflictError);
    expect(await first).toBe(0);
    expect(await handle(paused, customer, [aFailedSignIn(2)])).toBe(1);
  });

  it('say once a batch how much had to go at their bounds', async () => {
    const customer = newId();
    const cache = new CorrelatorCache(rules);
    const warn = jest.fn<Logger['warn']>();
    const log = { ...logger, warn } as Logger;
    const from = (start: number, count: number): Events =>
      Array.from({ length: count }, (_, n) =>
        aFailedSignIn(0, { address: `host ${String(start + n)}` }),
      );
    await handle(cache, customer, from(0, 10_000), { log });
    expect(warn).not.toHaveBeenCalled();
    await handle(cache, customer, from(10_000, 7), { log });
    expect(warn.mock.calls).toEqual([
      [{ customerId: customer, evictedGroups: 7, cutEvents: 0 }, 'correlations at their bounds'],
    ]);
  });
});
