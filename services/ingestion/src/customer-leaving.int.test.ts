import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { detectorDurable, telemetrySubject } from '@vedette/event-bus';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { newId } from '@vedette/service-kit';
import { describeCustomerLeaving, waitFor } from '@vedette/testkit';
import type { RedeliveredEvent } from '@vedette/testkit';
import { ingestionData } from './customer-data.ts';
import { connectorOf } from './connectors/index.ts';
import { encodeEvent, joinBatch } from './telemetry/telemetry-batch.ts';
import { toTelemetryEvent } from './telemetry/telemetry-event.ts';
import {
  adminOf,
  customerMoved,
  customerOffboarded,
  customerOnboarded,
  exportRequested,
  exportsDir,
  purgeRequested,
  startTestIngestion,
} from './testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from './testing/ingestion-product.ts';
import { protectedTables } from './testing/protected-tables.ts';
import { aProcessStart, toLines } from './testing/sysmon-records.ts';

let product: TestIngestion;

beforeAll(async () => {
  product = await startTestIngestion();
  await product.startHistory();
});

afterAll(() => product.stop());

/** A batch as the door publishes it, with an event that has a time and one that has none. */
function telemetryOf(customer: TestCustomer): RedeliveredEvent {
  const receivedAt = Date.now();
  const events = [aProcessStart({ RecordNumber: receivedAt }), { message: newId() }].map((record) =>
    encodeEvent(
      toTelemetryEvent(
        { connectorId: newId(), customerId: customer.customerId },
        {
          event: connectorOf('windows-events').parse(record, receivedAt, {}),
          ...{ raw: JSON.stringify(record), receivedAt, occurrence: 0 },
        },
      ),
    ),
  );
  return {
    stream: 'TELEMETRY',
    subject: telemetrySubject(customer.customerId),
    payload: joinBatch({ batchId: newId(), ...customer }, events),
  };
}

describeCustomerLeaving({
  data: ingestionData,
  service: () => product,
  exportsDir: () => exportsDir,
  rows: protectedTables,
  news: (owner) => [
    customerOnboarded(owner),
    customerMoved(owner, 2n),
    customerOffboarded(owner, 3n),
    telemetryOf(owner),
  ],
  exportRequested,
  purgeRequested,
  decode: (payload) => fromBinary(IngestionEventSchema, payload),
});

let batches = 0;

/** Sends an event with a sensor's key, and an idempotency key of its own. */
function sendBy(key: string): Promise<Response> {
  batches += 1;
  return fetch(product.eventsUrl, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-ndjson',
      'idempotency-key': `batch-${batches}`,
    },
    body: toLines([aProcessStart({ RecordNumber: batches })]),
  });
}

async function publish({ subject, payload }: RedeliveredEvent): Promise<void> {
  await product.bus.client.publish(subject, payload);
}

describe("an ended customer's sensors", () => {
  let customer: TestCustomer;
  let key: string;
  beforeAll(async () => {
    await product.createDetectors();
    await waitFor(() => product.isReady());
    customer = await product.onboardCustomer();
    key = await product.createSensor(customer);
  });
  const send = (): Promise<Response> => sendBy(key);
  /** A sensor's key is looked up again after ten seconds. */
  const soon = { timeoutMs: 15_000 };

  it('are told within seconds that the service has ended', async () => {
    expect((await send()).status).toBe(200);
    await publish(customerOffboarded(customer, 2n));
    await waitFor(async () => (await send()).status === 403, soon);
    expect(await (await send()).json()).toMatchObject({
      error: { code: 'FORBIDDEN', message: expect.stringContaining('has ended') },
    });
  });

  it('have no key any more once it is purged, and what they sent is in no stream', async () => {
    const kept = { subjects_filter: telemetrySubject(customer.customerId) };
    const waiting = async () =>
      (await product.bus.manager.streams.info('TELEMETRY', kept)).state.subjects ?? {};
    // The detectors of this test take nothing, so their copies are still there.
    expect(await waiting()).not.toEqual({});
    await publish(purgeRequested(customer, newId()));
    await waitFor(async () => Object.keys(await waiting()).length === 0);
    await waitFor(async () => (await send()).status === 401, soon);
  });

  it('that are known for some seconds more leave nothing behind', async () => {
    const another = await product.onboardCustomer();
    const itsKey = await product.createSensor(another);
    expect((await sendBy(itsKey)).status).toBe(200);
    await publish(purgeRequested(another, newId()));
    const rows = async (table: string) =>
      product.select(`select 1 from ${table} where customer_id = $1`, [another.customerId]);
    await waitFor(async () => (await rows('customers')).length === 0);
    expect((await sendBy(itsKey)).ok).toBe(false);
    expect(await rows('idempotency_keys')).toEqual([]);
  });

  it('cannot be replaced by new ones', async () => {
    const { errors } = await product.ask(
      adminOf(customer),
      `mutation ($id: ID!) {
         createConnector(input: { customerId: $id, type: "windows-events" }) { key } }`,
      { id: customer.customerId },
    );
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  });
});

