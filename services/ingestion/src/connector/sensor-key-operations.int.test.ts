import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type {
  IngestionEvent,
  SensorKeyRotated,
  SensorKeysRevoked,
} from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { newId, parseMachineKey } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { RedeliveredEvent } from '@vedette/testkit';
import {
  adminOf,
  customerMoved,
  customerOffboarded,
  operator,
  startTestIngestion,
} from '../testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from '../testing/ingestion-product.ts';
import { aProcessStart, toLines } from '../testing/sysmon-records.ts';

let product: TestIngestion;
let customer: TestCustomer;

beforeAll(async () => {
  product = await startTestIngestion();
  await product.startHistory();
  await product.createDetectors();
  customer = await product.onboardCustomer();
  await waitFor(() => product.isReady());
});

afterAll(() => product.stop());

interface Made {
  readonly key: string;
  readonly connector: { readonly id: string };
}

async function mutate(
  name: string,
  input: object,
  viewer: Viewer = adminOf(customer),
): Promise<Made> {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  const key = name === 'revokeSensorKeys' ? '' : 'key';
  const { data, errors } = await product.ask(
    viewer,
    `mutation ($input: ${type}!) { ${name}(input: $input) { ${key} connector { id } } }`,
    { input },
  );
  const made = (data as unknown as Record<string, Made> | null)?.[name];
  if (!made) throw new Error(errors[0]?.extensions.code);
  return made;
}

const connect = (of = customer, viewer = adminOf(of)) =>
  mutate('createConnector', { customerId: of.customerId, type: 'windows-events' }, viewer);

const rotate = (connectorId: string, overlapHours: number, viewer?: Viewer) =>
  mutate('rotateSensorKey', { connectorId, overlapHours }, viewer);

const revoke = (connectorId: string, viewer?: Viewer) =>
  mutate('revokeSensorKeys', { connectorId }, viewer);

async function publish({ subject, payload }: RedeliveredEvent): Promise<void> {
  await product.bus.client.publish(subject, payload);
}

/** What was told of a connector, in order. */
async function toldOf(connectorId: string): Promise<IngestionEvent[]> {
  const rows = await product.select<{ payload: Buffer }>(
    'select payload from outbox where aggregate_id = $1 order by position',
    [connectorId],
  );
  return rows.map(({ payload }) => fromBinary(IngestionEventSchema, payload));
}

const publicIdOf = ({ key }: Made) => parseMachineKey('vsk', key)?.publicId;

async function statusWith(key: string): Promise<number> {
  const response = await fetch(product.eventsUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
    body: toLines([aProcessStart()]),
  });
  await response.body?.cancel();
  return response.status;
}

describe("a sensor's key", () => {
  it('that was rotated works on beside the new one for the overlap', async () => {
    const { key, connector } = await connect();
    const next = await rotate(connector.id, 1);
    expect(next.key).not.toBe(key);
    expect([await statusWith(key), await statusWith(next.key)]).toEqual([200, 200]);
  });

  it('that was rotated without overlap ends, and the new one works', async () => {
    const { key, connector } = await connect();
    const next = await rotate(connector.id, 0);
    expect([await statusWith(key), await statusWith(next.key)]).toEqual([401, 200]);
  });

  it('that was revoked is out within fifteen seconds, however often it was used before', async () => {
    const { key, connector } = await connect();
    expect(await statusWith(key)).toBe(200);
    await revoke(connector.id);
    await waitFor(async () => (await statusWith(key)) === 401, { timeoutMs: 15_000 });
    const again = await rotate(connector.id, 24);
    expect([await statusWith(key), await statusWith(again.key)]).toEqual([401, 200]);
  });

  it('ends when the one after it is rotated, however long it was to work on', async () => {
    const { key, connector } = await connect();
    const second = await rotate(connector.id, 168);
    const third = await rotate(connector.id, 168);
    expect([await statusWith(key), await statusWith(second.key)]).toEqual([401, 200]);
    expect(await statusWith(third.key)).toBe(200);
    const living =
      'select 1 from sensor_keys where connector_id = $1 and (expires_at > now()) is not false';
    await Promise.all([1, 2, 3, 4].map(() => rotate(connector.id, 168)));
    expect(await product.select(living, [connector.id])).toHaveLength(2);
  });

  it.each([-1, 169])('does not overlap for %d hours', async (overlapHours) => {
    const { connector } = await connect();
    await expect(rotate(connector.id, overlapHours)).rejects.toThrow('BAD_USER_INPUT');
  });
});

