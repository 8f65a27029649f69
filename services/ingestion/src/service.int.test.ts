import { readFileSync } from 'node:fs';
import { afterAll, beforeAll } from '@jest/globals';
import { telemetrySubject } from '@vedette/event-bus';
import { newId } from '@vedette/service-kit';
import {
  createTestDatabase,
  describeIdentity,
  describeIsolation,
  describePermissions,
  describeRedelivery,
  describeRowSecurity,
  waitFor,
} from '@vedette/testkit';
import { encodeEvent, joinBatch } from './telemetry/telemetry-batch.ts';
import { toTelemetryEvent } from './telemetry/telemetry-event.ts';
import {
  adminOf,
  customerMoved,
  customerOffboarded,
  customerOnboarded,
  exportRequested,
  migrateIngestion,
  operator,
  purgeRequested,
  startTestIngestion,
} from './testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from './testing/ingestion-product.ts';
import { protectedTables } from './testing/protected-tables.ts';
import { aProcessStart, toLines } from './testing/sysmon-records.ts';

let product: TestIngestion;
let mine: TestCustomer;
let foreign: TestCustomer;
let marks: Record<'customerId' | 'connectorId' | 'assetId' | 'eventId', string>;

beforeAll(async () => {
  product = await startTestIngestion();
  await product.startHistory();
  await product.createDetectors();
  mine = await product.onboardCustomer();
  foreign = await product.onboardCustomer();
  const key = await product.createSensor(mine);
  await waitFor(() => product.isReady());
  await fetch(product.eventsUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
    body: toLines([aProcessStart()]),
  });
  marks = await waitFor(async () => {
    const [row] = await product.select<{
      connector_id: string;
      asset_id: string;
      event_id: string;
    }>('select connector_id, asset_id, event_id from telemetry_events');
    if (!row) return undefined;
    const { connector_id: connectorId, asset_id: assetId, event_id: eventId } = row;
    return { customerId: mine.customerId, connectorId, assetId, eventId };
  }).then((found) => found ?? { customerId: '', connectorId: '', assetId: '', eventId: '' });
});

afterAll(() => product.stop());

const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');
const ask: TestIngestion['ask'] = (...question) => product.ask(...question);
const createDocument = `mutation ($customerId: ID!) {
  createConnector(input: { customerId: $customerId, type: "windows-events" }) {
    connector { id customer { id } }
  }
}`;
const keyDocument = (mutation: 'rotateSensorKey' | 'revokeSensorKeys') => `
  mutation ($connectorId: ID!) { ${mutation}(input: { connectorId: $connectorId }) { connector { id } } }`;
