import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { Plan } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import {
  adminOf,
  customerChanged,
  customerOnboarded,
  startTestIngestion,
} from '../testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from '../testing/ingestion-product.ts';
import { startSophosSimulator } from '../testing/sophos-simulator.ts';
import type { SimulatedTenant, SophosSimulator } from '../testing/sophos-simulator.ts';

let product: TestIngestion;
let simulator: SophosSimulator;
let mine: TestCustomer;
let foreign: TestCustomer;
let tenant: SimulatedTenant;

beforeAll(async () => {
  product = await startTestIngestion();
  await product.startHistory();
  await product.createDetectors();
  mine = await product.onboardCustomer();
  foreign = await product.onboardCustomer();
  simulator = await startSophosSimulator({ 'items-per-feed': '20', 'delay-ms': '50' });
  tenant = simulator.tenants.get('Harbour Mills') ?? { id: '', clientId: '' };
  await waitFor(() => product.isReady());
});

afterAll(async () => {
  await simulator.stop();
  await product.stop();
});

interface Shown {
  readonly id: string;
  readonly name: string;
  readonly settings: unknown;
  readonly hasCredentials: boolean;
  readonly isPaused: boolean;
  readonly polls: readonly {
    readonly feed: string;
    readonly lastPollAt: string | null;
    readonly lastError: string | null;
    readonly checkpointAt: string | null;
  }[];
}

const shown = `id name settings hasCredentials isPaused
  polls { feed nextPollAt lastPollAt lastError checkpointAt }`;

function create(customer: TestCustomer, input: object) {
  return product.ask<{ createConnector: { connector: Shown } }>(
    adminOf(customer),
    `mutation ($input: CreateConnectorInput!) {
      createConnector(input: $input) { connector { ${shown} } }
    }`,
    { input: { customerId: customer.customerId, type: 'sophos-central', ...input } },
  );
}

function update(customer: TestCustomer, input: object) {
  return product.ask<{ updateConnector: { connector: Shown } }>(
    adminOf(customer),
    `mutation ($input: UpdateConnectorInput!) {
      updateConnector(input: $input) { connector { ${shown} } }
    }`,
    { input },
  );
}

async function createdBy(answer: ReturnType<typeof create>): Promise<Shown> {
  const { data, errors } = await answer;
  if (!data) throw new Error(JSON.stringify(errors));
  return data.createConnector.connector;
}

const settings = () => ({
  ...{ tenantId: tenant.id, loginUrl: simulator.loginUrl, apiUrl: simulator.apiUrl },
});
const credentials = () => ({
  ...{ clientId: tenant.clientId, clientSecret: `secret-of-${tenant.clientId}` },
});

