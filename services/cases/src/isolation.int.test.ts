import { readFileSync } from 'node:fs';
import { afterAll, beforeAll } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import type { Role, Viewer } from '@vedette/service-kit';
import {
  describeIdentity,
  describeIsolation,
  describePermissions,
  describeRowSecurity,
  waitFor,
} from '@vedette/testkit';
import type { TenantMarks, TestService } from '@vedette/testkit';
import { assetId, customerId } from './testing/case-builders.ts';
import { protectedTables } from './testing/protected-tables.ts';
import {
  adminOf,
  anotherDetection,
  createCasesDatabase,
  detectionRaised,
  onboardCustomer,
  startTestCases,
} from './testing/test-cases.ts';

const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');

let cases: TestService;
let marks: TenantMarks = {};

beforeAll(async () => {
  cases = await startTestCases();
  await onboardCustomer(cases, customerId);
  const detection = anotherDetection({ assetId, hostName: 'WS-17', techniqueIds: ['T1003.001'] });
  const { subject, payload } = detectionRaised(detection);
  await cases.bus.client.publish(subject, payload);
  const row = await waitFor(async () => {
    const [first] = await cases.select<{ case_id: string; event_id: string }>(
      'select case_id, event_id from case_timeline',
    );
    return first;
  });
  marks = {
    customerId,
    caseId: row?.case_id ?? '',
    entryId: row?.event_id ?? '',
    detectionId: detection.detectionId,
    assetId,
    title: 'Credentials dumped on WS-17',
  };
});

afterAll(() => cases.stop());

const wholeCase = `id title status severity verdict assigneeId version detectionCount openedAt updatedAt
  customer { id } detections { id } assets { id } techniques { id }
  timeline { nodes { id summary actor } edges { cursor } pageInfo { endCursor hasNextPage } }`;
const wholeList = `{ nodes { ${wholeCase} } edges { cursor } pageInfo { endCursor hasNextPage } }`;

const assign = (selection: string): string => `mutation ($caseId: ID!, $assigneeId: ID) {
  assignCase(input: { caseId: $caseId, assigneeId: $assigneeId }) { case { ${selection} } } }`;
const move = (selection: string): string => `mutation ($caseId: ID!, $status: CaseStatus!) {
  changeCaseStatus(input: { caseId: $caseId, status: $status }) { case { ${selection} } } }`;
const entities = (type: string, selection: string): string =>
  `query ($id: ID!) { _entities(representations: [{ __typename: "${type}", id: $id }]) {
     ... on ${type} { ${selection} } } }`;

function inOwnTenant(role: Role): Viewer {
  return { ...adminOf(customerId), role };
}

describeIdentity(() => cases);

describeIsolation({
  typeDefs,
  ask: (...asked) => cases.ask(...asked),
  owner: () => adminOf(customerId),
  marks: () => marks,
  outsiders: {
    'the admin of another provider': {
      viewer: () => ({ ...adminOf(newId()), providerId: newId() }),
    },
    'a sibling customer of the same provider': {
      viewer: () => ({ ...adminOf(newId()), role: 'CUSTOMER_APPROVER' }),
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
      covers: ['Query.case(id)'],
      document: `query ($id: ID!) { case(id: $id) { ${wholeCase} } }`,
      variables: ({ caseId }) => ({ id: caseId }),
    },
    { covers: ['Query.cases'], document: `{ cases ${wholeList} }` },
    {
      covers: ['Query.cases(filter.customerId)'],
      document: `query ($id: ID!) { cases(filter: { customerId: $id }) ${wholeList} }`,
      variables: (own) => ({ id: own['customerId'] }),
    },
    {
      covers: ['_entities(Case)'],
      document: entities('Case', wholeCase),
      variables: ({ caseId }) => ({ id: caseId }),
    },
    {
      covers: ['_entities(Customer)'],
      document: entities('Customer', `id cases ${wholeList}`),
      variables: (own) => ({ id: own['customerId'] }),
    },
    {
      covers: ['Mutation.assignCase(input.caseId)', 'Mutation.assignCase(input.assigneeId)'],
      document: assign(wholeCase),
      variables: ({ caseId }) => ({ caseId, assigneeId: '0197ee00-0000-7000-8000-000000000009' }),
    },
    {
      covers: ['Mutation.changeCaseStatus(input.caseId)'],
      document: move(wholeCase),
      variables: ({ caseId }) => ({ caseId, status: 'IN_PROGRESS' }),
    },
  ],
});

describePermissions({
  typeDefs,
  ask: (...asked) => cases.ask(...asked),
  viewerAs: inOwnTenant,
  mutations: {
    assignCase: {
      document: assign('id'),
      variables: () => ({ caseId: marks['caseId'], assigneeId: newId() }),
    },
    changeCaseStatus: {
      document: move('id'),
      variables: () => ({ caseId: marks['caseId'], status: 'IN_PROGRESS' }),
    },
  },
});

describeRowSecurity({
  service: 'cases',
  createDatabase: createCasesDatabase,
  tables: protectedTables,
});
