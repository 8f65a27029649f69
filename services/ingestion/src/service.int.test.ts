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
  caseOpened,
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
const noMarks = {
  ...{ customerId: '', connectorId: '', assetId: '', eventId: '' },
  ...{ recordId: '', gapId: '', hostName: '', identityId: '', mergedAssetId: '' },
};
let marks: Readonly<Record<keyof typeof noMarks, string>>;

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
    body: `${toLines([aProcessStart()])}\n{"half":`,
  });
  await product.select(
    `with noted as (
       insert into telemetry_gaps (customer_id, gap_id, connector_id, from_time, to_time, reason, recorded_at)
       select customer_id, $1, connector_id, now(), now(), 'SILENCE', now() from connectors returning 1)
     select from noted`,
    [newId()],
  );
  marks = await waitFor(async () => {
    const [row] = await product.select<{
      connector_id: string;
      asset_id: string;
      event_id: string;
      record_id: string;
      gap_id: string;
      identity_id: string;
    }>(`select e.connector_id, asset_id, event_id, record_id, gap_id, identity_id
        from telemetry_events e join quarantined_records using (customer_id)
        join telemetry_gaps using (customer_id) join identities using (customer_id)`);
    if (!row) return undefined;
    const { connector_id: connectorId, asset_id: assetId, event_id: eventId } = row;
    const { record_id: recordId, gap_id: gapId } = row;
    return {
      hostName: 'WS-17.example.test',
      customerId: mine.customerId,
      connectorId,
      assetId,
      eventId,
      recordId,
      gapId,
      identityId: row.identity_id,
      mergedAssetId: await mergeAnother(assetId),
    };
  }).then((found) => found ?? noMarks);
});

afterAll(() => product.stop());

/** Adds an asset that is merged into another, as one agent's id has it, and answers its id. */
async function mergeAnother(assetId: string): Promise<string> {
  const mergedAssetId = newId();
  await product.select(
    `with merged as (
       insert into assets (customer_id, asset_id, name, first_seen_at, last_seen_at, version, merged_into)
       select customer_id, $1, name, first_seen_at, last_seen_at, 1, asset_id
       from assets where asset_id = $2 returning customer_id
     ), reasons as (
       insert into asset_keys (customer_id, asset_id, kind, value)
       select customer_id, asset_id::uuid, 'AGENT_ID', 'sophos:1'
       from merged, unnest(array[$1, $2]) as asset_id returning 1)
     select from reasons`,
    [mergedAssetId, assetId],
  );
  return mergedAssetId;
}

const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');
const ask: TestIngestion['ask'] = (...question) => product.ask(...question);
const createDocument = `mutation ($customerId: ID!) {
  createConnector(input: { customerId: $customerId, type: "windows-events" }) {
    connector { id customer { id } }
  }
}`;
const keyDocument = (mutation: 'rotateSensorKey' | 'revokeSensorKeys') => `
  mutation ($connectorId: ID!) { ${mutation}(input: { connectorId: $connectorId }) { connector { id } } }`;
