import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { askGateway, GatewayError } from './gateway-client.ts';
import {
  readPrincipals,
  readSensors,
  signAccessToken,
  writePrincipals,
  writeSensors,
} from './principals.ts';
import type { Principal, Sensor } from './principals.ts';

/** Providers of the local stack with their customers; the first one's people are the principals. */
const providers = [
  {
    name: 'Nordlicht IT',
    customers: ['Hafenwerk Logistik', 'Praxis am Deich', 'Kranich Metallbau'],
  },
  { name: 'Alpenblick Systems', customers: ['Sonnenhof Hotels', 'Talbruck Treuhand'] },
] as const;

interface Provider {
  readonly id: string;
  readonly ownEstateId: string;
  readonly customerIds: readonly string[];
}

/**
 * Makes what a local stack always has, through the public API: two providers with customers, every
 * kind of principal, and a `windows-events` sensor for each customer. Does nothing the second time.
 */
export async function ensureTenants(
  dataDir: string,
  gatewayUrl: string,
  onProgress: (message: string) => void,
): Promise<void> {
  if ((await readSensors(dataDir)).length > 0) return;
  onProgress('first run: making providers, customers, principals and sensors');
  const operatorAdmin: Principal = { id: randomUUID(), role: 'OPERATOR_ADMIN' };
  const { token } = await signAccessToken(dataDir, operatorAdmin);
  const ask = <Data>(query: string, variables: Readonly<Record<string, unknown>>): Promise<Data> =>
    askGateway<Data>(gatewayUrl, token, query, variables);

  const onboarded: Provider[] = [];
  for (const { name, customers } of providers) onboarded.push(await onboard(ask, name, customers));
  const [first, second] = onboarded;
  if (!first || !second) throw new Error('the local stack needs two providers');
  await writePrincipals(dataDir, {
    ...(await readPrincipals(dataDir)),
    ...principals(operatorAdmin, first, second),
  });
  const sensors: Sensor[] = [];
  for (const provider of onboarded) {
    for (const customerId of [provider.ownEstateId, ...provider.customerIds]) {
      sensors.push(await createSensor(ask, customerId, provider.id, 'windows-events', 'DEMO'));
    }
  }
  await writeSensors(dataDir, sensors);
}

type Ask = <Data>(query: string, variables: Readonly<Record<string, unknown>>) => Promise<Data>;

/** An earlier first run may have been cut short, so a provider or customer that exists is taken as it is. */
async function onboard(ask: Ask, name: string, customers: readonly string[]): Promise<Provider> {
  const provider = await ask<{
    onboardProvider: { provider: { id: string; ownEstate: { id: string } } };
  }>(
    'mutation ($input: OnboardProviderInput!) { onboardProvider(input: $input) { provider { id ownEstate { id } } } }',
    { input: { name } },
  )
    .then(({ onboardProvider }) => onboardProvider.provider)
    .catch(async (error: unknown) => {
      if (!isConflict(error)) throw error;
      const { providers: existing } = await ask<{
        providers: { nodes: { id: string; name: string; ownEstate: { id: string } }[] };
      }>('{ providers(first: 100) { nodes { id name ownEstate { id } } } }', {});
      const found = existing.nodes.find((node) => node.name === name);
      if (!found) throw error;
      return found;
    });
  const customerIds: string[] = [];
  for (const customer of customers)
    customerIds.push(await onboardCustomer(ask, provider.id, customer));
  return { id: provider.id, ownEstateId: provider.ownEstate.id, customerIds };
}

async function onboardCustomer(ask: Ask, providerId: string, name: string): Promise<string> {
  try {
    const { onboardCustomer: made } = await ask<{ onboardCustomer: { customer: { id: string } } }>(
      'mutation ($input: OnboardCustomerInput!) { onboardCustomer(input: $input) { customer { id } } }',
      { input: { providerId, name, plan: 'ADVANCED' } },
    );
    return made.customer.id;
  } catch (error) {
    if (!isConflict(error)) throw error;
    const { customers } = await ask<{ customers: { nodes: { id: string; name: string }[] } }>(
      'query ($id: ID!) { customers(first: 100, filter: { providerId: $id }) { nodes { id name } } }',
      { id: providerId },
    );
    const found = customers.nodes.find((node) => node.name === name);
    if (!found) throw error;
    return found.id;
  }
}

function isConflict(error: unknown): boolean {
  return error instanceof GatewayError && error.code === 'CONFLICT';
}

function principals(
  operatorAdmin: Principal,
  first: Provider,
  second: Provider,
): Record<string, Principal> {
  const ofFirst = (role: string, customerIds?: readonly string[]): Principal => ({
    id: randomUUID(),
    role,
    providerId: first.id,
    ...(customerIds ? { customerIds } : {}),
  });
  const oneCustomer = first.customerIds.slice(0, 1);
  return {
    operatorAdmin,
    operatorLead: { id: randomUUID(), role: 'OPERATOR_LEAD' },
    operatorAnalyst: { id: randomUUID(), role: 'OPERATOR_ANALYST' },
    providerAdmin: ofFirst('PROVIDER_ADMIN'),
    providerTechnician: ofFirst('PROVIDER_TECHNICIAN', first.customerIds.slice(0, 2)),
    customerApprover: ofFirst('CUSTOMER_APPROVER', oneCustomer),
    customerViewer: ofFirst('CUSTOMER_VIEWER', oneCustomer),
    otherProviderAdmin: { id: randomUUID(), role: 'PROVIDER_ADMIN', providerId: second.id },
    integration: ofFirst('INTEGRATION', first.customerIds),
  };
}

const customerCopyTimeoutMs = 15_000;

/**
 * Sets up a connector and its sensor key. Ingestion learns of a new customer by event, so a customer
 * made a moment ago may be unknown there for another moment.
 */
export async function createSensor(
  ask: Ask,
  customerId: string,
  providerId: string,
  connectorType: string,
  provenance: 'LIVE' | 'DEMO',
): Promise<Sensor> {
  const deadline = Date.now() + customerCopyTimeoutMs;
  for (;;) {
    try {
      const { createConnector } = await ask<{
        createConnector: { connector: { id: string }; key: string };
      }>(
        'mutation ($input: CreateConnectorInput!) { createConnector(input: $input) { connector { id } key } }',
        { input: { customerId, type: connectorType, provenance } },
      );
      return {
        customerId,
        providerId,
        connectorId: createConnector.connector.id,
        connectorType,
        key: createConnector.key,
      };
    } catch (error) {
      const isTooEarly =
        error instanceof GatewayError && error.code === 'NOT_FOUND' && Date.now() < deadline;
      if (!isTooEarly) throw error;
      await sleep(100);
    }
  }
}
