import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoints } from '../local-stack/endpoints.ts';
import { askGateway } from '../local-stack/gateway-client.ts';
import { toLatencies, withBenchStack } from './bench-stack.ts';
import type { Latencies } from './bench-stack.ts';

export interface GatewayFigures {
  readonly customers: { readonly all: number; readonly ofOneProvider: number };
  /** Customers onboarded a second, from CSV through the API. */
  readonly importPerSecond: number;
  /** A page of a hundred customers, from the request to the whole answer. */
  readonly customerPageMs: {
    readonly providerAdmin: Latencies;
    readonly operator: Latencies;
  };
  /** The smallest query, as a client sees it. */
  readonly viewerMs: {
    /** The gateway knows who asks. */
    readonly warm: Latencies;
    /** It has to ask tenancy first, which names the provider's customers one by one. */
    readonly cold: Latencies;
  };
}

const providers = 10;
const customersOfEach = 5_000;
/** Well below what one call may hold, so that it is done within the time that a subgraph has. */
const rowsOfImport = 500;
const pages = 200;
const warmQuestions = 300;
const coldQuestions = 20;
/** Longer than the gateway remembers who somebody is. */
const forgetMs = 5_200;
/** Below the rate that the gateway allows one principal. */
const pauseMs = 25;

/** Fills the product with 50,000 customers through its API, then reads them as an MSP's and as the operator's people do. */
export function benchGateway(
  root: string,
  onProgress: (message: string) => void,
): Promise<GatewayFigures> {
  return withBenchStack(root, onProgress, async ({ start, waitUntilDrained }) => {
    const { endpoints } = await start();
    onProgress(`${providers * customersOfEach} customers of ${providers} providers`);
    const seconds = await importCustomers(endpoints, onProgress);
    onProgress('until all have heard of them');
    await waitUntilDrained();
    const admin = tokenOf(endpoints, 'providerAdmin');
    onProgress(`${pages} pages each`);
    return {
      customers: { all: providers * customersOfEach, ofOneProvider: customersOfEach },
      importPerSecond: Math.round((providers * customersOfEach) / seconds),
      customerPageMs: {
        providerAdmin: await measurePages(endpoints, admin),
        operator: await measurePages(endpoints, tokenOf(endpoints, 'operatorAdmin')),
      },
      viewerMs: {
        warm: await measureViewer(endpoints, admin, { times: warmQuestions, waitMs: pauseMs }),
        cold: await measureViewer(endpoints, admin, { times: coldQuestions, waitMs: forgetMs }),
      },
    };
  });
}

/** The first provider is that of the local stack's `providerAdmin`. */
async function importCustomers(
  endpoints: Endpoints,
  onProgress: (message: string) => void,
): Promise<number> {
  const ask = asker(endpoints, tokenOf(endpoints, 'operatorAdmin'));
  const { viewer } = await asker(
    endpoints,
    tokenOf(endpoints, 'providerAdmin'),
  )<{
    viewer: { provider: { id: string } };
  }>('{ viewer { provider { id } } }');
  const providerIds = [viewer.provider.id];
  for (let n = 1; n < providers; n += 1) {
    const { onboardProvider } = await ask<{ onboardProvider: { provider: { id: string } } }>(
      'mutation ($input: OnboardProviderInput!) { onboardProvider(input: $input) { provider { id } } }',
      { input: { name: `Bench Provider ${n}` } },
    );
    providerIds.push(onboardProvider.provider.id);
  }
  const startedAt = performance.now();
  for (const [n, providerId] of providerIds.entries()) {
    for (let from = 0; from < customersOfEach; from += rowsOfImport) {
      const { importCustomers: done } = await ask<{ importCustomers: { created: number } }>(
        'mutation ($input: ImportCustomersInput!) { importCustomers(input: $input) { created } }',
        { input: { providerId, csv: toCsv(n, from), dryRun: false } },
      );
      if (done.created !== rowsOfImport) throw new Error(`only ${done.created} rows were imported`);
    }
    onProgress(`${(n + 1) * customersOfEach} customers`);
  }
  return (performance.now() - startedAt) / 1_000;
}

/** Names spread over the alphabet, as real ones do. */
function toCsv(provider: number, from: number): string {
  const rows = Array.from({ length: rowsOfImport }, (_, n) => {
    const place = (((from + n) * 7_919) % customersOfEach).toString().padStart(5, '0');
    return `B-${provider}-${from + n},Customer ${place} of ${provider}\n`;
  });
  return `externalReference,name\n${rows.join('')}`;
}

const pageQuery = `query ($after: String) {
  customers(first: 100, after: $after) { nodes { id name plan status } pageInfo { hasNextPage endCursor } }
}`;

async function measurePages(endpoints: Endpoints, token: string): Promise<Latencies> {
  const ask = asker(endpoints, token);
  const milliseconds: number[] = [];
  let after: string | null = null;
  while (milliseconds.length < pages) {
    const startedAt = performance.now();
    const { customers }: CustomerPage = await ask<CustomerPage>(pageQuery, { after });
    milliseconds.push(performance.now() - startedAt);
    after = customers.pageInfo.hasNextPage ? customers.pageInfo.endCursor : null;
    await sleep(pauseMs);
  }
  return toLatencies(milliseconds);
}

interface CustomerPage {
  readonly customers: {
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

async function measureViewer(
  endpoints: Endpoints,
  token: string,
  { times, waitMs }: { readonly times: number; readonly waitMs: number },
): Promise<Latencies> {
  const ask = asker(endpoints, token);
  const milliseconds: number[] = [];
  for (let n = 0; n < times; n += 1) {
    await sleep(waitMs);
    const startedAt = performance.now();
    await ask('{ viewer { principalId } }');
    milliseconds.push(performance.now() - startedAt);
  }
  return toLatencies(milliseconds);
}

function asker({ gateway }: Endpoints, token: string) {
  return <Data>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<Data> =>
    askGateway<Data>(gateway.http, token, query, variables);
}

function tokenOf({ principals }: Endpoints, key: string): string {
  const principal = principals[key];
  if (!principal) throw new Error(`the local stack has no '${key}'`);
  return principal.token;
}
