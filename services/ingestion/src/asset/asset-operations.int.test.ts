import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fromBinary } from '@bufbuild/protobuf';
import { assetId } from '@vedette/event-model';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import type { ConnectorType } from '../connectors/index.ts';
import { anEndpoint } from '../connectors/sophos-central/testing/sophos-records.ts';
import { adminOf, operator, startTestIngestion } from '../testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from '../testing/ingestion-product.ts';
import { publishRecords, untilSettled } from '../testing/publish-records.ts';
import { aProcessStart } from '../testing/sysmon-records.ts';
import { assetIdsOf } from './asset-operations.ts';

let product: TestIngestion;

beforeAll(async () => {
  product = await startTestIngestion();
  await product.startHistory();
  await product.createDetectors();
});

afterAll(() => product.stop());

interface ShownAsset {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly os: string | null;
  readonly agentIds: readonly string[];
  readonly macAddresses: readonly string[];
  readonly aliases: readonly string[];
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
  readonly criticality: string;
  readonly criticalityAssessment: { source: string; reason: string; setBy: string } | null;
}

const shown = `id name kind os agentIds macAddresses aliases firstSeenAt lastSeenAt criticality
  criticalityAssessment { source reason setBy setAt }`;

async function assetsOf({ customerId }: TestCustomer, filter = ''): Promise<readonly ShownAsset[]> {
  const { data, errors } = await product.ask<{ assets: { nodes: ShownAsset[] } }>(
    operator,
    `query ($of: ID!) { assets(filter: { customerId: $of ${filter} }) { nodes { ${shown} } } }`,
    { of: customerId },
  );
  expect(errors).toEqual([]);
  return data?.assets.nodes ?? [];
}

async function getAsset(viewer: typeof operator, id: string): Promise<ShownAsset | undefined> {
  const document = `query ($id: ID!) { asset(id: $id) { ${shown} } }`;
  return (await product.ask<{ asset: ShownAsset }>(viewer, document, { id })).data?.asset;
}

/** Kinds of the events that were told of a customer, in order. */
async function eventsOf({ customerId }: TestCustomer) {
  const rows = await product.select<{ payload: Buffer }>(
    'select payload from outbox where subject like $1 order by position',
    [`vedette.ingestion.asset%.${customerId}`],
  );
  return rows.map(({ payload }) => fromBinary(IngestionEventSchema, payload));
}

/** Publishes and waits until everything was concluded. */
async function see(
  customer: TestCustomer,
  type: ConnectorType,
  ...records: readonly Readonly<Record<string, unknown>>[]
): Promise<void> {
  await publishRecords(product, customer, type, ...records);
  await untilSettled(product, customer);
}

let recordNumber = 0;
function onHost(Computer: string, more: Readonly<Record<string, unknown>> = {}) {
  recordNumber += 1;
  return aProcessStart({ Computer, Hostname: Computer, RecordNumber: recordNumber, ...more });
}

const setDocument = `mutation ($assetId: ID!, $criticality: Level, $reason: String!) {
  setAssetCriticality(input: { assetId: $assetId, criticality: $criticality, reason: $reason }) {
    asset { ${shown} }
  }
}`;
async function say(
  viewer: typeof operator,
  id: string,
  criticality: string | null,
  reason = 'It runs the tills.',
): Promise<ShownAsset | undefined> {
  const { data, errors } = await product.ask<{ setAssetCriticality: { asset: ShownAsset } }>(
    viewer,
    setDocument,
    { assetId: id, criticality, reason },
  );
  expect(errors).toEqual([]);
  return data?.setAssetCriticality.asset;
}

