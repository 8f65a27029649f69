import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { detectorDurable, historyDurable, telemetryShard } from '@vedette/event-bus';
import { createLogger } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { startTestIngestion } from '../testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from '../testing/ingestion-product.ts';
import { aProcessStart, toLines } from '../testing/sysmon-records.ts';
import { watchRequiredDurables } from './required-durables.ts';
import { encodeEvent } from './telemetry-batch.ts';
import { toTelemetryEvent } from './telemetry-event.ts';
import { createTelemetryPublisher } from './telemetry-publisher.ts';

let product: TestIngestion;
let customer: TestCustomer;
let key: string;

beforeAll(async () => {
  product = await startTestIngestion();
  customer = await product.onboardCustomer();
  key = await product.createSensor(customer);
});

afterAll(() => product.stop());

function post(record = aProcessStart()): Promise<Response> {
  return fetch(product.eventsUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
    body: toLines([record]),
  });
}

async function expectRefusal(): Promise<void> {
  const response = await post();
  expect(response.status).toBe(503);
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await response.json()).toMatchObject({ error: { code: 'UNAVAILABLE' } });
}

const isReady = () => product.isReady();

describe('telemetry', () => {
  it('is refused until history and every detector have their durables', async () => {
    expect(await isReady()).toBe(false);
    await expectRefusal();
    await product.startHistory();
    await expectRefusal();
    await product.createDetectors();
    await waitFor(isReady);
    expect((await post()).status).toBe(200);
  });

  it('is not called stored when a durable goes away after the latest look', async () => {
    const durable = detectorDurable(telemetryShard(customer.customerId));
    await product.bus.manager.consumers.delete('TELEMETRY', durable);
    // Ingestion has not looked again yet: the stream acknowledges what the detector will never see.
    await expectRefusal();
    await waitFor(async () => !(await isReady()));
    await product.createDetectors();
    await waitFor(isReady);
    expect((await post()).status).toBe(200);
  });

  it('is not called stored when a durable was made anew while it was published', async () => {
    const { bus } = product;
    const durables = await watchRequiredDurables(
      bus,
      createLogger({ service: 't', level: 'error' }),
    );
    const publisher = createTelemetryPublisher(bus, durables);
    const event = encodeEvent(
      toTelemetryEvent(
        { connectorId: customer.customerId, customerId: customer.customerId },
        {
          event: {
            source: 'windows-events',
            occurredAt: 0,
            classUid: 0,
            activityId: 0,
            severityId: 0,
            fields: {},
          },
          raw: '{}',
          receivedAt: 0,
          occurrence: 0,
        },
      ),
    );
    await expect(publisher.publish(customer, [event])).resolves.toBeUndefined();
    const durable = detectorDurable(telemetryShard(customer.customerId));
    await bus.manager.consumers.delete('TELEMETRY', durable);
    await product.createDetectors();
    await expect(publisher.publish(customer, [event])).rejects.toThrow('does not answer');
    await expect(publisher.publish(customer, [event])).resolves.toBeUndefined();
    durables.stop();
  });

  it('is refused when the stream is full, and nothing of it is stored', async () => {
    const { manager } = product.bus;
    const { config } = await manager.streams.info('TELEMETRY');
    // The first request after a durable was made anew is refused, until ingestion has looked again.
    await waitFor(async () => (await post()).status === 200);
    await manager.streams.update('TELEMETRY', { ...config, max_msgs_per_subject: 1 });
    const quiet = await product.onboardCustomer();
    key = await product.createSensor(quiet);
    // The detector reads nothing here, so the first message stays.
    expect((await post()).status).toBe(200);
    const record = aProcessStart({ RecordNumber: 99 });
    expect((await post(record)).status).toBe(503);
    await manager.streams.update('TELEMETRY', { ...config });
    expect((await post(record)).status).toBe(200);
  });

  it('is refused while NATS is away, and taken again without a restart', async () => {
    product.nats.kill('SIGKILL');
    await expectRefusal();
    await product.nats.restart();
    await waitFor(async () => (await post()).status === 200, { timeoutMs: 30_000 });
    await waitFor(
      async () => {
        const rows = await product.select('select from telemetry_events limit 1');
        const { num_pending: pending } = await product.bus.manager.consumers.info(
          'TELEMETRY',
          historyDurable,
        );
        return rows.length === 1 && pending === 0;
      },
      { timeoutMs: 30_000 },
    );
  }, 90_000);
});
