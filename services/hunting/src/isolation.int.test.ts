import { readFileSync } from 'node:fs';
import { afterAll, beforeAll } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import {
  describeIdentity,
  describeIsolation,
  describePermissions,
  describeRowSecurity,
  waitFor,
} from '@vedette/testkit';
import type { TenantMarks, TestService } from '@vedette/testkit';
import { assetId, customerId } from './testing/detection-builders.ts';
import { protectedTables } from './testing/protected-tables.ts';
import {
  aBatch,
  adminOf,
  aTelemetryEvent,
  createHuntingDatabase,
  logCleared,
  onboardCustomer,
  startTestHunting,
  telemetryOf,
} from './testing/test-hunting.ts';

const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');

let hunting: TestService;
let marks: TenantMarks = {};

beforeAll(async () => {
  hunting = await startTestHunting();
  await onboardCustomer(hunting, customerId);
  const eventId = newId();
  const { subject, payload } = telemetryOf(aBatch([aTelemetryEvent(logCleared, { eventId })]));
  await hunting.bus.client.publish(subject, payload);
  const detectionId = await waitFor(async () => {
    const rows = await hunting.select<{ id: string }>('select detection_id as id from detections');
    return rows[0]?.id;
  });
  marks = { customerId, detectionId: detectionId ?? '', eventId, assetId, techniqueId };
});

afterAll(() => hunting.stop());

/** That of the rule that matches; nobody else's detections name it here. */
const techniqueId = 'T1685.005';
const ruleId = '5c20793e-bd5f-4e2d-9683-aa07bb3c37bc';
const whole = `id customer { id } ruleId ruleTitle ruleAuthor severity signalStrength killChainPhases
  techniques { id name standing replacedBy tactics { id shortName name killChainPhase } }
  rule { id title description author severity signalStrength falsePositives firstSteps references techniques { id } }
  eventIds matchedFields { name value } asset { id } userName occurredAt receivedAt detectedAt`;
/** When the event happened: what is counted is the last 30 days otherwise. */
const march = 'from: "2026-03-01T00:00:00Z", to: "2026-04-01T00:00:00Z"';
const counted = 'technique { id name standing } detectionCount';
const wholeList = `{ nodes { ${whole} } edges { cursor } pageInfo { endCursor hasNextPage } }`;
const filtered = (field: string): string =>
  `query ($id: ID!) { detections(filter: { ${field}: $id }) ${wholeList} }`;
const entity = (type: string, selection: string): string =>
  `query ($id: ID!) { _entities(representations: [{ __typename: "${type}", id: $id }]) {
     ... on ${type} { ${selection} } } }`;

describeIdentity(() => hunting);

describeIsolation({
  typeDefs,
  ask: (...asked) => hunting.ask(...asked),
  owner: () => adminOf(customerId),
  marks: () => marks,
  outsiders: {
    'the admin of another provider': {
      viewer: () => ({ ...adminOf(newId()), providerId: newId() }),
    },
    'a sibling customer of the same provider': {
      viewer: () => ({ ...adminOf(newId()), role: 'CUSTOMER_VIEWER' }),
    },
    'a technician without grants': {
      viewer: () => ({ ...adminOf(), role: 'PROVIDER_TECHNICIAN' }),
    },
    'somebody who belongs nowhere': {
      viewer: () => ({ principalId: newId(), role: 'INTEGRATION', customerIds: [] }),
    },
  },
  operations: [
    {
      covers: ['Query.detection(id)'],
      document: `query ($id: ID!) { detection(id: $id) { ${whole} } }`,
      variables: ({ detectionId }) => ({ id: detectionId }),
    },
    { covers: ['Query.detections'], document: `{ detections ${wholeList} }` },
    {
      covers: ['Query.detections(filter.customerId)'],
      document: filtered('customerId'),
      variables: (own) => ({ id: own['customerId'] }),
    },
    {
      covers: ['Query.detections(filter.assetId)'],
      document: filtered('assetId'),
      variables: (own) => ({ id: own['assetId'] }),
    },
    {
      covers: ['Query.detections(filter.ruleId)'],
      document: filtered('ruleId'),
      variables: () => ({ id: ruleId }),
    },
    {
      covers: ['Query.techniqueCounts'],
      document: `{ techniqueCounts(filter: { ${march} }) { ${counted} } }`,
    },
    {
      covers: ['Query.techniqueCounts(filter.customerId)'],
      document: `query ($id: ID!) { techniqueCounts(filter: { customerId: $id, ${march} }) {
        ${counted} } }`,
      variables: (own) => ({ id: own['customerId'] }),
    },
    {
      covers: ['_entities(Detection)'],
      document: entity('Detection', whole),
      variables: ({ detectionId }) => ({ id: detectionId }),
    },
    {
      // ATT&CK is public: the only mark here is one that the asker brings along.
      covers: ['_entities(Technique)'],
      document: entity('Technique', 'id name standing tactics { id }'),
      variables: ({ detectionId }) => ({ id: detectionId }),
    },
  ],
});

describePermissions({
  typeDefs,
  ask: (...asked) => hunting.ask(...asked),
  viewerAs: (role) => ({ ...adminOf(customerId), role }),
  mutations: {},
});

describeRowSecurity({
  service: 'hunting',
  createDatabase: createHuntingDatabase,
  tables: protectedTables,
});
