import { listAll, type Ask } from '../gateway-client.ts';
import { companies, type DemoCustomer, type DemoProvider } from './companies.ts';
import { ensureGround } from './ensure-ground.ts';

export interface Provider {
  readonly company: DemoProvider;
  readonly providerId: string;
  /** Its own estate, then the others in the order of the company's list. */
  readonly customerIds: readonly string[];
}

/** Sees to it that the providers exist, each with its customers and what these have on record. */
export async function ensureCompanies(ask: Ask): Promise<readonly Provider[]> {
  const known = await listAll<FoundProvider>(ask, 'providers', providerFields);
  return Promise.all(
    companies.map(async (company) => {
      const found = known.find(({ name }) => name === company.name);
      return ensureProvider(ask, company, found ?? (await onboardProvider(ask, company.name)));
    }),
  );
}

interface FoundProvider {
  readonly id: string;
  readonly name: string;
  readonly ownEstate: { readonly id: string };
  readonly responsePolicy: object | null;
}

const providerFields = 'id name ownEstate { id } responsePolicy { version }';

async function onboardProvider(ask: Ask, name: string): Promise<FoundProvider> {
  const { onboardProvider: made } = await ask<{ onboardProvider: { provider: FoundProvider } }>(
    `mutation ($input: OnboardProviderInput!) {
      onboardProvider(input: $input) { provider { ${providerFields} } }
    }`,
    { input: { name } },
  );
  return made.provider;
}

async function ensureProvider(
  ask: Ask,
  company: DemoProvider,
  { id: providerId, ownEstate, responsePolicy }: FoundProvider,
): Promise<Provider> {
  if (responsePolicy === null) {
    await ask(
      `mutation ($input: SetProviderResponsePolicyInput!) {
        setProviderResponsePolicy(input: $input) { provider { id } }
      }`,
      { input: { providerId, expectedVersion: 0, policy: company.policy } },
    );
  }
  const customers = [
    { customerId: ownEstate.id, customer: company.ownEstate },
    ...(await ensureCustomers(ask, providerId, company.customers)),
  ];
  await ensureGround(ask, { providerId, contact: company.contact, customers });
  return { company, providerId, customerIds: customers.map(({ customerId }) => customerId) };
}

async function ensureCustomers(
  ask: Ask,
  providerId: string,
  customers: DemoProvider['customers'],
): Promise<{ customerId: string; customer: DemoCustomer }[]> {
  const filter = `{ providerId: "${providerId}" }`;
  const known = await listAll<{ id: string; name: string }>(ask, 'customers', 'id name', filter);
  const ensured = [];
  for (const customer of customers) {
    const found = known.find(({ name }) => name === customer.name);
    const customerId = found?.id ?? (await onboardCustomer(ask, providerId, customer.name));
    ensured.push({ customerId, customer });
  }
  return ensured;
}

async function onboardCustomer(ask: Ask, providerId: string, name: string): Promise<string> {
  const { onboardCustomer: made } = await ask<{ onboardCustomer: { customer: { id: string } } }>(
    `mutation ($input: OnboardCustomerInput!) {
      onboardCustomer(input: $input) { customer { id } }
    }`,
    { input: { providerId, name, plan: 'ADVANCED' } },
  );
  return made.customer.id;
}