describe('what people set for a connector', () => {
  it('is shown again, but for its credentials, which are nowhere in the clear', async () => {
    const input = { settings: { tenantId: newId() }, credentials: credentials() };
    const connector = await createdBy(create(mine, input));
    expect(connector).toMatchObject({
      ...{ settings: input.settings, hasCredentials: true, isPaused: false },
      polls: ['detections', 'endpoints', 'health-check', 'siem-alerts', 'siem-events'].map(
        (feed) => ({ feed }),
      ),
    });
    expect(JSON.stringify(connector)).not.toContain('secret-of');
    for (const table of ['connectors', 'outbox', 'connector_polls']) {
      const rows = await product.select(`select t::text as row from ${table} t`);
      expect(JSON.stringify(rows)).not.toContain('secret-of');
    }
    await update(mine, { connectorId: connector.id, isPaused: true });
  });

  it.each([
    [{ settings: { tenantId: 'harbour' } }, 'input.settings.tenantId'],
    [{ settings: { shape: 'round' } }, 'input.settings'],
    [{ credentials: { clientId: 'me' } }, 'input.credentials.clientSecret'],
    [{ type: 'windows-events', credentials: { password: 'hush' } }, 'input.credentials'],
  ])('is refused with the name of what does not fit: %j', async (input, path) => {
    const { errors } = await create(mine, input);
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT', fields: [{ path }] } }]);
    expect(JSON.stringify(errors)).not.toContain('hush');
  });

  it('can be changed part by part, and each change is told', async () => {
    const { id } = await createdBy(create(mine, { name: 'Central' }));
    const renamed = await update(mine, { connectorId: id, name: ' Mills ', isPaused: true });
    expect(renamed.data?.updateConnector.connector).toMatchObject({
      ...{ name: 'Mills', isPaused: true, hasCredentials: false, settings: {} },
    });
    const kept = await update(mine, { connectorId: id, credentials: credentials() });
    expect(kept.data?.updateConnector.connector).toMatchObject({
      ...{ name: 'Mills', isPaused: true, hasCredentials: true },
    });
    const events = await product.select<{ payload: Buffer }>(
      'select payload from outbox where aggregate_id = $1 order by position',
      [id],
    );
    const told = events.map(({ payload }) => fromBinary(IngestionEventSchema, payload));
    expect(told).toMatchObject([
      { meta: { aggregateVersion: 1n }, event: { case: 'connectorCreated' } },
      {
        meta: { aggregateVersion: 2n, actorRole: 'PROVIDER_ADMIN' },
        event: {
          case: 'connectorUpdated',
          value: { name: 'Mills', isPaused: true, changed: ['name', 'isPaused'] },
        },
      },
      { event: { case: 'connectorUpdated', value: { changed: ['credentials'] } } },
    ]);
  });

  it('is changed by nobody else, and not by an empty change', async () => {
    const { id } = await createdBy(create(mine, {}));
    const bySomebodyElse = await update(foreign, { connectorId: id, name: 'Mine now' });
    expect(bySomebodyElse.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    const empty = await update(mine, { connectorId: id });
    expect(empty.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe("a customer's plan", () => {
  it('decides whether there may be a source beyond the endpoint, as it is now', async () => {
    const customer = { customerId: newId(), providerId: newId() };
    const tell = async ({ subject, payload }: ReturnType<typeof customerOnboarded>) => {
      await product.bus.client.publish(subject, payload);
    };
    const planOf = async (): Promise<string | undefined> => {
      const rows = await product.select<{ plan: string }>(
        'select plan from customers where customer_id = $1',
        [customer.customerId],
      );
      return rows[0]?.plan;
    };
    await tell(customerOnboarded(customer, Plan.STANDARD));
    await waitFor(async () => (await planOf()) === 'STANDARD');
    const refused = await create(customer, { type: 'okta' });
    expect(refused.errors).toMatchObject([
      { extensions: { code: 'PLAN_REQUIRED', feature: 'ENHANCED_TELEMETRY' } },
    ]);
    expect((await create(customer, {})).errors).toEqual([]);
    await tell(customerChanged(customer, 3n, Plan.ADVANCED));
    await waitFor(async () => (await planOf()) === 'ADVANCED');
    expect((await create(customer, { type: 'okta' })).errors).toEqual([]);
    // Older news after newer changes nothing.
    await tell(customerChanged(customer, 2n, Plan.STANDARD));
    await waitFor(async () => {
      const { num_pending, num_ack_pending } = await product.bus.manager.consumers.info(
        'TENANCY',
        'ingestion-record-plan-on-customer-changed',
      );
      return num_pending + num_ack_pending === 0;
    });
    expect(await planOf()).toBe('ADVANCED');
  });
});

describe('a connector to Sophos Central', () => {
  it('fetches by itself what its tenant has, and shows how far it is', async () => {
    const input = { settings: settings(), credentials: { ...credentials(), clientSecret: 'old' } };
    const { id } = await createdBy(create(mine, input));
    const look = async (): Promise<Shown['polls']> => {
      const { data } = await product.ask<{ connectors: { nodes: Shown[] } }>(
        adminOf(mine),
        `{ connectors(first: 100) { nodes { ${shown} } } }`,
      );
      return data?.connectors.nodes.find((each) => each.id === id)?.polls ?? [];
    };
    const refused = 'Sophos Central does not accept the client id and secret.';
    await waitFor(async () => (await look()).some(({ lastError }) => lastError === refused));
    await update(mine, { connectorId: id, credentials: credentials() });
    await waitFor(
      async () =>
        (await look()).every(({ checkpointAt, lastPollAt }) => checkpointAt && lastPollAt),
      { timeoutMs: 60_000 },
    );
    expect((await look()).map(({ lastError }) => lastError)).toEqual(Array(5).fill(null));
    const expected = (
      await Promise.all(
        ['events', 'alerts', 'detections'].map((feed) => simulator.idsOf(tenant.id, feed)),
      )
    ).flat();
    const stored = await waitFor(async () => {
      const rows = await product.select<{ raw: string }>(
        'select raw from telemetry_events where connector_id = $1',
        [id],
      );
      return rows.length === expected.length + 12 + 1 ? rows : undefined;
    });
    const ids = (stored ?? []).map(({ raw }) => (JSON.parse(raw) as { id?: string }).id);
    expect(ids).toEqual(expect.arrayContaining(expected));
  });
});
