import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type {
  IsolationOperation,
  PermittedMutation,
  ProtectedTable,
  TenantMarks,
  TestService,
} from '@vedette/testkit';
import type { CustomerRow } from '../customer/customer-store.ts';
import { loadExports, offboardCustomer } from '../customer-leaving/customer-leaving-operations.ts';
import { completedAt } from '../customer-leaving/customer-leaving.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { authorityOfCustomer, authorityOfProvider } from './authority-operations.ts';
import { customerExported, others } from './other-services.ts';
import type { OtherService } from './other-services.ts';
import { operatorAdmin } from './test-tenancy.ts';
import type { TenancyTables } from './test-tenancy.ts';

/** All that shows of a customer. */
const wholeCustomer = `id name isOwnEstate plan onboardedAt provider { id name } externalReference
  status version profile { sector region technologies exposure } readiness { condition state since }
  protectedSince export { id receipts { service } } purge { receipts { service } } ${authorityOfCustomer}`;

export const wholeCustomers = `{ nodes { ${wholeCustomer} } edges { cursor }
  pageInfo { endCursor hasNextPage } }`;

/** All that shows of a provider, its customers with it. */
export const wholeProvider = `id name onboardedAt freeze { frozenBy reason liftRequestedBy }
  ${authorityOfProvider} ownEstate { ${wholeCustomer} } customers ${wholeCustomers}`;

