import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import type { Plan } from '@vedette/service-kit';
import { aTelemetryRow, scopeOf, startTestHistory } from '../testing/history-database.ts';
import type { TestHistory } from '../testing/history-database.ts';
import { holdCaseUntil, holdTelemetry } from './telemetry-hold-store.ts';
import { retainTelemetry } from './telemetry-retention.ts';
import type { NewTelemetryRow } from './telemetry-store.ts';

let history: TestHistory;

beforeAll(async () => {
  history = await startTestHistory();
});

afterAll(() => history.stop());

const dayMs = 86_400_000;

function daysAgo(days: number): Date {
  return new Date(Date.now() - days * dayMs);
}

/** An event with a text of its own. */
function anEvent(days: number, changes: Partial<NewTelemetryRow> = {}): NewTelemetryRow {
  const occurredAt = daysAgo(days);
  const receivedAt = new Date(occurredAt.getTime() + 2_000);
  return aTelemetryRow({ occurredAt, receivedAt, hostName: `host-${days}`, ...changes });
}

/** A customer with a plan and these events. */
async function aCustomer(plan: Plan, events: readonly NewTelemetryRow[]): Promise<string> {
  const customerId = newId();
  await history.database.transaction(scopeOf(customerId), (tx) =>
    tx.query(
      'insert into customers (customer_id, provider_id, version, plan) values ($1, $2, 1, $3)',
      [customerId, newId(), plan],
    ),
  );
  await history.insert(customerId, events);
  return customerId;
}

/** Which of the events are left, and whether the texts are those of the same events. */
async function left(customerId: string, events: readonly NewTelemetryRow[]): Promise<number[]> {
  const [inEvents, inTexts] = await Promise.all(
    ['telemetry_events', 'telemetry_texts'].map(async (table) => {
      const sql = `select event_id as id from ingestion.${table} where customer_id = $1`;
      const ids = new Set(
        (await history.select<{ id: string }>(sql, [customerId])).map(({ id }) => id),
      );
      return events.flatMap(({ eventId }, n) => (ids.has(eventId) ? [n] : []));
    }),
  );
  expect(inTexts).toEqual(inEvents);
  return inEvents ?? [];
}

/** Makes the partition of a day that is over for so long that nobody keeps it. */
function ensureDay(days: number): Promise<unknown> {
  const day = daysAgo(days).toISOString().slice(0, 10);
  return history.database.infrastructure(async (tx) => {
    await tx.query('select ensure_telemetry_partitions($1, $1)', [day]);
    await tx.query('select ensure_telemetry_text_slots($1, $1)', [day]);
  });
}

async function partitionsOf(days: number): Promise<readonly { readonly name: string }[]> {
  const day = daysAgo(days).toISOString().slice(0, 10).replaceAll('-', '');
  return history.select(
    `select relname as name from pg_class where relkind = 'r' and relname ~ $1`,
    [`^telemetry_(events|texts)_${day}`],
  );
}

