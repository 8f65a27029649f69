import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import type { Role, Viewer } from '@vedette/service-kit';
import {
  describeIdentity,
  describeIsolation,
  describePermissions,
  describeRowSecurity,
} from '@vedette/testkit';
import type { TenantMarks, TestService } from '@vedette/testkit';
import type { CustomerRow } from './customer/customer-store.ts';
import type { ProviderRow } from './provider/provider-store.ts';
import {
  adminOf,
  connectTenancyTables,
  createTenancyDatabase,
  startTestTenancy,
} from './testing/test-tenancy.ts';
import type { TenancyTables } from './testing/test-tenancy.ts';

const typeDefs = readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8');

let tenancy: TestService;
let tables: TenancyTables;
let provider: ProviderRow;
let customer: CustomerRow;
let sibling: CustomerRow;
let stranger: Viewer;
let marks: TenantMarks = {};

beforeAll(async () => {
  tenancy = await startTestTenancy();
  tables = await connectTenancyTables(tenancy.postgres.runtimeUrl);
  provider = await tables.aProvider('Nordlicht IT');
  customer = await tables.aCustomer(provider, { name: 'Harbour Bakery' });
  sibling = await tables.aCustomer(provider, { name: 'Harbour Clinic' });
  const otherProvider = await tables.aProvider('Elbe Systems');
  stranger = adminOf(otherProvider, await tables.aCustomer(otherProvider));
  marks = {
    providerId: provider.providerId,
    ownEstateId: provider.ownEstateId,
    customerId: customer.customerId,
    customerName: customer.name,
  };
});

afterAll(async () => {
  await tables.stop();
  await tenancy.stop();
});

const ask: TestService['ask'] = (...asked) => tenancy.ask(...asked);

/** Somebody of the same provider who was granted no more than this. */
function colleague(role: Role, ...granted: readonly CustomerRow[]): Viewer {
  const customerIds = granted.map(({ customerId }) => customerId);
  return { principalId: newId(), role, providerId: provider.providerId, customerIds };
}

const wholeCustomer = 'id name isOwnEstate plan onboardedAt provider { id name }';
const wholeCustomers = `{ nodes { ${wholeCustomer} } edges { cursor } pageInfo { endCursor hasNextPage } }`;
const wholeProvider = `id name onboardedAt ownEstate { ${wholeCustomer} } customers ${wholeCustomers}`;
const byId = (field: string, selection: string): string =>
  `query ($id: ID!) { ${field}(id: $id) { ${selection} } }`;
const filtered = (field: string): string =>
  `query ($id: ID!) { customers(filter: { ${field}: $id }) ${wholeCustomers} }`;
const entity = (type: string, selection: string): string =>
  `query ($id: ID!) { _entities(representations: [{ __typename: "${type}", id: $id }]) {
     ... on ${type} { ${selection} } } }`;
const onboardCustomer = `mutation ($providerId: ID!, $name: String!) {
  onboardCustomer(input: { providerId: $providerId, name: $name }) { customer { ${wholeCustomer} } } }`;
const onboardProvider = `mutation ($name: String!) {
  onboardProvider(input: { name: $name }) { provider { ${wholeProvider} } } }`;

/** What the provider's own people may ask for; what they see of its customers is tried below. */
const ofOwnProvider = [
  'Query.viewer',
  'Query.providers',
  'Query.provider(id)',
  'Query.customers(filter.providerId)',
  '_entities(Provider)',
];

describeIdentity(() => tenancy);

