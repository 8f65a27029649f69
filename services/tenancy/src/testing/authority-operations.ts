import { newId, operatorId } from '@vedette/service-kit';
import type {
  IsolationOperation,
  PermittedMutation,
  ProtectedTable,
  TenantMarks,
} from '@vedette/testkit';
import { setContactLadder } from '../contact/contact-ladder-operations.ts';
import { addContact } from '../contact/contact-operations.ts';
import type { CustomerRow } from '../customer/customer-store.ts';
import { recordMandate } from '../mandate/mandate-operations.ts';
import {
  loadProviderPolicies,
  setCustomerResponsePolicy,
  setProviderResponsePolicy,
} from '../response-policy/response-policy-operations.ts';
import { assignServiceContact } from '../service-contact/service-contact-operations.ts';
import { buildPrincipals } from './principal-builders.ts';
import { operatorAdmin } from './test-tenancy.ts';
import type { TenancyTables } from './test-tenancy.ts';

/** What the suites try authority with. */
export interface AuthorityFixture {
  readonly marks: TenantMarks;
  /** Contacts that nobody misses. */
  readonly spareContactIds: string[];
}

const jens = { name: 'Jens Petersen', email: 'jens@hafenwerk.example' };
const mandate = {
  signatory: { name: 'Inken Thomsen' },
  documentSha256: 'ab'.repeat(32),
  highestMode: 'COLLABORATE',
} as const;
const policy = { mode: 'NOTIFY' } as const;
const callBackNumber = '+4940123456';

/**
 * Gives a customer of the plan ADVANCED one of each, and its provider unless it has; every version is 1. The
 * operator's people who are there for it are made too.
 */
export async function fillAuthority(
  tables: TenancyTables,
  { customerId, providerId }: CustomerRow,
): Promise<AuthorityFixture> {
  const ctx = tables.contextFor(operatorAdmin);
  const { mandateId } = await recordMandate(ctx, { customerId, mandate });
  await setCustomerResponsePolicy(ctx, { customerId, expectedVersion: 0, policy });
  const [before] = await loadProviderPolicies(ctx, [providerId]);
  if (!before) await setProviderResponsePolicy(ctx, { providerId, expectedVersion: 0, policy });
  const { contactId } = await addContact(ctx, { customerId, contact: jens });
  const rungs = [{ contactId, channel: 'EMAIL' }] as const;
  await setContactLadder(ctx, { customerId, expectedVersion: 0, rungs });
  const provided = await addContact(ctx, { providerId, contact: { ...jens, name: 'Mara' } });
  const spareContactIds = [];
  for (let n = 0; n < 12; n++) {
    spareContactIds.push((await addContact(ctx, { customerId, contact: jens })).contactId);
  }
  const principals = buildPrincipals(tables);
  const { userId } = await principals.aUser(await principals.anIssuer(), 'OPERATOR_LEAD');
  await assignServiceContact(ctx, { customerId, contactId: userId, callBackNumber });
  return {
    marks: {
      mandateId,
      contactId,
      providerContactId: provided.contactId,
      serviceContactId: userId,
    },
    spareContactIds,
  };
}

/** All that shows of a customer's authority. */
export const authorityOfCustomer = `
  mandate { id signatory { name } } mandates { id recordedBy }
  responsePolicy { version mode changedBy } effectiveResponsePolicy { version modeNow mandateId source }
  contactLadder { version rungs { channel contact { id name email customerId providerId } } }
  serviceContact { contactId name deputyId callBackNumber }`;

/** All that shows of a provider's. */
export const authorityOfProvider = 'responsePolicy { version mode changedBy }';

