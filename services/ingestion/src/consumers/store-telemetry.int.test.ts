import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBinary } from '@bufbuild/protobuf';
import { telemetrySubject } from '@vedette/event-bus';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { connectorOf } from '../connectors/index.ts';
import { encodeEvent, joinBatch } from '../telemetry/telemetry-batch.ts';
import { toTelemetryEvent } from '../telemetry/telemetry-event.ts';
import { startTestIngestion } from '../testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from '../testing/ingestion-product.ts';
import { aProcessStart } from '../testing/sysmon-records.ts';

let product: TestIngestion;

beforeAll(async () => {
  product = await startTestIngestion();
  await product.startHistory();
  await product.createDetectors();
});

afterAll(() => product.stop());

const connectorId = '01900000-0000-7000-8000-000000000001';

/** Publishes records of a customer as one batch, as the door does. */
async function publish(
  customer: TestCustomer,
  records: readonly Readonly<Record<string, unknown>>[],
  batchId = newId(),
): Promise<void> {
  const receivedAt = Date.now();
  const events = records.map((record) =>
    encodeEvent(
      toTelemetryEvent(
        { connectorId, customerId: customer.customerId },
        {
          event: connectorOf('windows-events').parse(record, receivedAt, {}),
          raw: JSON.stringify(record),
          receivedAt,
          occurrence: 0,
        },
      ),
    ),
  );
  const bytes = joinBatch({ batchId, ...customer }, events);
  await product.bus.client.publish(telemetrySubject(customer.customerId), bytes);
}

async function rowsOf(table: string, { customerId }: TestCustomer): Promise<readonly object[]> {
  return product.select(`select * from ${table} where customer_id = $1`, [customerId]);
}

/** Everything published so far is stored once this is. */
async function settle(customer: TestCustomer): Promise<void> {
  const { manager } = product.bus;
  await waitFor(async () => {
    const info = await manager.consumers.info('TELEMETRY', 'ingestion-store-telemetry');
    return info.num_pending === 0 && info.num_ack_pending === 0;
  });
  expect(await product.select('select * from dead_letters')).toEqual([]);
  expect(customer.customerId).toBeDefined();
}

describe('telemetry history', () => {
  it('holds a batch once, however often it is delivered', async () => {
    const customer = await product.onboardCustomer();
    const records = [aProcessStart({ RecordNumber: 1 }), aProcessStart({ RecordNumber: 2 })];
    const batchId = newId();
    await publish(customer, records, batchId);
    await publish(customer, records, batchId);
    await settle(customer);
    expect(await rowsOf('telemetry_events', customer)).toHaveLength(2);
  });

  it('holds an event once, also when it comes in several batches', async () => {
    const customer = await product.onboardCustomer();
    const dated = aProcessStart({ RecordNumber: 1 });
    const undated = { message: 'without a time' };
    await Promise.all([1, 2, 3, 4].map(() => publish(customer, [dated, undated, dated, undated])));
    await settle(customer);
    expect(await rowsOf('telemetry_events', customer)).toHaveLength(2);
  });

  it('holds what has a time far from today as well', async () => {
    const customer = await product.onboardCustomer();
    await publish(customer, [aProcessStart({ UtcTime: '2020-09-01 10:00:00.000' })]);
    await settle(customer);
    expect(await rowsOf('telemetry_events_default', customer)).toHaveLength(1);
  });

  it('takes any text that a record can hold', async () => {
    const customer = await product.onboardCustomer();
    await publish(customer, [
      { nul: '\0', 'key\0': 1, half: '\ud800', '\udc00': '\\u0000', number: 1e308, tiny: 5e-324 },
      aProcessStart({
        Computer: `h\0${'x'.repeat(70_000)}`,
        Hostname: undefined,
        User: '\0\ud83d',
      }),
      aProcessStart({ CommandLine: 'x'.repeat(900_000) }),
      { EventID: '\0', Channel: '\0', nested: { '\0': ['\0', { '\0': '\ud800' }] } },
      { winlog: { event_id: 1, channel: '\0', event_data: { a: '\0', '\ud800': '\0' } } },
      {
        Event: { System: { EventID: 1, Computer: '\0' }, EventData: { Data: [{ '#text': '\0' }] } },
      },
    ]);
    await settle(customer);
    expect(await rowsOf('telemetry_events', customer)).toHaveLength(6);
  });
});

describe('an asset', () => {
  it('is discovered once, and then only seen', async () => {
    const customer = await product.onboardCustomer();
    const at = (time: string, name = 'WS-1') =>
      aProcessStart({ Computer: name, UtcTime: `2026-01-05 ${time}`, RecordNumber: time });
    await publish(customer, [at('10:00:00.000')]);
    await publish(customer, [at('09:00:00.000', 'ws-1.'), at('11:00:00.000', 'Ws-1')]);
    await settle(customer);
    expect(await rowsOf('assets', customer)).toMatchObject([
      {
        name: 'Ws-1',
        first_seen_at: new Date('2026-01-05T09:00:00Z'),
        last_seen_at: new Date('2026-01-05T11:00:00Z'),
      },
    ]);
    const events = await product.select<{ payload: Buffer; subject: string }>(
      'select subject, payload from outbox where subject like $1',
      [`vedette.ingestion.asset_discovered.%.${customer.customerId}`],
    );
    expect(events).toHaveLength(1);
    const [event] = events.map(({ payload }) => fromBinary(IngestionEventSchema, payload));
    expect(event?.meta).toMatchObject({
      ...customer,
      aggregateVersion: 1n,
      actor: 'system:ingestion',
    });
    expect(event?.event.case).toBe('assetDiscovered');
  });

  it('of the same name is another one at another customer', async () => {
    const [one, two] = [await product.onboardCustomer(), await product.onboardCustomer()];
    await publish(one, [aProcessStart()]);
    await publish(two, [aProcessStart()]);
    await settle(one);
    const ids = [...(await rowsOf('assets', one)), ...(await rowsOf('assets', two))].map(
      (row) => (row as { asset_id: string }).asset_id,
    );
    expect(new Set(ids).size).toBe(2);
  });
});
