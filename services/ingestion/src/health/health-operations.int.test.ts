import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { adminOf, startTestIngestion } from '../testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from '../testing/ingestion-product.ts';
import { aProcessStart, toLines } from '../testing/sysmon-records.ts';

let product: TestIngestion;
let customer: TestCustomer;
let key: string;

beforeAll(async () => {
  product = await startTestIngestion();
  await product.startHistory();
  await product.createDetectors();
  customer = await product.onboardCustomer();
  key = await product.createSensor(customer);
  await waitFor(() => product.isReady());
});
afterAll(() => product.stop());

interface ShownConnector {
  readonly id: string;
  readonly health: Readonly<Record<string, unknown>>;
  readonly eventCounts: readonly Readonly<Record<string, unknown>>[];
}

async function show(period = ''): Promise<ShownConnector | undefined> {
  const { data, errors } = await product.ask<{
    connectors: { nodes: readonly ShownConnector[] };
  }>(
    adminOf(customer),
    `{ connectors { nodes { id
       health { status lastEventAt lastReceivedAt silentSince silentAfterMinutes lagSeconds eventsPerMinute
         unmappedShare rejectedCount nextPollAt lastError }
       eventCounts${period} { hour classUid className events bytes } } } }`,
  );
  expect(errors).toEqual([]);
  return data?.connectors.nodes[0];
}

async function send(...records: readonly object[]): Promise<void> {
  const answer = await fetch(product.eventsUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
    body: toLines(records),
  });
  expect(answer.status).toBe(200);
}

async function settle(): Promise<void> {
  await waitFor(async () => {
    const info = await product.bus.manager.consumers.info('TELEMETRY', 'ingestion-store-telemetry');
    return info.num_pending === 0 && info.num_ack_pending === 0;
  });
}

async function change(input: string): Promise<readonly unknown[]> {
  const id = (await show())?.id ?? '';
  const { errors } = await product.ask(
    adminOf(customer),
    `mutation { updateConnector(input: { connectorId: "${id}", ${input} }) { connector { id } } }`,
  );
  return errors.map(({ extensions }) => extensions.code);
}

/** Sets the clock of a connector's watch back, as if all had happened sooner. */
async function age(minutes: number): Promise<void> {
  await product.select(
    `with aged as (
       update connector_watches set last_received_at = last_received_at - make_interval(mins => $1),
         watched_from = watched_from - make_interval(mins => $1) returning 1)
     select from aged`,
    [minutes],
  );
}

/** Has the job of each minute run now. */
async function runJob(name: string): Promise<void> {
  await product.select('select from ingestion_jobs.add_job($1)', [name]);
}

describe("a connector's health", () => {
  it('waits for its first event', async () => {
    expect(await show()).toMatchObject({
      health: { status: 'WAITING', lastEventAt: null, lagSeconds: null, unmappedShare: null },
      eventCounts: [],
    });
  });

  it('reports what comes, each event once, and which part of it is unmapped', async () => {
    const records = [1, 2, 3].map((RecordNumber) => aProcessStart({ RecordNumber }));
    await send(...records, { message: 'of no known shape' });
    await send(...records);
    await settle();
    const shown = await show();
    expect(shown?.health).toMatchObject({
      ...{ status: 'REPORTING', silentSince: null, silentAfterMinutes: 60 },
      ...{ unmappedShare: 0.25, rejectedCount: 0, nextPollAt: null, lastError: null },
      lagSeconds: 0,
    });
    expect(shown?.health['eventsPerMinute']).toBeCloseTo(4 / 60);
    expect(shown?.eventCounts).toMatchObject([
      { classUid: 0, className: 'unmapped', events: 1, bytes: 31 },
      { classUid: 1007, className: 'Process Activity', events: 3 },
    ]);
  });

  it('has counts of any period up to 31 days', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString();
    const later = new Date(Date.now() + 2 * 3_600_000).toISOString();
    expect((await show(`(from: "${soon}", to: "${later}")`))?.eventCounts).toEqual([]);
    const { errors } = await product.ask(
      adminOf(customer),
      '{ connectors { nodes { eventCounts(from: "2020-01-01T00:00:00Z") { hour } } } }',
    );
    expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
  });

  it('is silent once nothing has come for as long as people say, until something does', async () => {
    expect(await change('silentAfterMinutes: 4')).toEqual(['BAD_USER_INPUT']);
    expect(await change('silentAfterMinutes: 5')).toEqual([]);
    await age(6);
    await runJob('mark-silent');
    const silent = await waitFor(
      async () => {
        const shown = await show();
        return shown?.health['status'] === 'SILENT' ? shown : undefined;
      },
      { timeoutMs: 20_000 },
    );
    expect(silent?.health).toMatchObject({ silentAfterMinutes: 5 });
    await send(aProcessStart({ RecordNumber: 4 }));
    await settle();
    expect((await show())?.health).toMatchObject({ status: 'REPORTING', silentSince: null });
    const { data } = await product.ask<{ telemetryGaps: { nodes: readonly unknown[] } }>(
      adminOf(customer),
      `{ telemetryGaps(filter: { customerId: "${customer.customerId}" }) {
           nodes { reason from to connector { id } } } }`,
    );
    expect(data?.telemetryGaps.nodes).toMatchObject([
      { reason: 'SILENCE', from: silent?.health['silentSince'], connector: { id: silent?.id } },
    ]);
  });

  it('is paused by people, and is given its time again once they go on', async () => {
    await change('isPaused: true');
    expect((await show())?.health).toMatchObject({ status: 'PAUSED' });
    await age(100);
    await change('isPaused: false');
    await runJob('mark-silent');
    await waitFor(
      async () => {
        const jobs = await product.select('select from ingestion_jobs.jobs');
        return jobs.length === 0;
      },
      { timeoutMs: 20_000 },
    );
    expect((await show())?.health).toMatchObject({ status: 'REPORTING' });
  });

  it('is nobody else’s to see', async () => {
    const stranger = { ...adminOf(customer), customerIds: [newId()] };
    const { data } = await product.ask(
      stranger,
      '{ connectors { nodes { health { status } } } telemetryGaps { nodes { id } } }',
    );
    expect(data).toEqual({ connectors: { nodes: [] }, telemetryGaps: { nodes: [] } });
  });
});