const contacts = '{ nodes { id name providerId customerId } pageInfo { endCursor } }';
const customer = `{ customer { id ${authorityOfCustomer} } }`;
const mutation = (name: string, payload: string): string => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${type}!) { ${name}(input: $input) ${payload} }`;
};

const documents = {
  recordMandate: mutation('recordMandate', `{ mandate { id } ${customer.slice(2)}`),
  revokeMandate: mutation('revokeMandate', '{ mandate { id revokedAt } customer { id } }'),
  setCustomerResponsePolicy: mutation('setCustomerResponsePolicy', customer),
  setProviderResponsePolicy: mutation(
    'setProviderResponsePolicy',
    `{ provider { id ${authorityOfProvider} } }`,
  ),
  addContact: mutation('addContact', '{ contact { id customerId providerId } }'),
  updateContact: mutation('updateContact', '{ contact { id customerId providerId } }'),
  removeContact: mutation('removeContact', '{ contactId }'),
  setContactLadder: mutation('setContactLadder', customer),
  assignServiceContact: mutation('assignServiceContact', customer),
} as const;

const inputs = {
  recordMandate: ({ customerId }) => ({ customerId, mandate }),
  revokeMandate: ({ mandateId }) => ({ mandateId, reason: 'Over' }),
  setCustomerResponsePolicy: ({ customerId }) => ({ customerId, expectedVersion: 1, policy }),
  setProviderResponsePolicy: ({ providerId }) => ({ providerId, expectedVersion: 1, policy }),
  addContact: ({ customerId }) => ({ customerId, contact: jens }),
  updateContact: ({ contactId }) => ({ contactId, expectedVersion: 1, contact: jens }),
  removeContact: ({ contactId }) => ({ contactId }),
  setContactLadder: ({ customerId, contactId }) => ({
    ...{ customerId, expectedVersion: 1, rungs: [{ contactId, channel: 'EMAIL' }] },
  }),
  assignServiceContact: ({ customerId, serviceContactId }) => ({
    // Somebody of the operator is nobody's mark where a tenant's marks are tried.
    ...{ customerId, contactId: serviceContactId ?? operatorAdmin.principalId, callBackNumber },
  }),
} as const satisfies Record<keyof typeof documents, (marks: TenantMarks) => object>;

function trying(name: keyof typeof documents, ...paths: readonly string[]): IsolationOperation {
  return {
    covers: paths.map((path) => `Mutation.${name}(input.${path})`),
    document: documents[name],
    variables: (marks) => ({ input: inputs[name](marks) }),
  };
}

/** What a technician of the provider and its customers' people rightly ask about their own provider. */
export const authorityOfOwnProvider = ['Query.contacts(filter.providerId)'];

/** In this order the tenant itself can run them all. */
export const authorityOperations: readonly IsolationOperation[] = [
  { covers: ['Query.contacts'], document: `{ contacts ${contacts} }` },
  {
    covers: ['Query.contacts(filter.customerId)'],
    document: `query ($id: ID!) { contacts(filter: { customerId: $id }) ${contacts} }`,
    variables: ({ customerId }) => ({ id: customerId }),
  },
  {
    covers: ['Query.contacts(filter.providerId)'],
    document: `query ($id: ID!) { contacts(filter: { providerId: $id }) ${contacts} }`,
    variables: ({ providerId }) => ({ id: providerId }),
  },
  {
    covers: ['Query.contact(id)'],
    document: 'query ($id: ID!) { contact(id: $id) { id name email phone customerId providerId } }',
    variables: ({ contactId }) => ({ id: contactId }),
  },
  trying('setCustomerResponsePolicy', 'customerId'),
  trying('setProviderResponsePolicy', 'providerId'),
  trying('recordMandate', 'customerId'),
  trying('revokeMandate', 'mandateId'),
  trying('addContact', 'customerId'),
  {
    ...trying('addContact', 'providerId'),
    variables: ({ providerId }) => ({ input: { providerId, contact: jens } }),
  },
  trying('updateContact', 'contactId'),
  trying('setContactLadder', 'customerId', 'rungs.contactId'),
  {
    ...trying('assignServiceContact', 'customerId', 'contactId', 'deputyId'),
    // Only the operator's people may, who see all tenants.
    makesNew: true,
  },
  trying('removeContact', 'contactId'),
];

/** Every mutation of authority, with input that succeeds however often it is tried. */
export function authorityMutations(
  marks: () => TenantMarks,
  fixture: () => AuthorityFixture,
): Readonly<Record<string, PermittedMutation>> {
  const names = Object.keys(documents) as (keyof typeof documents)[];
  const permitted = names.map((name): [string, PermittedMutation] => [
    name,
    { document: documents[name], variables: () => ({ input: inputs[name](marks()) }) },
  ]);
  const removing: PermittedMutation = {
    document: documents.removeContact,
    variables: () => ({ input: { contactId: fixture().spareContactIds.pop() } }),
  };
  return { ...Object.fromEntries(permitted), removeContact: removing };
}

const at = new Date('2026-03-01T08:00:00Z');

/** A whole row of each of authority's tables. */
export const authorityTables: readonly ProtectedTable[] = [
  {
    name: 'mandates',
    row: ({ customerId }) => ({
      ...{ mandate_id: newId(), customer_id: customerId, number: 1, signatory_name: 'Inken' },
      ...{ document_sha256: 'ab', highest_mode: 'NOTIFY', may_act_unanswered: false },
      ...{ shares_indicators: false, valid_from: at, recorded_at: at, recorded_by: 'olga' },
    }),
  },
  {
    name: 'response_policies',
    row: ({ customerId, providerId }) => ({
      ...{ policy_id: newId(), provider_id: providerId, customer_id: customerId, mode: 'NOTIFY' },
      ...{ when_unanswered: 'HOLD', action_modes: '[]', windows: '[]', version: 1 },
      ...{ changed_at: at, changed_by: 'olga' },
    }),
  },
  {
    name: 'contacts',
    row: ({ customerId, providerId }) => ({
      ...{ contact_id: newId(), provider_id: providerId, customer_id: customerId, version: 1 },
      ...{ name: 'Jens', email: jens.email, language: 'de', time_zone: 'Europe/Berlin' },
    }),
  },
  {
    name: 'contact_ladders',
    row: ({ customerId }) => ({ customer_id: customerId, version: 1, changed_at: at }),
  },
  {
    name: 'rungs',
    row: ({ customerId }) => ({
      ...{ customer_id: customerId, position: 1, contact_id: operatorId, channel: 'EMAIL' },
      timeout_minutes: 15,
    }),
  },
  {
    name: 'service_contacts',
    row: ({ customerId }) => ({
      ...{ customer_id: customerId, contact_id: operatorId, call_back_number: callBackNumber },
      ...{ version: 1, assigned_at: at },
    }),
  },
];