const entity = (type: string) => ({
  covers: [`_entities(${type})`],
  document: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on ${type} { name } } }`,
});

describeIdentity(() => product);

describePermissions({
  typeDefs,
  ask,
  viewerAs: (role) =>
    role.startsWith('OPERATOR_') ? { ...operator, role } : { ...adminOf(mine), role },
  mutations: {
    createConnector: {
      document: createDocument,
      variables: () => ({ customerId: mine.customerId }),
    },
    rotateSensorKey: {
      document: keyDocument('rotateSensorKey'),
      variables: () => ({ connectorId: marks.connectorId }),
    },
    revokeSensorKeys: {
      document: keyDocument('revokeSensorKeys'),
      variables: () => ({ connectorId: marks.connectorId }),
    },
  },
});

describeIsolation({
  typeDefs,
  ask,
  owner: () => adminOf(mine),
  marks: () => marks,
  outsiders: {
    'the admin of another provider': { viewer: () => adminOf(foreign) },
    'somebody who was granted nothing': { viewer: () => ({ ...adminOf(mine), customerIds: [] }) },
  },
  operations: [
    {
      covers: ['Query.asset(id)'],
      document: 'query ($assetId: ID!) { asset(id: $assetId) { id name customer { id } } }',
      variables: ({ assetId }) => ({ assetId }),
    },
    {
      covers: ['Query.assets', 'Query.connectors'],
      document: '{ assets { nodes { id customer { id } } } connectors { nodes { id } } }',
    },
    {
      covers: ['Query.assets(filter.customerId)'],
      document: 'query ($of: ID!) { assets(filter: { customerId: $of }) { nodes { id } } }',
      variables: ({ customerId }) => ({ of: customerId }),
    },
    {
      covers: ['Query.connectors(filter.customerId)'],
      document: 'query ($of: ID!) { connectors(filter: { customerId: $of }) { nodes { id } } }',
      variables: ({ customerId }) => ({ of: customerId }),
    },
    {
      covers: ['Query.telemetry(filter.customerId)', 'Query.telemetry(filter.assetId)'],
      document: `query ($customerId: ID!, $assetId: ID!) {
        telemetry(filter: { customerId: $customerId, assetId: $assetId }) { nodes { id connectorId } }
      }`,
      variables: ({ customerId, assetId }) => ({ customerId, assetId }),
    },
    {
      ...entity('Asset'),
      document: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Asset { id } } }`,
      variables: ({ assetId }) => ({ of: [{ __typename: 'Asset', id: assetId }] }),
    },
    {
      ...entity('Connector'),
      document: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Connector { id } } }`,
      variables: ({ connectorId }) => ({ of: [{ __typename: 'Connector', id: connectorId }] }),
    },
    {
      covers: ['Mutation.rotateSensorKey(input.connectorId)'],
      document: keyDocument('rotateSensorKey'),
      variables: ({ connectorId }) => ({ connectorId }),
    },
    {
      covers: ['Mutation.revokeSensorKeys(input.connectorId)'],
      document: keyDocument('revokeSensorKeys'),
      variables: ({ connectorId }) => ({ connectorId }),
    },
    {
      covers: ['Mutation.createConnector(input.customerId)'],
      document: createDocument,
      variables: ({ customerId }) => ({ customerId }),
    },
  ],
});

describeRedelivery({
  service: 'ingestion',
  bus: () => product.bus,
  consumers: {
    'ingestion-record-customer-on-customer-onboarded': {
      event: () => customerOnboarded(),
      effects: () => product.select('select * from customers order by customer_id'),
    },
    'ingestion-record-customer-on-customer-moved': {
      event: () => customerMoved({ customerId: newId(), providerId: newId() }, 2n),
      effects: () => product.select('select * from customers order by customer_id'),
    },
    'ingestion-refuse-sensors-on-customer-offboarded': {
      event: () => customerOffboarded({ customerId: newId(), providerId: newId() }, 2n),
      effects: () => product.select('select * from customers where not is_served'),
    },
    'ingestion-export-customer-on-customer-export-requested': {
      event: () => exportRequested(mine, newId()),
      effects: () => product.select('select event_id from outbox order by position'),
    },
    'ingestion-purge-customer-on-customer-purge-requested': {
      event: () => purgeRequested({ customerId: newId(), providerId: newId() }, newId()),
      effects: () => product.select('select event_id from outbox order by position'),
    },
    'ingestion-store-telemetry': {
      event: () => ({
        stream: 'TELEMETRY',
        subject: telemetrySubject(mine.customerId),
        payload: joinBatch({ batchId: newId(), ...mine }, [encodeEvent(aStrayEvent())]),
      }),
      effects: () => product.select('select * from telemetry_events order by received_at'),
    },
  },
});

function aStrayEvent() {
  return toTelemetryEvent(
    { customerId: mine.customerId, connectorId: newId() },
    {
      event: { occurredAt: Date.now(), classUid: 0, activityId: 0, severityId: 0, fields: {} },
      raw: '{}',
      receivedAt: Date.now() + 1,
      occurrence: 0,
    },
  );
}

describeRowSecurity({
  service: 'ingestion',
  createDatabase: () => createTestDatabase({ service: 'ingestion', migrate: migrateIngestion }),
  tables: protectedTables,
});