describe('assets that are one', () => {
  it('are shown as one, with all that is known of either', async () => {
    const customer = await product.onboardCustomer();
    const full = onHost('srv-files.corp.example', { UtcTime: '2026-01-05 10:00:00.000' });
    await see(customer, 'windows-events', full);
    await see(
      customer,
      'sophos-central',
      anEndpoint({ macAddresses: ['3C:52:82:00:53:01'], lastSeenAt: '2026-01-06T10:00:00.000Z' }),
    );
    expect(await assetsOf(customer)).toMatchObject([
      {
        ...{ name: 'srv-files.corp.example', kind: 'SERVER', os: 'Windows Server 2022' },
        ...{ aliases: ['SRV-FILES'], macAddresses: ['3c:52:82:00:53:01'] },
        agentIds: ['sophos:7f1d2a90-0000-4000-8000-000000000002'],
        firstSeenAt: '2026-01-05T10:00:00.000Z',
        lastSeenAt: '2026-01-06T10:00:00.000Z',
        ...{ criticality: 'HIGH', criticalityAssessment: { source: 'RULE', setBy: 'server' } },
      },
    ]);
  });

  it('are found by the id of each, and by the name of each', async () => {
    const customer = await product.onboardCustomer();
    await see(customer, 'windows-events', onHost('ws-1'), onHost('ws-1.corp.example'));
    const [only] = await assetsOf(customer);
    const old = assetId(customer.customerId, 'ws-1');
    expect(await getAsset(adminOf(customer), old)).toEqual(only);
    const [reference] = await referencesTo(adminOf(customer), [old]);
    expect(reference).toMatchObject({ id: only?.id });
    expect(await assetsOf(customer, 'name: "WS-1"')).toHaveLength(1);
    expect(await assetsOf(customer, 'name: "ws-2"')).toEqual([]);
    expect(await assetsOf(customer, 'kind: SERVER')).toEqual([]);
    const ids = await idsOf(customer, old);
    expect(ids.toSorted()).toEqual([old, only?.id].toSorted());
  });

  it('have their telemetry together, under the id of either', async () => {
    const customer = await product.onboardCustomer();
    await see(customer, 'windows-events', onHost('ws-1'), onHost('ws-1.corp.example'));
    await see(customer, 'windows-events', onHost('ws-2'));
    const document = `query ($filter: TelemetryFilter!) {
      telemetry(filter: $filter) { nodes { id } }
      telemetryCounts(filter: $filter, by: FIELD, field: "Computer") { counts { key } }
    }`;
    for (const name of ['ws-1', 'ws-1.corp.example']) {
      for (const text of [undefined, 'whoami']) {
        const wanted = assetId(customer.customerId, name);
        const filter = { customerId: customer.customerId, assetId: wanted, text };
        const { data, errors } = await product.ask<{
          telemetry: { nodes: unknown[] };
          telemetryCounts: { counts: { key: string }[] };
        }>(operator, document, { filter });
        expect(errors).toEqual([]);
        expect(data?.telemetry.nodes).toHaveLength(2);
        const hosts = data?.telemetryCounts.counts.map(({ key }) => key);
        expect(hosts?.toSorted()).toEqual(['ws-1', 'ws-1.corp.example']);
      }
    }
  });

  it('are one whichever came first, and in one batch or two', async () => {
    const names = ['till-1.corp.example', 'till-1'];
    const shapes = [
      [names],
      [names.toReversed()],
      names.map((name) => [name]),
      names.map((name) => [name]).toReversed(),
    ];
    for (const batches of shapes) {
      const customer = await product.onboardCustomer();
      for (const batch of batches) {
        await see(customer, 'windows-events', ...batch.map((name) => onHost(name)));
      }
      expect(await assetsOf(customer)).toMatchObject([{ name: names[0], aliases: [names[1]] }]);
    }
  });

  it('are two again once a third makes it ambiguous', async () => {
    const customer = await product.onboardCustomer();
    await see(customer, 'windows-events', onHost('ws-1'), onHost('ws-1.corp.example'));
    expect(await assetsOf(customer)).toHaveLength(1);
    await see(customer, 'windows-events', onHost('ws-1.lab.example'));
    expect(await assetsOf(customer)).toHaveLength(3);
    const cases = (await eventsOf(customer)).map(({ event }) => event.case);
    expect(cases.slice(-3)).toEqual(['assetMerged', 'assetDiscovered', 'assetUnmerged']);
  });

  it('are seen as one: activity under either name is activity of it', async () => {
    const customer = await product.onboardCustomer();
    await see(customer, 'windows-events', onHost('ws-1'), onHost('ws-1.corp.example'));
    const UtcTime = new Date(Date.now() + 60_000).toISOString().replace('T', ' ').replace('Z', '');
    await see(customer, 'windows-events', onHost('ws-1', { UtcTime }));
    const [only] = await assetsOf(customer);
    expect(only?.lastSeenAt).toBe(UtcTime.replace(' ', 'T') + 'Z');
    expect(only?.name).toBe('ws-1.corp.example');
  });

  it('of the same name at two customers stay two', async () => {
    const [one, two] = [await product.onboardCustomer(), await product.onboardCustomer()];
    await see(one, 'sophos-central', anEndpoint());
    await see(two, 'sophos-central', anEndpoint({ hostname: 'other' }));
    expect(await assetsOf(one)).toMatchObject([{ aliases: [] }]);
    expect(await assetsOf(two)).toMatchObject([{ aliases: [] }]);
  });
});

describe('a merge that was wrong', () => {
  const unmerge = (viewer: typeof operator, id: string) =>
    product.ask(
      viewer,
      `mutation ($id: ID!) { unmergeAsset(input: { assetId: $id }) { asset { id name } } }`,
      { id },
    );

  it('is taken back by a person, exactly, and never made again', async () => {
    const customer = await product.onboardCustomer();
    const UtcTime = '2026-01-05 10:00:00.000';
    await see(customer, 'windows-events', onHost('ws-1', { UtcTime }), onHost('ws-1.corp.example'));
    const old = assetId(customer.customerId, 'ws-1');
    expect((await unmerge(adminOf(customer), old)).errors).toEqual([]);
    await see(customer, 'windows-events', onHost('ws-1'), onHost('ws-1.corp.example'));
    await see(customer, 'sophos-central', anEndpoint({ hostname: 'ws-1' }));
    await see(customer, 'sophos-central', anEndpoint({ hostname: 'ws-1.corp.example' }));
    const assets = await assetsOf(customer);
    expect(assets.map(({ name }) => name).toSorted()).toEqual(['ws-1', 'ws-1.corp.example']);
    const full = assets.find(({ name }) => name === 'ws-1.corp.example');
    expect(full?.firstSeenAt).not.toBe('2026-01-05T10:00:00.000Z');
    const told = (await eventsOf(customer)).find(({ event }) => event.case === 'assetUnmerged');
    expect(told?.meta).toMatchObject({ aggregateId: old, actorRole: 'PROVIDER_ADMIN' });
  });

  it('is refused where there is none', async () => {
    const customer = await product.onboardCustomer();
    await see(customer, 'windows-events', onHost('ws-1'));
    const { errors } = await unmerge(operator, assetId(customer.customerId, 'ws-1'));
    expect(errors).toMatchObject([{ extensions: { code: 'ILLEGAL_STATE' } }]);
  });
});