describe('retention', () => {
  it('keeps 30 days of a standard customer and 90 of an advanced one', async () => {
    const events = [1, 29, 32, 60, 88].map((days) => anEvent(days));
    const standard = await aCustomer('STANDARD', events);
    const advanced = await aCustomer('ADVANCED', events);
    await retainTelemetry(history.database, new Date());
    expect(await left(standard, events)).toEqual([0, 1]);
    expect(await left(advanced, events)).toEqual([0, 1, 2, 3, 4]);
  });

  it('drops whole partitions that no plan keeps, and makes no difference to the others', async () => {
    await ensureDay(93);
    const events = [anEvent(93), anEvent(2)];
    const customerId = await aCustomer('ADVANCED', events);
    expect(await partitionsOf(93)).toHaveLength(7);
    const { dropped } = await retainTelemetry(history.database, new Date());
    expect(dropped).toHaveLength(7);
    expect(await partitionsOf(93)).toEqual([]);
    expect(await left(customerId, events)).toEqual([1]);
    expect((await retainTelemetry(history.database, new Date())).dropped).toEqual([]);
  });

  it('lets go of events from outside the partitions by when they were received', async () => {
    const events = [
      anEvent(400, { receivedAt: daysAgo(20) }),
      anEvent(400, { receivedAt: daysAgo(31) }),
      anEvent(-300, { receivedAt: daysAgo(31) }),
      anEvent(-300, { receivedAt: daysAgo(29) }),
    ];
    const customerId = await aCustomer('STANDARD', events);
    await retainTelemetry(history.database, new Date());
    expect(await left(customerId, events)).toEqual([0, 3]);
  });

  it('leaves what an open case is about, in a partition that is dropped too, and nothing else', async () => {
    await ensureDay(95);
    const [assetId, other] = [newId(), newId()];
    const events = [
      anEvent(40, { assetId }),
      anEvent(40.5, { assetId }),
      anEvent(42, { assetId }),
      anEvent(40, { assetId: other }),
      anEvent(95, { assetId }),
      anEvent(95, { assetId: other }),
    ];
    const customerId = await aCustomer('STANDARD', events);
    const held = { customerId, caseId: newId(), assetId };
    await history.database.transaction(scopeOf(customerId), async (tx) => {
      await holdTelemetry(tx, { ...held, detectionId: newId(), at: daysAgo(40) });
      await holdTelemetry(tx, { ...held, detectionId: newId(), at: daysAgo(95) });
    });
    await retainTelemetry(history.database, new Date());
    expect(await left(customerId, events)).toEqual([0, 1, 4]);
    // Closed, and the week is over.
    await history.database.transaction(scopeOf(customerId), (tx) =>
      holdCaseUntil(tx, held, daysAgo(0.01)),
    );
    await retainTelemetry(history.database, new Date());
    expect(await left(customerId, events)).toEqual([]);
    const holds = 'select from ingestion.telemetry_holds where customer_id = $1';
    expect(await history.select(holds, [customerId])).toEqual([]);
  });

  it('keeps what a case without an asset is about on every host, and of no other customer', async () => {
    const events = [anEvent(50, { assetId: newId() }), anEvent(50), anEvent(55)];
    const [held, free] = [await aCustomer('STANDARD', events), await aCustomer('STANDARD', events)];
    await history.database.transaction(scopeOf(held), (tx) =>
      holdTelemetry(tx, {
        ...{ customerId: held, caseId: newId(), detectionId: newId(), at: daysAgo(50.5) },
      }),
    );
    await retainTelemetry(history.database, new Date());
    expect(await left(held, events)).toEqual([0, 1]);
    expect(await left(free, events)).toEqual([]);
  });

  it('is nothing that a customer’s scope or a mistake can bring about', async () => {
    const today = `telemetry_events_${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`;
    const call = (sql: string, kind: 'OPERATOR' | 'CUSTOMERS') =>
      history.database.transaction(
        kind === 'OPERATOR' ? { kind } : { kind, customerIds: [newId()] },
        (tx) => tx.query(sql, [today]),
      );
    const drop = 'select drop_telemetry_partition($1)';
    await expect(call(drop, 'CUSTOMERS')).rejects.toThrow('retention spans customers');
    await expect(call(drop, 'OPERATOR')).rejects.toThrow('no partition that may be dropped');
    const expire = `select expire_telemetry($1, '{"STANDARD": 0}', 10)`;
    await expect(call(expire, 'CUSTOMERS')).rejects.toThrow('retention spans customers');
    await expect(call(expire, 'OPERATOR')).rejects.toThrow('a week at least');
    const elsewhere = `select expire_telemetry('customers', '{"STANDARD": 30}', length($1))`;
    await expect(call(elsewhere, 'OPERATOR')).rejects.toThrow('no such partition');
  });
});
