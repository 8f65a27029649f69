import { join } from 'node:path';
import { readJson, writeJson } from '../data-files.ts';
import { askGateway, type Ask } from '../gateway-client.ts';
import { readIntegration, writeIntegration, writePrincipals } from '../principals.ts';
import { obtainToken } from '../tokens.ts';
import { ensureCompanies, findCompanies, type Provider } from './ensure-companies.ts';
import { ensurePeople } from './ensure-people.ts';
import { ensureGrants, ensureServiceContacts, makeIntegration } from './ensure-reach.ts';
import { ensureSensors, forgetSilentSensors } from './sensors.ts';

/** Raise it when there is more to make: data directories of before are completed at their next start. */
const version = 2;
/** A key that ends sooner is replaced. */
const shortestKeyLifeMs = 24 * 60 * 60 * 1000;

interface FirstRun {
  readonly version: number;
  /** Issuers are named by where they are: at other ports the people are invited again. */
  readonly oidcUrl: string;
}

/**
 * Makes what a local stack always has, through the public API: two providers with customers and what
 * these have on record, every kind of principal, and a sensor for each customer. Each part that is
 * there already stays as it is, so a first run that was cut short is completed; after a complete one
 * nothing is made again but the people, at other ports, and what people have changed or removed since
 * stays so. Sensors of customers that have left are forgotten at every start.
 */
export async function ensureTenants(
  stack: { readonly dataDir: string; readonly gatewayUrl: string; readonly oidcUrl: string },
  onProgress: (message: string) => void,
): Promise<void> {
  const { dataDir, gatewayUrl, oidcUrl } = stack;
  const file = join(dataDir, 'first-run.json');
  const done = await readJson<FirstRun>(file);
  const areCompaniesMade = done?.version === version;
  const token = await obtainToken(dataDir, 'operatorAdmin');
  const ask: Ask = (query, variables) => askGateway(gatewayUrl, token, query, variables);
  if (areCompaniesMade) await forgetSilentSensors(ask, dataDir);
  if (areCompaniesMade && done.oidcUrl === oidcUrl && (await hasLastingKey(dataDir))) return;
  onProgress(
    areCompaniesMade
      ? 'making anew what has run out, or is elsewhere now: an API key, issuers and their people'
      : 'first run: making providers, customers, principals and sensors',
  );

  const providers = areCompaniesMade ? await findCompanies(ask) : await ensureCompanies(ask);
  const [first] = providers;
  if (!first) throw new Error('the local stack needs a provider');
  const principals = await ensurePeople(ask, oidcUrl, providers);
  const { operatorLead: lead, operatorAnalyst: analyst, providerTechnician } = principals;
  if (!lead || !analyst || !providerTechnician) throw new Error('the local stack needs its people');
  await ensureGrants(ask, first, providerTechnician);
  if (!areCompaniesMade) await ensureServiceContacts(ask, providers, { lead, analyst });
  await writePrincipals(dataDir, principals);
  if (!(await hasLastingKey(dataDir))) {
    await writeIntegration(dataDir, await makeIntegration(ask, first));
  }
  if (!areCompaniesMade) await ensureSensors(ask, dataDir, providers.flatMap(toCustomers));
  await writeJson(file, { version, oidcUrl } satisfies FirstRun);
}

async function hasLastingKey(dataDir: string): Promise<boolean> {
  const key = await readIntegration(dataDir);
  return key !== null && Date.parse(key.expiresAt) > Date.now() + shortestKeyLifeMs;
}

function toCustomers({ providerId, customerIds }: Provider) {
  return customerIds.map((customerId) => ({ customerId, providerId }));
}
