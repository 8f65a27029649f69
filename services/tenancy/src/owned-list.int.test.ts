import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@vedette/service-kit';
import { createApiKey, listApiKeys } from './api-key/api-key-operations.ts';
import { addContact, listContacts } from './contact/contact-operations.ts';
import { listCustomers } from './customer/customer-operations.ts';
import { listDeeds } from './deed/deed-operations.ts';
import { listIssuers, registerIssuer } from './issuer/issuer-operations.ts';
import type { OwnerInput } from './principal/principal-owner.ts';
import { buildPrincipals, twoProviders } from './testing/principal-builders.ts';
import type { PrincipalBuilders, TwoProviders } from './testing/principal-builders.ts';
import { operatorAdmin, startTenancyTables } from './testing/test-tenancy.ts';
import type { TenancyTables } from './testing/test-tenancy.ts';
import { inviteUser, listUsers } from './user/user-operations.ts';

let tables: TenancyTables;
let make: PrincipalBuilders;
let world: TwoProviders;

beforeAll(async () => {
  tables = await startTenancyTables();
  make = buildPrincipals(tables);
  world = await twoProviders(tables);
});

afterAll(() => tables.stop());

const asOperator = () => make.contextFor(operatorAdmin);

describe('an empty id', () => {
  const lists = { listCustomers, listUsers, listIssuers, listApiKeys, listContacts, listDeeds };

  it.each(Object.keys(lists) as (keyof typeof lists)[])('narrows %s to nobody', async (list) => {
    for (const filter of [{ customerId: '' }, { providerId: '' }]) {
      await expect(lists[list](asOperator(), { filter })).rejects.toThrow(InvalidInputError);
    }
    const nothing = { customerId: null, providerId: null };
    expect(await lists[list](asOperator(), { filter: nothing })).toBeDefined();
  });

  it('is nobody whom something new could belong to', async () => {
    const { issuerId } = await make.anIssuer();
    const issuer = 'https://id.hafenwerk.example';
    const anIssuer = { issuer, jwksUrl: `${issuer}/jwks`, audience: 'vedette' };
    const attempts: readonly ((owner: OwnerInput) => Promise<unknown>)[] = [
      (owner) => registerIssuer(asOperator(), { ...anIssuer, ...owner }),
      (owner) =>
        inviteUser(asOperator(), {
          ...{ issuerId, subject: 'mara', name: 'Mara', role: 'OPERATOR_ANALYST', ...owner },
        }),
      (owner) => createApiKey(asOperator(), { name: 'Bridge', ...owner }),
      (owner) =>
        addContact(asOperator(), { contact: { name: 'Jens', phone: '+4940123456' }, ...owner }),
    ];
    const { providerId } = world.provider;
    const { customerId } = world.customer;
    for (const attempt of attempts) {
      for (const owner of [
        ...[{ customerId: '' }, { providerId: '' }],
        ...[
          { providerId, customerId: '' },
          { customerId, providerId: '' },
        ],
      ]) {
        await expect(attempt(owner)).rejects.toThrow(InvalidInputError);
      }
    }
  });
});