const mutation = (name: string, payload: string): string => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${type}!) { ${name}(input: $input) ${payload} }`;
};
const customer = `{ customer { ${wholeCustomer} } }`;
const provider = '{ provider { id name freeze { reason } } }';

const documents = {
  onboardProvider: mutation('onboardProvider', `{ provider { ${wholeProvider} } }`),
  freezeProvider: mutation('freezeProvider', provider),
  liftProviderFreeze: mutation('liftProviderFreeze', provider),
  onboardCustomer: mutation('onboardCustomer', customer),
  updateCustomer: mutation('updateCustomer', customer),
  importCustomers: mutation('importCustomers', '{ created items { outcome customer { id } } }'),
  moveCustomer: mutation('moveCustomer', customer),
  offboardCustomer: mutation('offboardCustomer', customer),
  requestCustomerExport: mutation('requestCustomerExport', customer),
  purgeCustomer: mutation('purgeCustomer', customer),
} as const;

type Name = keyof typeof documents;

/** Input for the tenant's own rows; a name of one's own each time, since names are unique. */
const inputs: Readonly<Record<Name, (marks: TenantMarks) => object>> = {
  onboardProvider: () => ({ name: `Provider ${newId()}` }),
  freezeProvider: ({ providerId }) => ({ providerId, reason: 'Its RMM is not its own' }),
  liftProviderFreeze: ({ providerId }) => ({ providerId }),
  onboardCustomer: ({ providerId }) => ({ providerId, name: `Customer ${newId()}` }),
  updateCustomer: ({ customerId }) => ({ customerId, expectedVersion: 1, plan: 'ADVANCED' }),
  importCustomers: ({ providerId }) => ({
    ...{ providerId, csv: 'externalReference,name\nK-1,Kunde', dryRun: true },
  }),
  moveCustomer: ({ customerId, providerId }) => ({ customerId, providerId }),
  offboardCustomer: ({ customerId }) => ({ customerId, reason: 'Closed down' }),
  requestCustomerExport: ({ customerId }) => ({ customerId }),
  purgeCustomer: ({ customerId, customerName }) => ({ customerId, name: customerName }),
};

function trying(name: Name, ...paths: readonly string[]): IsolationOperation {
  return {
    covers: paths.map((path) => `Mutation.${name}(input.${path})`),
    document: documents[name],
    // Fixed where names would differ between two tries that are compared.
    variables: (marks) => ({ input: { ...inputs[name](marks), ...fixedNames[name] } }),
  };
}

const fixedNames: Partial<Record<Name, object>> = { onboardCustomer: { name: 'Harbour Bank' } };

/** Only the operator's people may, who see all tenants: its success says nothing of the tenant. */
const ofOperator = { makesNew: true } as const;

const byId = (field: string, selection: string): string =>
  `query ($id: ID!) { ${field}(id: $id) { ${selection} } }`;
const filtered = (field: string): string =>
  `query ($id: ID!) { customers(filter: { ${field}: $id }) ${wholeCustomers} }`;
const entity = (type: string, selection: string): string =>
  `query ($id: ID!) { _entities(representations: [{ __typename: "${type}", id: $id }]) {
     ... on ${type} { ${selection} } } }`;
const deeds = `{ nodes { id kind actor targetId providerId customerId before after hash }
  pageInfo { endCursor } }`;
const deedsOf = (by: string): IsolationOperation => ({
  covers: [`Query.deeds(filter.${by})`],
  document: `query ($id: ID!) { deeds(filter: { ${by}: $id }) ${deeds} }`,
  variables: ({ [by]: id }) => ({ id }),
});

/** What the people of a provider and of its customers rightly ask about their own provider. */
export const ofOwnProvider = [
  'Query.viewer',
  'Query.providers',
  'Query.provider(id)',
  'Query.customers(filter.providerId)',
  '_entities(Provider)',
];

export const customerQueries: readonly IsolationOperation[] = [
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
    covers: ['Query.customers'],
    document: `query ($is: String!) { customers(filter: { externalReference: $is }) ${wholeCustomers} }`,
    variables: ({ customerReference }) => ({ is: customerReference }),
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
  { covers: ['Query.deeds'], document: `{ deeds ${deeds} }` },
  deedsOf('customerId'),
  deedsOf('providerId'),
];

/** In this order the tenant itself can run them all; the last ends it. */
export const customerChanges: readonly IsolationOperation[] = [
  trying('onboardCustomer', 'providerId'),
  trying('updateCustomer', 'customerId'),
  { ...trying('importCustomers', 'providerId'), makesNew: true },
  {
    covers: ['Mutation.onboardProvider'],
    document: documents.onboardProvider,
    variables: () => ({ input: { name: 'Weser Systems' } }),
    makesNew: true,
  },
  { ...trying('freezeProvider', 'providerId'), ...ofOperator },
  { ...trying('liftProviderFreeze', 'providerId'), ...ofOperator },
  { ...trying('moveCustomer', 'customerId', 'providerId'), ...ofOperator },
  { ...trying('purgeCustomer', 'customerId'), ...ofOperator },
  trying('requestCustomerExport', 'customerId'),
];

export const customerEnd: readonly IsolationOperation[] = [
  trying('offboardCustomer', 'customerId'),
];

/** Customers that the mutations may use up. */
export interface SpareCustomers {
  readonly toOffboard: CustomerRow[];
  readonly toMove: CustomerRow;
  readonly newProvider: ProviderRow;
  readonly toPurge: CustomerRow;
}

export async function makeSpareCustomers(
  tenancy: TestService,
  tables: TenancyTables,
  provider: ProviderRow,
): Promise<SpareCustomers> {
  const toOffboard = [];
  for (let n = 0; n < 14; n++) toOffboard.push(await tables.aCustomer(provider));
  const toPurge = await tables.aCustomer(provider);
  await offboardAndExport(tenancy, tables, toPurge);
  return {
    toOffboard,
    toMove: await tables.aCustomer(provider),
    newProvider: await tables.aProvider(),
    toPurge,
  };
}

/** Off-boards a customer and lets every other service answer; tenancy answers by itself. */
async function offboardAndExport(
  tenancy: TestService,
  tables: TenancyTables,
  { customerId, providerId }: CustomerRow,
): Promise<void> {
  const ctx = tables.contextFor(operatorAdmin, new Date());
  await offboardCustomer(ctx, { customerId, reason: 'Closed down' });
  const lastExport = async () => {
    const [request] = await loadExports(ctx, [customerId]);
    if (!request) throw new Error('no export was asked for');
    return request;
  };
  const { requestId } = await lastExport();
  for (const service of Object.keys(others) as OtherService[]) {
    const event = customerExported(service, { customerId, providerId }, requestId);
    await tenancy.bus.client.publish(event.subject, event.payload, {
      expect: { streamName: event.stream },
    });
  }
  await waitFor(async () => completedAt(await lastExport()) !== null);
}

/** Every mutation of providers and customers, with input that succeeds for each role that may. */
export function customerMutations(
  marks: () => TenantMarks,
  spare: () => SpareCustomers,
): Readonly<Record<Name, PermittedMutation>> {
  const permitted = (Object.keys(documents) as Name[]).map((name) => [
    name,
    { document: documents[name], variables: () => ({ input: inputs[name](marks()) }) },
  ]);
  const using = (name: Name, input: () => object): PermittedMutation => ({
    document: documents[name],
    variables: () => ({ input: input() }),
  });
  return {
    ...(Object.fromEntries(permitted) as Readonly<Record<Name, PermittedMutation>>),
    moveCustomer: using('moveCustomer', () => ({
      customerId: spare().toMove.customerId,
      providerId: spare().newProvider.providerId,
    })),
    offboardCustomer: using('offboardCustomer', () => ({
      ...{ customerId: spare().toOffboard.pop()?.customerId, reason: 'Closed down' },
    })),
    purgeCustomer: using('purgeCustomer', () => ({
      ...{ customerId: spare().toPurge.customerId, name: spare().toPurge.name },
    })),
  };
}

const at = new Date('2026-03-01T08:00:00Z');

/** A whole row of each table about providers and customers, parents before children. */
export const customerTables: readonly ProtectedTable[] = [
  {
    name: 'providers',
    ownerColumn: 'provider_id',
    row: ({ providerId, customerId }) => ({
      ...{ provider_id: providerId, name: `Provider ${providerId}`, own_estate_id: customerId },
      ...{ onboarded_at: at, version: 1 },
    }),
  },
  {
    name: 'customers',
    row: ({ providerId, customerId }) => ({
      ...{ customer_id: customerId, provider_id: providerId, name: 'A customer' },
      ...{ is_own_estate: true, plan: 'STANDARD', onboarded_at: at, version: 1 },
    }),
  },
  {
    name: 'customer_exports',
    row: ({ customerId }) => ({
      ...{ export_id: newId(), customer_id: customerId, requested_at: at, requested_by: 'olga' },
    }),
  },
  {
    name: 'customer_purges',
    row: ({ customerId }) => ({
      ...{ purge_id: newId(), customer_id: customerId, requested_at: at, requested_by: 'olga' },
    }),
  },
  {
    name: 'customer_receipts',
    row: ({ customerId }) => ({
      ...{ customer_id: customerId, request_id: customerId, service: 'cases' },
      ...{ received_at: at, rows: 1 },
    }),
  },
  {
    name: 'customer_connectors',
    row: ({ customerId }) => ({
      ...{ customer_id: customerId, connector_id: newId(), version: 1, keyed_at: at },
    }),
  },
  {
    name: 'customer_keys',
    row: ({ customerId }) => ({ customer_id: customerId, sealed_key: 'sealed' }),
  },
  {
    name: 'deeds',
    row: ({ customerId, providerId }) => ({
      ...{ ledger: customerId, sequence: 1, deed_id: newId(), provider_id: providerId },
      ...{ customer_id: customerId, at, actor: 'olga', actor_role: 'OPERATOR_ADMIN' },
      ...{ kind: 'policy.set', target_type: 'Customer', target_id: customerId },
      ...{ sealed_change: 'sealed', previous_hash: Buffer.alloc(32), hash: Buffer.alloc(32) },
    }),
  },
];
