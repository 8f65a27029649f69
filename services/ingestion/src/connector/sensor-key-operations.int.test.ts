import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@vedette/testkit';
import { adminOf, startTestIngestion } from '../testing/ingestion-product.ts';
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

async function mutate(name: string, type: string, input: object, selection: string): Promise<Made> {
  const { data, errors } = await product.ask(
    adminOf(customer),
    `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`,
    { input },
  );
  const made = (data as unknown as Record<string, Made> | null)?.[name];
  if (!made) throw new Error(errors[0]?.extensions.code);
  return made;
}

const connect = () =>
  mutate(
    'createConnector',
    'CreateConnectorInput',
    { customerId: customer.customerId, type: 'windows-events' },
    'key connector { id }',
  );

const rotate = (connectorId: string, overlapHours: number) =>
  mutate(
    'rotateSensorKey',
    'RotateSensorKeyInput',
    { connectorId, overlapHours },
    'key connector { id }',
  );

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
    const input = { connectorId: connector.id };
    await mutate('revokeSensorKeys', 'RevokeSensorKeysInput', input, 'connector { id }');
    await waitFor(async () => (await statusWith(key)) === 401, { timeoutMs: 15_000 });
    const again = await rotate(connector.id, 24);
    expect([await statusWith(key), await statusWith(again.key)]).toEqual([401, 200]);
  });

  it.each([-1, 169])('does not overlap for %d hours', async (overlapHours) => {
    const { connector } = await connect();
    await expect(rotate(connector.id, overlapHours)).rejects.toThrow('BAD_USER_INPUT');
  });
});