describe('how much depends on an asset', () => {
  it('is what a rule finds until a person says otherwise, and again once it is taken back', async () => {
    const customer = await product.onboardCustomer();
    const Image = 'C:\\Program Files\\Veeam\\Veeam.Backup.Service.exe';
    await see(customer, 'windows-events', onHost('bk-1', { Image }));
    const id = assetId(customer.customerId, 'bk-1');
    const byRule = { criticality: 'CRITICAL', criticalityAssessment: { source: 'RULE' } };
    expect(await getAsset(operator, id)).toMatchObject(byRule);
    const admin = adminOf(customer);
    expect(await say(admin, id, 'LOW', 'It is a laboratory.')).toMatchObject({
      criticality: 'LOW',
      criticalityAssessment: {
        ...{ source: 'PERSON', reason: 'It is a laboratory.', setBy: admin.principalId },
      },
    });
    await see(customer, 'windows-events', onHost('bk-1', { Image: 'C:\\x\\vmms.exe' }));
    expect(await getAsset(operator, id)).toMatchObject({ criticality: 'LOW' });
    expect(await assetsOf(customer, 'criticality: LOW')).toHaveLength(1);
    expect(await say(admin, id, null)).toMatchObject(byRule);
    expect(await assetsOf(customer, 'criticality: LOW')).toEqual([]);
  });

  it('is told once for each change, however often it is said or found', async () => {
    const customer = await product.onboardCustomer();
    const ticket = {
      ...{ EventID: 4769, Channel: 'Security', TargetUserName: 'ann@CORP' },
      SourceName: 'Microsoft-Windows-Security-Auditing',
    };
    await see(customer, 'windows-events', onHost('dc-1', ticket), onHost('dc-1', ticket));
    await see(customer, 'windows-events', onHost('dc-1', ticket));
    const id = assetId(customer.customerId, 'dc-1');
    expect(await getAsset(operator, id)).toMatchObject({ kind: 'DOMAIN_CONTROLLER' });
    await say(operator, id, 'HIGH');
    await say(operator, id, 'HIGH');
    const events = (await eventsOf(customer)).filter(
      ({ event }) => event.case === 'assetCriticalityChanged',
    );
    expect(events.map(({ meta, event }) => [meta?.aggregateVersion, event.value])).toMatchObject([
      [2n, { criticality: 'CRITICAL', source: 'RULE', setBy: 'domain-controller' }],
      [3n, { criticality: 'HIGH', source: 'PERSON', setBy: operator.principalId }],
    ]);
  });

  it('needs a reason', async () => {
    const customer = await product.onboardCustomer();
    await see(customer, 'windows-events', onHost('ws-1'));
    const id = assetId(customer.customerId, 'ws-1');
    for (const reason of [' ', 'x'.repeat(501)]) {
      const variables = { assetId: id, criticality: 'LOW', reason };
      const { errors } = await product.ask(operator, setDocument, variables);
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    }
  });

  it('goes with the asset that another was merged into', async () => {
    const customer = await product.onboardCustomer();
    await see(customer, 'windows-events', onHost('ws-1'));
    const short = assetId(customer.customerId, 'ws-1');
    await say(operator, short, 'HIGH');
    await see(customer, 'windows-events', onHost('ws-1.corp.example'));
    expect(await assetsOf(customer)).toMatchObject([
      { name: 'ws-1.corp.example', criticality: 'HIGH' },
    ]);
    expect(await say(operator, short, null)).toMatchObject({ criticality: 'NORMAL' });
  });
});

async function referencesTo(viewer: typeof operator, ids: readonly string[]): Promise<unknown[]> {
  const { data } = await product.ask<{ _entities: unknown[] }>(
    viewer,
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Asset { id } } }`,
    { of: ids.map((id) => ({ __typename: 'Asset', id })) },
  );
  return data?._entities ?? [];
}

async function idsOf({ customerId }: TestCustomer, id: string): Promise<string[]> {
  const database = await product.connect([]);
  return database.transaction({ kind: 'CUSTOMERS', customerIds: [customerId] }, (tx) =>
    assetIdsOf(tx, customerId, id),
  );
}