const updateDocument = `mutation ($connectorId: ID!) {
  updateConnector(input: { connectorId: $connectorId, name: "Tills" }) {
    connector { id polls { feed } customer { id } }
  }
}`;
const replayDocument = `mutation ($recordId: ID!) {
  replayQuarantinedRecords(input: { ids: [$recordId] }) { items { id outcome } remaining }
}`;
const criticalityDocument = `mutation ($assetId: ID!) {
  setAssetCriticality(input: { assetId: $assetId, criticality: HIGH, reason: "It runs the tills." }) {
    asset { id agentIds aliases os customer { id } }
  }
}`;
const unmergeDocument = `mutation ($assetId: ID!) {
  unmergeAsset(input: { assetId: $assetId }) { asset { id customer { id } } }
}`;
const riskDocument = `mutation ($identityId: ID!) {
  setIdentityRisk(input: { identityId: $identityId, risk: HIGH, reason: "She approves payments." }) {
    identity { id aliases customer { id } }
  }
}`;
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
    updateConnector: {
      document: updateDocument,
      variables: () => ({ connectorId: marks.connectorId }),
    },
    replayQuarantinedRecords: {
      document: replayDocument,
      variables: () => ({ recordId: marks.recordId }),
    },
    setAssetCriticality: {
      document: criticalityDocument,
      variables: () => ({ assetId: marks.assetId }),
    },
    unmergeAsset: {
      document: unmergeDocument,
      variables: () => ({ assetId: marks.mergedAssetId }),
    },
    setIdentityRisk: {
      document: riskDocument,
      variables: () => ({ identityId: marks.identityId }),
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
      covers: ['Query.assets', 'Query.connectors', 'Query.identities'],
      document: `{ assets { nodes { id agentIds macAddresses aliases os customer { id } } }
        connectors { nodes { id } } identities { nodes { id aliases customer { id } } } }`,
    },
    {
      covers: ['Query.assets(filter.customerId)'],
      document: 'query ($of: ID!) { assets(filter: { customerId: $of }) { nodes { id } } }',
      variables: ({ customerId }) => ({ of: customerId }),
    },
    {
      covers: ['Query.identity(id)'],
      document: 'query ($of: ID!) { identity(id: $of) { id name customer { id } } }',
      variables: ({ identityId }) => ({ of: identityId }),
    },
    {
      covers: ['Query.identities(filter.customerId)'],
      document: 'query ($of: ID!) { identities(filter: { customerId: $of }) { nodes { id } } }',
      variables: ({ customerId }) => ({ of: customerId }),
    },
    {
      ...entity('Identity'),
      document: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Identity { id } } }`,
      variables: ({ identityId }) => ({ of: [{ __typename: 'Identity', id: identityId }] }),
    },
    {
      covers: ['Mutation.setAssetCriticality(input.assetId)'],
      document: criticalityDocument,
      variables: ({ assetId }) => ({ assetId }),
    },
    {
      covers: ['Mutation.unmergeAsset(input.assetId)'],
      document: unmergeDocument,
      variables: ({ mergedAssetId }) => ({ assetId: mergedAssetId }),
    },
    {
      covers: ['Mutation.setIdentityRisk(input.identityId)'],
      document: riskDocument,
      variables: ({ identityId }) => ({ identityId }),
    },
    {
      covers: ['Query.connectors(filter.customerId)'],
      document: `query ($of: ID!) { connectors(filter: { customerId: $of }) {
          nodes { id polls { feed } health { status } eventCounts { events } } } }`,
      variables: ({ customerId }) => ({ of: customerId }),
    },
    {
      covers: ['Query.quarantinedRecords', 'Query.telemetryGaps'],
      document: `{
        quarantinedRecords { nodes { id customer { id } connector { id } } }
        telemetryGaps { nodes { id customer { id } connector { id } } }
      }`,
    },
    {
      covers: ['Query.quarantinedRecords(filter.customerId)'],
      document:
        'query ($of: ID!) { quarantinedRecords(filter: { customerId: $of }) { nodes { id } } }',
      variables: ({ customerId }) => ({ of: customerId }),
    },
    {
      covers: ['Query.quarantinedRecords(filter.connectorId)'],
      document:
        'query ($of: ID!) { quarantinedRecords(filter: { connectorId: $of }) { nodes { id } } }',
      variables: ({ connectorId }) => ({ of: connectorId }),
    },
    {
      covers: ['Query.telemetryGaps(filter.customerId)'],
      document: 'query ($of: ID!) { telemetryGaps(filter: { customerId: $of }) { nodes { id } } }',
      variables: ({ customerId }) => ({ of: customerId }),
    },
    {
      covers: ['Query.telemetryGaps(filter.connectorId)'],
      document: 'query ($of: ID!) { telemetryGaps(filter: { connectorId: $of }) { nodes { id } } }',
      variables: ({ connectorId }) => ({ of: connectorId }),
    },
    {
      covers: ['Mutation.replayQuarantinedRecords(input.ids)'],
      document: replayDocument,
      variables: ({ recordId }) => ({ recordId }),
    },
    {
      covers: ['Mutation.replayQuarantinedRecords(input.connectorId)'],
      document: `mutation ($connectorId: ID!) {
        replayQuarantinedRecords(input: { connectorId: $connectorId, notTriedSince: "2100-01-01T00:00:00Z" }) {
          items { id outcome }
        }
      }`,
      variables: ({ connectorId }) => ({ connectorId }),
    },
    {
      covers: [
        'Query.telemetry(filter.customerId)',
        'Query.telemetry(filter.assetId)',
        'Query.telemetry(filter.connectorId)',
      ],
      document: `query ($customerId: ID!, $assetId: ID!, $connectorId: ID!) {
        telemetry(filter: {
          customerId: $customerId, assetId: $assetId, connectorId: $connectorId, text: "exe",
          fields: [{ field: "process.file.path", op: EXISTS }]
        }) { nodes { id connectorId } }
      }`,
      variables: ({ customerId, assetId, connectorId }) => ({ customerId, assetId, connectorId }),
    },
    {
      covers: ['Query.telemetryEvent(customerId)', 'Query.telemetryEvent(id)'],
      document: `query ($customerId: ID!, $eventId: ID!) {
        telemetryEvent(customerId: $customerId, id: $eventId) { id raw asset { id } }
      }`,
      variables: ({ customerId, eventId }) => ({ customerId, eventId }),
    },
    {
      covers: [
        'Query.telemetryCounts(filter.customerId)',
        'Query.telemetryCounts(filter.assetId)',
        'Query.telemetryCounts(filter.connectorId)',
      ],
      document: `query ($customerId: ID!, $assetId: ID!, $connectorId: ID!) {
        telemetryCounts(by: FIELD, field: "device.hostname", filter: {
          customerId: $customerId, assetId: $assetId, connectorId: $connectorId
        }) { counts { key count } }
      }`,
      variables: ({ customerId, assetId, connectorId }) => ({ customerId, assetId, connectorId }),
    },
    {
      covers: ['Query.processTree(customerId)', 'Query.processTree(eventId)'],
      document: `query ($customerId: ID!, $eventId: ID!) {
        processTree(customerId: $customerId, eventId: $eventId) { nodes { eventId image } }
      }`,
      variables: ({ customerId, eventId }) => ({ customerId, eventId }),
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
      covers: ['Mutation.updateConnector(input.connectorId)'],
      document: updateDocument,
      variables: ({ connectorId }) => ({ connectorId }),
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
    'ingestion-record-plan-on-customer-changed': {
      event: () => customerOnboarded(),
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
    'ingestion-hold-telemetry-on-case-changed': {
      event: () => caseOpened(mine),
      effects: () => product.select('select * from telemetry_holds order by detection_id'),
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
      event: {
        source: 'windows-events',
        occurredAt: Date.now(),
        classUid: 0,
        activityId: 0,
        severityId: 0,
        fields: {},
      },
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
