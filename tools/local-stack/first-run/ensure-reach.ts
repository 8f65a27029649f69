import { permissions, type Role } from '@vedette/service-kit';
import type { Ask } from '../gateway-client.ts';
import type { AccessToken, Principal } from '../principals.ts';
import type { Provider } from './ensure-companies.ts';

/** Sees to it that the technician reaches the first two customers, and may answer for the first of them. */
export async function ensureGrants(
  ask: Ask,
  { company, customerIdByName }: Provider,
  technician: Principal,
): Promise<void> {
  for (const [index, { name }] of company.customers.slice(0, 2).entries()) {
    const customerId = customerIdByName.get(name);
    if (customerId === undefined) continue;
    await ask(
      `mutation ($input: GrantCustomerInput!) {
        grantCustomer(input: $input) { grant { customerId } }
      }`,
      { input: { principalId: technician.id, customerId, canApprove: index === 0 } },
    );
  }
}

/** Sees to it that each customer has its service contact at the operator, and a deputy. */
export async function ensureServiceContacts(
  ask: Ask,
  providers: readonly Provider[],
  { lead, analyst }: { readonly lead: Principal; readonly analyst: Principal },
): Promise<void> {
  for (const customerId of providers.flatMap(({ customerIds }) => customerIds)) {
    await ask(
      `mutation ($input: AssignServiceContactInput!) {
        assignServiceContact(input: $input) { customer { id } }
      }`,
      {
        input: {
          ...{ customerId, contactId: analyst.id, deputyId: lead.id },
          callBackNumber: '+493023125001',
        },
      },
    );
  }
}

const keyLifeMs = 364 * 24 * 60 * 60 * 1000;
const scopes = Object.entries(permissions)
  .filter(([, roles]) => (roles as readonly Role[]).includes('INTEGRATION'))
  .map(([permission]) => permission);

/** Makes an API key of the provider for its customers, good for all that software may do. */
export async function makeIntegration(
  ask: Ask,
  { providerId, customerIds }: Provider,
): Promise<AccessToken> {
  const { createApiKey: made } = await ask<{
    createApiKey: { apiKey: { id: string; expiresAt: string }; secret: string };
  }>(
    `mutation ($input: CreateApiKeyInput!) {
      createApiKey(input: $input) { apiKey { id expiresAt } secret }
    }`,
    {
      input: {
        ...{ providerId, customerIds: customerIds.slice(1), name: 'Local integration', scopes },
        expiresAt: new Date(Date.now() + keyLifeMs).toISOString(),
      },
    },
  );
  return { id: made.apiKey.id, token: made.secret, expiresAt: made.apiKey.expiresAt };
}
