import { newId } from '@vedette/service-kit';
import type {
  IsolationOperation,
  PermittedMutation,
  ProtectedTable,
  TenantMarks,
} from '@vedette/testkit';
import type { CustomerRow } from '../customer/customer-store.ts';
import { buildPrincipals } from './principal-builders.ts';
import type { TenancyTables } from './test-tenancy.ts';

/** Makes a provider and its customer issuers, people, and keys that work now; the marks are their ids. */
export async function fillPrincipals(
  tables: TenancyTables,
  { customerId, providerId }: CustomerRow,
): Promise<TenantMarks> {
  const make = buildPrincipals(tables);
  const issuer = await make.anIssuer({ providerId });
  const own = await make.anIssuer({ customerId });
  const { userId } = await make.aUser(issuer, 'PROVIDER_TECHNICIAN', { name: 'Mara' });
  const grantee = await make.aUser(issuer, 'PROVIDER_TECHNICIAN');
  const customers = await make.aUser(own, 'CUSTOMER_APPROVER', { customerId });
  const { apiKey } = await make.aKey({ providerId, customerIds: [customerId] }, new Date());
  return {
    ...{ issuerId: issuer.issuerId, customerIssuerId: own.issuerId },
    ...{ userId, granteeId: grantee.userId, customerUserId: customers.userId },
    ...{ apiKeyId: apiKey.apiKeyId },
    revokedKeyId: (await make.aKey({ customerId }, new Date())).apiKey.apiKeyId,
  };
}

const issuer = '{ id issuer providerId customerId jwksUrl audience algorithms isActive version }';
const user = '{ id name email role providerId customerId issuerId subject grants { customerId } }';
const apiKey = '{ id name providerId customerId scopes createdBy grants { customerId } }';

const mutation = (name: string, payload: string): string => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${type}!) { ${name}(input: $input) ${payload} }`;
};

const documents = {
  registerIssuer: mutation('registerIssuer', `{ issuer ${issuer} }`),
  updateIssuer: mutation('updateIssuer', `{ issuer ${issuer} }`),
  inviteUser: mutation('inviteUser', `{ user ${user} }`),
  updateUser: mutation('updateUser', `{ user ${user} }`),
  grantCustomer: mutation(
    'grantCustomer',
    `{ grant { customerId canApprove grantedAt } user ${user} }`,
  ),
  revokeGrant: mutation('revokeGrant', `{ principalId user ${user} }`),
  createApiKey: mutation('createApiKey', `{ apiKey ${apiKey} secret }`),
  rotateApiKey: mutation('rotateApiKey', `{ apiKey ${apiKey} secret }`),
  revokeApiKey: mutation('revokeApiKey', `{ apiKey ${apiKey} }`),
} as const;

type Name = keyof typeof documents;

const anIssuer = () => {
  const url = `https://${newId()}.example`;
  return { issuer: url, jwksUrl: `${url}/jwks`, audience: 'vedette' };
};
const aPerson = () => ({ subject: newId(), name: 'Jens Petersen' });

/** Input that succeeds however often it is tried. */
const inputs: Readonly<Record<Name, (marks: TenantMarks) => object>> = {
  registerIssuer: ({ providerId }) => ({ ...anIssuer(), providerId }),
  updateIssuer: ({ issuerId }) => ({ issuerId, expectedVersion: 1, audience: 'vedette' }),
  inviteUser: ({ issuerId, providerId }) => ({
    ...{ ...aPerson(), issuerId, providerId, role: 'PROVIDER_TECHNICIAN' },
  }),
  updateUser: ({ userId }) => ({ userId, expectedVersion: 1, name: 'Mara' }),
  grantCustomer: ({ granteeId, customerId }) => ({ principalId: granteeId, customerId }),
  revokeGrant: ({ granteeId, customerId }) => ({ principalId: granteeId, customerId }),
  createApiKey: ({ providerId, customerId }) => ({
    ...{ name: 'Ticket bridge', providerId, customerIds: [customerId] },
  }),
  rotateApiKey: ({ apiKeyId }) => ({ apiKeyId }),
  revokeApiKey: ({ revokedKeyId }) => ({ apiKeyId: revokedKeyId }),
};

function trying(
  name: Name,
  paths: readonly string[],
  input: (marks: TenantMarks) => object = inputs[name],
): IsolationOperation {
  return {
    covers: paths.map((path) => `Mutation.${name}(input.${path})`),
    document: documents[name],
    variables: (marks) => ({ input: input(marks) }),
  };
}

