import { fromBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { IngestionEventSchema } from '@vedette/proto-schemas/ingestion/v1/ingestion_event';
import { newId } from '@vedette/service-kit';
import type { Role } from '@vedette/service-kit';
import { adminOf, operator, startTestIngestion } from '../testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from '../testing/ingestion-product.ts';

let product: TestIngestion;
let mine: TestCustomer;
let foreign: TestCustomer;

beforeAll(async () => {
  product = await startTestIngestion();
  mine = await product.onboardCustomer();
  foreign = await product.onboardCustomer();
});

afterAll(() => product.stop());

const createText = `mutation ($input: CreateConnectorInput!) {
  createConnector(input: $input) { key connector { id type name provenance customer { id } } }
}`;

function create(viewer: ReturnType<typeof adminOf>, input: object) {
  return product.ask(viewer, createText, { input: { type: 'windows-events', ...input } });
}

const connectorIdsText = `query ($customerId: ID) {
  connectors(filter: { customerId: $customerId }) { nodes { id } }
}`;

describe('setting up a connector', () => {
  it('gives a key once, keeps only its digest, and tells of the connector', async () => {
    const { data } = await create(adminOf(mine), {
      customerId: mine.customerId,
      name: ' Servers ',
    });
    const created = (
      data as unknown as { createConnector: { key: string; connector: { id: string } } }
    ).createConnector;
    expect(created.connector).toMatchObject({
      type: 'windows-events',
      name: 'Servers',
      provenance: 'LIVE',
      customer: { id: mine.customerId },
    });
    const keys = await product.select('select * from sensor_keys where connector_id = $1', [
      created.connector.id,
    ]);
    expect(keys).toHaveLength(1);
    expect(JSON.stringify(keys)).not.toContain(created.key);
    const [event] = await product.select<{ payload: Buffer }>(
      'select payload from outbox where aggregate_id = $1',
      [created.connector.id],
    );
    const { meta, event: what } = fromBinary(
      IngestionEventSchema,
      event?.payload ?? Buffer.alloc(0),
    );
    expect(meta).toMatchObject({
      ...mine,
      aggregateId: created.connector.id,
      aggregateVersion: 1n,
    });
    expect(what).toMatchObject({ case: 'connectorCreated', value: { type: 'windows-events' } });
  });

  it('answers alike for a customer of somebody else and for one that is not there', async () => {
    for (const customerId of [foreign.customerId, newId()]) {
      const { errors, data } = await create(adminOf(mine), { customerId });
      expect(data).toBeNull();
      expect(errors).toMatchObject([
        { message: 'No such Customer.', extensions: { code: 'NOT_FOUND' } },
      ]);
    }
    const { errors } = await create(operator, { customerId: newId() });
    expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
  });

  it.each(['PROVIDER_TECHNICIAN', 'PROVIDER_VIEWER', 'CUSTOMER_APPROVER', 'INTEGRATION'] as Role[])(
    'is refused to a %s',
    async (role) => {
      const { errors } = await create({ ...adminOf(mine), role }, { customerId: mine.customerId });
      expect(errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    },
  );

  it.each([{ type: 'toaster' }, { name: '' }, { name: 'a\0b' }, { customerId: 'mine' }])(
    'refuses %j',
    async (wrong) => {
      const { errors } = await create(adminOf(mine), { customerId: mine.customerId, ...wrong });
      expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
    },
  );
});

describe('connectors', () => {
  it('are listed newest first, in pages, and only those of reachable customers', async () => {
    await create(operator, { customerId: foreign.customerId });
    await create(adminOf(mine), { customerId: mine.customerId, name: 'Newer' });
    const page = `query ($after: String) {
      connectors(first: 1, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } }
    }`;
    const first = await product.ask(adminOf(mine), page);
    expect(first).toMatchObject({
      data: { connectors: { nodes: [{ name: 'Newer' }], pageInfo: { hasNextPage: true } } },
    });
    const after = (first.data as unknown as { connectors: { pageInfo: { endCursor: string } } })
      .connectors.pageInfo.endCursor;
    expect(await product.ask(adminOf(mine), page, { after })).toMatchObject({
      data: { connectors: { nodes: [{ name: 'Servers' }], pageInfo: { hasNextPage: false } } },
    });
  });

  it('of somebody else are NOT_FOUND, by filter and by reference', async () => {
    const { customerId } = foreign;
    const listed = await product.ask(adminOf(mine), connectorIdsText, { customerId });
    expect(listed.errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
    const own = await product.ask(adminOf(foreign), connectorIdsText, { customerId });
    const [{ id }] = (own.data as unknown as { connectors: { nodes: [{ id: string }] } }).connectors
      .nodes;
    const reference = await product.ask(
      adminOf(mine),
      `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Connector { name } } }`,
      { of: [{ __typename: 'Connector', id }] },
    );
    expect(reference.data).toEqual({ _entities: [null] });
  });
});

describe('assets and telemetry', () => {
  it('of somebody else are NOT_FOUND', async () => {
    const texts = [
      `query ($id: ID!) { assets(filter: { customerId: $id }) { nodes { id } } }`,
      `query ($id: ID!) { telemetry(filter: { customerId: $id }) { nodes { id } } }`,
      `query ($id: ID!) { asset(id: $id) { id } }`,
    ];
    for (const text of texts) {
      for (const id of [foreign.customerId, newId()]) {
        const { errors } = await product.ask(adminOf(mine), text, { id });
        expect(errors).toMatchObject([{ extensions: { code: 'NOT_FOUND' } }]);
      }
    }
  });

  it('refuse cursors that they did not make', async () => {
    const forged = [
      ['x', 'y'],
      [1e300, newId()],
      ['2026-01-01T00:00:00.000Z', 'no id'],
      'text',
    ].map((position) => Buffer.from(JSON.stringify(position)).toString('base64url'));
    for (const after of forged) {
      for (const text of [
        'query ($id: ID, $after: String) { assets(after: $after, filter: { customerId: $id }) { nodes { id } } }',
        'query ($id: ID!, $after: String) { telemetry(after: $after, filter: { customerId: $id }) { nodes { id } } }',
        'query ($id: ID, $after: String) { connectors(after: $after, filter: { customerId: $id }) { nodes { id } } }',
      ]) {
        const { errors } = await product.ask(adminOf(mine), text, { id: mine.customerId, after });
        expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
      }
    }
  });
});