describe('the last export of a customer', () => {
  const receiptsOf = (customerId: string) =>
    product.select<{ payload: Buffer }>(
      `select payload from outbox where subject like 'vedette.ingestion.customer_exported.%' || $1`,
      [customerId],
    );

  it('waits for the sensors to be refused, and for what they were told is stored', async () => {
    await product.createDetectors();
    await waitFor(() => product.isReady());
    const customer = await product.onboardCustomer();
    const { customerId } = customer;
    const key = await product.createSensor(customer);
    let taken = 0;
    const send = async (): Promise<number> => {
      const { ok, status } = await sendBy(key);
      if (ok) taken += 1;
      return status;
    };
    await send();
    await publish(exportRequested(customer, newId(), { service: 'ingestion', isLast: true }));
    await publish(customerOffboarded(customer, 2n));
    // As it is remembered it is served for some seconds more, and what it sends is in the export.
    await waitFor(async () => (await send()) === 403, { timeoutMs: 15_000 });
    const shard = telemetrySubject(customerId).split('.')[2];
    const detector = detectorDurable(Number(shard));
    const left = async (): Promise<number> =>
      (await product.bus.manager.consumers.info('TELEMETRY', detector)).num_pending;
    expect(await left()).toBeGreaterThan(0);
    expect(await receiptsOf(customerId)).toEqual([]);
    // The detectors of this test take nothing until now.
    const consumer = await product.bus.client.consumers.get('TELEMETRY', detector);
    while ((await left()) > 0) (await consumer.next())?.ack();
    const answered = async () => (await receiptsOf(customerId)).length > 0;
    await waitFor(answered, { timeoutMs: 40_000 });
    const [receipt] = await receiptsOf(customerId);
    const { event } = fromBinary(IngestionEventSchema, receipt?.payload ?? new Uint8Array());
    const { exportId } = event.value as { readonly exportId: string };
    const file = await readFile(join(exportsDir, customerId, exportId, 'ingestion.ndjson.gz'));
    const lines = gunzipSync(file).toString('utf8').split('\n');
    expect(lines.filter((line) => line.startsWith('{"table":"telemetry_events"'))).toHaveLength(
      taken,
    );
  });

  it('is not asked of ingestion when another service is', async () => {
    const customer = await product.onboardCustomer();
    await publish(exportRequested(customer, newId(), { service: 'hunting' }));
    await publish(exportRequested(customer, newId(), { service: 'ingestion' }));
    await waitFor(async () => (await receiptsOf(customer.customerId)).length > 0);
    expect(await receiptsOf(customer.customerId)).toHaveLength(1);
  });
});

describe("a moved customer's telemetry", () => {
  it('makes assets that are told under its new provider, also while it names the old one', async () => {
    const customer = await product.onboardCustomer();
    const moved = { ...customer, providerId: newId() };
    await publish(customerMoved(moved, 2n));
    const now = 'select 1 from customers where customer_id = $1 and provider_id = $2';
    await waitFor(
      async () => (await product.select(now, [customer.customerId, moved.providerId])).length === 1,
    );
    await publish(telemetryOf(customer));
    const told = await waitFor(async () => {
      const rows = await product.select<{ subject: string }>(
        `select subject from outbox where subject like 'vedette.ingestion.asset_discovered.%' || $1`,
        [customer.customerId],
      );
      return rows.map((row) => row.subject).join();
    });
    expect(told).toBe(`vedette.ingestion.asset_discovered.${moved.providerId}.${moved.customerId}`);
  });
});
