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
  authorityMutations,
  authorityOfOwnProvider,
  authorityOperations,
  authorityTables,
  fillAuthority,
} from './testing/authority-operations.ts';
import type { AuthorityFixture } from './testing/authority-operations.ts';
import {
  customerChanges,
  customerEnd,
  customerMutations,
  customerQueries,
  customerTables,
  makeSpareCustomers,
  ofOwnProvider,
  wholeCustomers,
  wholeProvider,
} from './testing/customer-operations.ts';
import type { SpareCustomers } from './testing/customer-operations.ts';
import {
  fillPrincipals,
  principalMutations,
  principalOperations,
  principalTables,
} from './testing/principal-operations.ts';
import {
  adminOf,
  connectTenancyTables,
  createTenancyDatabase,
  operatorAdmin,
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
let authority: AuthorityFixture;
let spare: SpareCustomers;
let marks: TenantMarks = {};
/** Of a customer that the permission suite changes, so that the isolation suite's stays as it is. */
let changed: { readonly customer: CustomerRow; readonly marks: TenantMarks };

beforeAll(async () => {
  tenancy = await startTestTenancy();
  tables = await connectTenancyTables(tenancy.postgres.runtimeUrl);
  provider = await tables.aProvider('Nordlicht IT');
  customer = await tables.aCustomer(provider, {
    ...{ name: 'Harbour Bakery', plan: 'ADVANCED', externalReference: newId() },
  });
  sibling = await tables.aCustomer(provider, { name: 'Harbour Clinic' });
  const otherProvider = await tables.aProvider('Elbe Systems');
  stranger = adminOf(otherProvider, await tables.aCustomer(otherProvider));
  marks = await fill(provider, customer);
  const own = await tables.aProvider('Alster Computer');
  const theirs = await tables.aCustomer(own, { name: 'Alster Ferries', plan: 'ADVANCED' });
  authority = await fillAuthority(tables, theirs);
  const { marks: made } = authority;
  changed = {
    customer: theirs,
    marks: { ...idsOf(own, theirs), ...made, ...(await fillPrincipals(tables, theirs)) },
  };
  spare = await makeSpareCustomers(tenancy, tables, own);
});

afterAll(async () => {
  await tables.stop();
  await tenancy.stop();
});

function idsOf({ providerId, ownEstateId }: ProviderRow, of: CustomerRow): TenantMarks {
  const { customerId, name, externalReference } = of;
  return {
    ...{ providerId, ownEstateId, customerId, customerName: name },
    ...(externalReference ? { customerReference: externalReference } : {}),
  };
}

/** Gives a customer one of everything, and answers the ids. */
async function fill(of: ProviderRow, filled: CustomerRow): Promise<TenantMarks> {
  const { marks: made } = await fillAuthority(tables, filled);
  const { serviceContactId: _, ...ofAuthority } = made;
  return { ...idsOf(of, filled), ...ofAuthority, ...(await fillPrincipals(tables, filled)) };
}

const ask: TestService['ask'] = (...asked) => tenancy.ask(...asked);

/** Somebody of the same provider who was granted no more than this. */
function colleague(role: Role, ...granted: readonly CustomerRow[]): Viewer {
  const customerIds = granted.map(({ customerId }) => customerId);
  return { principalId: newId(), role, providerId: provider.providerId, customerIds };
}

describeIdentity(() => tenancy);

describeIsolation({
  typeDefs,
  ask,
  owner: () => adminOf(provider, customer),
  operator: () => operatorAdmin,
  marks: () => marks,
  outsiders: {
    'the admin of another provider': { viewer: () => stranger },
    'a sibling customer of the same provider': {
      viewer: () => colleague('CUSTOMER_APPROVER', sibling),
      mayUse: [
        ...[...ofOwnProvider, ...authorityOfOwnProvider],
        ...['Query.customers', 'Query.contacts', 'Query.deeds'],
      ],
    },
    'a technician without grants': {
      viewer: () => colleague('PROVIDER_TECHNICIAN'),
      mayUse: [...ofOwnProvider, ...authorityOfOwnProvider, 'Query.contacts'],
    },
    'somebody who belongs nowhere': {
      viewer: () => ({ principalId: newId(), role: 'INTEGRATION', customerIds: [] }),
    },
  },
  operations: [
    ...customerQueries,
    ...principalOperations,
    ...authorityOperations,
    ...customerChanges,
    ...customerEnd,
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
  viewerAs: (role) => {
    if (role.startsWith('OPERATOR_')) return { principalId: newId(), role, customerIds: 'ALL' };
    const { customerId, providerId } = changed.customer;
    const { toOffboard, toMove, toPurge } = spare;
    const customerIds = [...toOffboard, toMove, toPurge].map((each) => each.customerId);
    return {
      ...{ principalId: newId(), role, providerId },
      customerIds: [customerId, ...customerIds],
    };
  },
  mutations: {
    ...customerMutations(
      () => changed.marks,
      () => spare,
    ),
    ...principalMutations(() => changed.marks),
    ...authorityMutations(
      () => changed.marks,
      () => authority,
    ),
  },
});

describeRowSecurity({
  service: 'tenancy',
  createDatabase: createTenancyDatabase,
  tables: [...customerTables, ...principalTables, ...authorityTables],
});