describe('what becomes of a key', () => {
  it('is told, with who did it and as what, and never with the key', async () => {
    const admin = adminOf(customer);
    const first = await connect(customer, admin);
    const { id } = first.connector;
    const second = await rotate(id, 1, operator);
    await revoke(id, admin);
    await revoke(id, admin);
    const told = await toldOf(id);
    const by = { actor: admin.principalId, actorRole: 'PROVIDER_ADMIN', aggregateId: id };
    expect(told).toMatchObject([
      {
        meta: { ...customer, ...by, aggregateVersion: 1n },
        event: {
          case: 'connectorCreated',
          value: {
            ...{ type: 'windows-events', name: 'windows-events', provenance: 'LIVE' },
            sensorKeyId: publicIdOf(first),
          },
        },
      },
      {
        meta: { actor: operator.principalId, actorRole: 'OPERATOR_ADMIN', aggregateVersion: 2n },
        event: { case: 'sensorKeyRotated', value: { sensorKeyId: publicIdOf(second) } },
      },
      { meta: { ...by, aggregateVersion: 3n }, event: { case: 'sensorKeysRevoked' } },
    ]);
    const [, rotated, revoked] = told.map(({ event }) => event.value);
    expect(rotated).toMatchObject({ oldKeyUntil: { seconds: expect.anything() } });
    const { oldKeyUntil } = rotated as SensorKeyRotated;
    const until = oldKeyUntil ? timestampDate(oldKeyUntil).getTime() : 0;
    expect((until - Date.now()) / 3_600_000).toBeCloseTo(1, 1);
    expect((revoked as SensorKeysRevoked).sensorKeyIds.toSorted()).toEqual(
      [publicIdOf(first), publicIdOf(second)].toSorted(),
    );
    const payloads = await product.select<{ payload: Buffer }>('select payload from outbox');
    for (const { key } of [first, second]) {
      expect(payloads.some(({ payload }) => payload.includes(key))).toBe(false);
    }
  });
});

describe('a customer that moves to another provider', () => {
  it('leaves its sensor keys behind: the provider before was shown them', async () => {
    const before = await product.onboardCustomer();
    const [{ key, connector }, quiet] = [await connect(before), await connect(before)];
    await revoke(quiet.connector.id, operator);
    expect(await statusWith(key)).toBe(200);
    const after = { ...before, providerId: newId() };
    const news = customerMoved(after, 2n);
    await publish(news);
    await waitFor(async () => (await statusWith(key)) === 401, { timeoutMs: 15_000 });

    const told = await toldOf(connector.id);
    expect(told.at(-1)).toMatchObject({
      meta: { ...after, actor: 'system:ingestion', actorRole: 'SERVICE', aggregateVersion: 2n },
      event: { case: 'sensorKeysRevoked' },
    });
    expect(await toldOf(quiet.connector.id)).toHaveLength(2);
    const given = await rotate(connector.id, 0, adminOf(after));
    expect(await statusWith(given.key)).toBe(200);

    // News that is not new ends nothing: the same again under another id, and what was before it.
    await publish(customerMoved(after, 2n));
    await publish(customerMoved(before, 1n));
    const moved = 'ingestion-record-customer-on-customer-moved';
    await waitFor(async () => {
      const info = await product.bus.manager.consumers.info('TENANCY', moved);
      return info.num_pending + info.num_ack_pending === 0;
    });
    expect(await toldOf(connector.id)).toHaveLength(3);
  });

  it('takes no key from the old provider, whose tokens name it for a while', async () => {
    const before = await product.onboardCustomer();
    const { connector } = await connect(before);
    const after = { ...before, providerId: newId() };
    await publish(customerMoved(after, 2n));
    await waitFor(async () => (await toldOf(connector.id)).length === 2);
    const late = adminOf(before);
    await expect(connect(before, late)).rejects.toThrow('NOT_FOUND');
    await expect(rotate(connector.id, 24, late)).rejects.toThrow('NOT_FOUND');
    await expect(revoke(connector.id, late)).rejects.toThrow('NOT_FOUND');
    expect(await toldOf(connector.id)).toHaveLength(2);
    await rotate(connector.id, 24, operator);
    await revoke(connector.id, adminOf(after));
  });

  it('keeps none that is made while the news arrives', async () => {
    const before = await product.onboardCustomer();
    const { connector } = await connect(before);
    const after = { ...before, providerId: newId() };
    const making = Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0 ? connect(before) : rotate(connector.id, 24, adminOf(before)),
      ),
    );
    await publish(customerMoved(after, 2n));
    await making;
    const moved = 'select 1 from customers where customer_id = $1 and provider_id = $2';
    await waitFor(
      async () => (await product.select(moved, [after.customerId, after.providerId])).length === 1,
    );
    const living = `select 1 from sensor_keys
      where customer_id = $1 and (expires_at > now()) is not false`;
    expect(await product.select(living, [before.customerId])).toEqual([]);
  });
});

describe('a customer whose service has ended', () => {
  it('gets neither a new connector nor a new key, and its keys can still be ended', async () => {
    const leaving = await product.onboardCustomer();
    const { connector } = await connect(leaving);
    await publish(customerOffboarded(leaving, 2n));
    const ended = 'select 1 from customers where customer_id = $1 and not is_served';
    await waitFor(async () => (await product.select(ended, [leaving.customerId])).length === 1);
    for (const viewer of [adminOf(leaving), operator]) {
      await expect(connect(leaving, viewer)).rejects.toThrow('ILLEGAL_STATE');
      await expect(rotate(connector.id, 24, viewer)).rejects.toThrow('ILLEGAL_STATE');
    }
    expect(await toldOf(connector.id)).toHaveLength(1);
    await revoke(connector.id, adminOf(leaving));
    expect(await toldOf(connector.id)).toHaveLength(2);
  });
});
