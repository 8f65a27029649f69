import { listAll, type Ask } from '../gateway-client.ts';
import { companies, type DemoProvider } from './companies.ts';
import { ensureGround } from './ensure-ground.ts';

export interface Provider {
  readonly company: DemoProvider;
  readonly providerId: string;
  /** Its own estate, then the others in the order of the company's list. */
  readonly customerIds: readonly string[];
  /** By the name in the company's list; who has left meanwhile is missing. */
  readonly customerIdByName: ReadonlyMap<string, string>;
}

/** What there is of the companies, and of their customers those that are still served. */
export async function findCompanies(ask: Ask): Promise<readonly Provider[]> {
  const known = await listAll<FoundProvider>(ask, 'providers', providerFields);
  const providers = [];
  for (const company of companies) {
    const found = known.find(({ name }) => name === company.name);
    if (!found) continue;
    const customers = (await listCustomers(ask, found.id)).filter(
      ({ id, status }) => status === 'ACTIVE' && id !== found.ownEstate.id,
    );
    const idOf = (wanted: string) => customers.find(({ name }) => name === wanted)?.id;
    const byName = company.customers.flatMap(({ name }) => {
      const customerId = idOf(name);
      return customerId === undefined ? [] : [[name, customerId] as const];
    });
    providers.push({
      ...{ company, providerId: found.id, customerIdByName: new Map(byName) },
      customerIds: [found.ownEstate.id, ...byName.map(([, customerId]) => customerId)],
    });
  }
  return providers;
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
  const others = await ensureCustomers(ask, providerId, company.customers);
  const customers = [{ customerId: ownEstate.id, customer: company.ownEstate }, ...others];
  await ensureGround(ask, { providerId, contact: company.contact, customers });
  return {
    ...{ company, providerId, customerIds: customers.map(({ customerId }) => customerId) },
    customerIdByName: new Map(
      others.map(({ customerId, customer }) => [customer.name, customerId]),
    ),
  };
}

function listCustomers(
  ask: Ask,
  providerId: string,
): Promise<{ readonly id: string; readonly name: string; readonly status: string }[]> {
  return listAll(ask, 'customers', 'id name status', `{ providerId: "${providerId}" }`);
}

async function ensureCustomers(
  ask: Ask,
  providerId: string,
  customers: DemoProvider['customers'],
): Promise<{ customerId: string; customer: DemoProvider['customers'][number] }[]> {
  const known = await listCustomers(ask, providerId);
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