describeIsolation({
  typeDefs,
  ask,
  owner: () => adminOf(provider, customer),
  marks: () => marks,
  outsiders: {
    'the admin of another provider': { viewer: () => stranger },
    'a sibling customer of the same provider': {
      viewer: () => colleague('CUSTOMER_VIEWER', sibling),
      mayUse: [...ofOwnProvider, 'Query.customers'],
    },
    'a technician without grants': {
      viewer: () => colleague('PROVIDER_TECHNICIAN'),
      mayUse: ofOwnProvider,
    },
    'somebody who belongs nowhere': {
      viewer: () => ({ principalId: newId(), role: 'INTEGRATION', customerIds: [] }),
    },
  },
  operations: [
    { covers: ['Query.viewer'], document: '{ viewer { principalId role provider { id name } } }' },
    {
      covers: ['Query.provider(id)'],
      document: byId('provider', wholeProvider),
      variables: ({ providerId }) => ({ id: providerId }),
    },
    { covers: ['Query.providers'], document: `{ providers { nodes { ${wholeProvider} } } }` },
    {
      covers: ['Query.customer(id)'],
      document: byId('customer', wholeCustomer),
      variables: ({ customerId }) => ({ id: customerId }),
    },
    { covers: ['Query.customers'], document: `{ customers ${wholeCustomers} }` },
    {
      covers: ['Query.customers(filter.customerId)'],
      document: filtered('customerId'),
      variables: ({ customerId }) => ({ id: customerId }),
    },
    {
      covers: ['Query.customers(filter.providerId)'],
      document: filtered('providerId'),
      variables: ({ providerId }) => ({ id: providerId }),
    },
    {
      covers: ['_entities(Provider)'],
      document: entity('Provider', wholeProvider),
      variables: ({ providerId }) => ({ id: providerId }),
    },
    {
      covers: ['_entities(Customer)'],
      document: entity('Customer', wholeCustomer),
      variables: ({ customerId }) => ({ id: customerId }),
    },
    {
      covers: ['Mutation.onboardCustomer(input.providerId)'],
      document: onboardCustomer,
      variables: ({ providerId }) => ({ providerId, name: 'Harbour Bank' }),
    },
    {
      covers: ['Mutation.onboardProvider'],
      document: onboardProvider,
      variables: () => ({ name: 'Weser Systems' }),
      makesNew: true,
    },
  ],
});

describe('people of a provider', () => {
  it('see no customer that they were not granted, by any way through their provider', async () => {
    const viewer = colleague('PROVIDER_TECHNICIAN', sibling);
    const { data, errors } = await ask(
      viewer,
      `query ($id: ID!) { viewer { provider { ${wholeProvider} } } providers { nodes { ${wholeProvider} } }
        provider(id: $id) { ${wholeProvider} } customers(filter: { providerId: $id }) ${wholeCustomers} }`,
      { id: provider.providerId },
    );
    expect(errors).toEqual([]);
    const text = JSON.stringify(data);
    for (const hidden of [customer.customerId, customer.name, provider.ownEstateId]) {
      expect(text).not.toContain(hidden);
    }
    expect(text).toContain(sibling.name);
  });
});

describePermissions({
  typeDefs,
  ask,
  viewerAs: (role) =>
    role.startsWith('OPERATOR_')
      ? { principalId: newId(), role, customerIds: 'ALL' }
      : { ...adminOf(provider, customer), role },
  mutations: {
    onboardProvider: {
      permission: 'provider:create',
      document: onboardProvider,
      variables: () => ({ name: `Provider ${newId()}` }),
    },
    onboardCustomer: {
      permission: 'customer:create',
      document: onboardCustomer,
      variables: () => ({ providerId: provider.providerId, name: `Customer ${newId()}` }),
    },
  },
});

describeRowSecurity({
  service: 'tenancy',
  createDatabase: createTenancyDatabase,
  tables: [
    {
      name: 'providers',
      ownerColumn: 'provider_id',
      row: ({ providerId, customerId }) => ({
        provider_id: providerId,
        name: `Provider ${providerId}`,
        own_estate_id: customerId,
        onboarded_at: new Date(),
        version: 1,
      }),
    },
    {
      name: 'customers',
      row: ({ providerId, customerId }) => ({
        customer_id: customerId,
        provider_id: providerId,
        name: 'A customer',
        is_own_estate: true,
        plan: 'STANDARD',
        onboarded_at: new Date(),
        version: 1,
      }),
    },
  ],
});