function listing(field: string, node: string): IsolationOperation[] {
  const list = `{ nodes ${node} edges { cursor } pageInfo { endCursor hasNextPage } }`;
  const filtered = (by: string): IsolationOperation => ({
    covers: [`Query.${field}(filter.${by})`],
    document: `query ($id: ID!) { ${field}(filter: { ${by}: $id }) ${list} }`,
    variables: ({ [by]: id }) => ({ id }),
  });
  return [
    { covers: [`Query.${field}`], document: `{ ${field} ${list} }` },
    filtered('customerId'),
    filtered('providerId'),
  ];
}

function looking(field: string, selection: string, mark: string): IsolationOperation {
  return {
    covers: [`Query.${field}(id)`],
    document: `query ($id: ID!) { ${field}(id: $id) ${selection} }`,
    variables: ({ [mark]: id }) => ({ id }),
  };
}

/** Only the operator's people may, who see all tenants: its success says nothing of the tenant. */
const ofOperator = { makesNew: true } as const;

/** In this order the tenant itself can run them all. */
export const principalOperations: readonly IsolationOperation[] = [
  ...listing('issuers', issuer),
  ...listing('users', user),
  ...listing('apiKeys', apiKey),
  looking('user', user, 'userId'),
  looking('apiKey', apiKey, 'apiKeyId'),
  { ...trying('registerIssuer', ['providerId']), ...ofOperator },
  {
    ...trying('registerIssuer', ['customerId'], ({ customerId }) => ({
      ...anIssuer(),
      customerId,
    })),
    ...ofOperator,
  },
  { ...trying('updateIssuer', ['issuerId']), ...ofOperator },
  trying('inviteUser', ['issuerId', 'providerId']),
  trying('inviteUser', ['customerId'], ({ customerIssuerId, customerId }) => ({
    ...{ ...aPerson(), issuerId: customerIssuerId, customerId, role: 'CUSTOMER_VIEWER' },
  })),
  trying('updateUser', ['userId']),
  trying('grantCustomer', ['principalId', 'customerId']),
  trying('revokeGrant', ['principalId', 'customerId']),
  trying('createApiKey', ['providerId', 'customerIds']),
  trying('createApiKey', ['customerId'], ({ customerId }) => ({ name: 'Bridge', customerId })),
  trying('rotateApiKey', ['apiKeyId']),
  trying('revokeApiKey', ['apiKeyId']),
];

/** Every mutation about principals, with input that succeeds however often it is tried. */
export function principalMutations(
  marks: () => TenantMarks,
): Readonly<Record<Name, PermittedMutation>> {
  const permitted = (Object.keys(documents) as Name[]).map((name) => [
    name,
    { document: documents[name], variables: () => ({ input: inputs[name](marks()) }) },
  ]);
  return Object.fromEntries(permitted) as Readonly<Record<Name, PermittedMutation>>;
}

const at = new Date('2026-03-01T08:00:00Z');

/** A whole row of each of the tables about principals; a key is there before its secrets. */
export const principalTables: readonly ProtectedTable[] = [
  {
    name: 'issuers',
    row: ({ customerId, providerId }) => ({
      ...{ issuer_id: newId(), provider_id: providerId, customer_id: customerId },
      ...{ issuer: newId(), jwks_url: 'https://id.example/jwks', audience: 'vedette' },
      ...{ algorithms: ['ES256'], mfa_acr_values: [], is_active: true },
      ...{ registered_at: at, version: 1 },
    }),
  },
  {
    name: 'users',
    row: ({ customerId, providerId }) => ({
      ...{ user_id: newId(), provider_id: providerId, customer_id: customerId },
      ...{ issuer_id: newId(), subject: 'jens', name: 'Jens', role: 'CUSTOMER_VIEWER' },
      ...{ is_active: true, invited_at: at, version: 1 },
    }),
  },
  {
    name: 'grants',
    row: ({ customerId }) => ({
      ...{ customer_id: customerId, principal_id: newId(), can_approve: false, granted_at: at },
    }),
  },
  {
    name: 'api_keys',
    row: ({ customerId, providerId }) => ({
      ...{ api_key_id: customerId, provider_id: providerId, customer_id: customerId },
      ...{ name: 'Bridge', scopes: ['case:read'], reaches_all_customers: false },
      ...{ created_at: at, created_by: 'olga', expires_at: at, version: 1 },
    }),
  },
  {
    name: 'api_key_secrets',
    row: ({ customerId, providerId }) => ({
      ...{ public_id: newId(), api_key_id: customerId, provider_id: providerId },
      ...{ customer_id: customerId, sha256: Buffer.alloc(32), created_at: at, expires_at: at },
    }),
  },
];
