import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import type { Endpoints } from '../endpoints.ts';
import { waitFor } from '@vedette/testkit';
import { askGateway, listAll } from '../gateway-client.ts';
import { databaseServices, processes } from '../processes.ts';
import { readSensors } from '../principals.ts';
import { createStack, type Stack } from '../stack.ts';
import { ensureTenants } from './ensure-tenants.ts';

jest.setTimeout(180_000);

const dataDir = mkdtempSync(join(tmpdir(), 'vedette-first-run-'));
let stack: Stack;

beforeAll(async () => {
  chmodSync(dataDir, 0o755);
  stack = createStack({
    root: join(import.meta.dirname, '../../..'),
    dataDir,
    // See stack.int.test.ts: below the ports that Linux hands out, and not that test's.
    portBase: 30_000 + (process.pid % 50) * 50,
    ...{ processes, databaseServices, replicas: {} },
    settings: { environment: process.env },
    onLine: () => undefined,
    onProgress: () => undefined,
  });
  await stack.start();
}, 120_000);

afterAll(async () => {
  await stack.stop();
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
}, 60_000);

const makeTenants = (gatewayUrl: string) =>
  ensureTenants({ dataDir, gatewayUrl, oidcUrl: stack.oidcUrl }, () => undefined);

/** Runs `work` with an address that passes so many requests on to the gateway and then breaks off. */
async function withBreakAfter(
  requests: number,
  work: (gatewayUrl: string) => Promise<void>,
): Promise<void> {
  let left = requests;
  const forward = async (body: string, authorization: string) => {
    const headers = { 'content-type': 'application/json', authorization };
    return (await fetch(stack.gatewayUrl, { method: 'POST', headers, body })).text();
  };
  const server = createServer((request, response) => {
    left -= 1;
    if (left < 0) {
      response.destroy();
      return;
    }
    void text(request)
      .then((body) => forward(body, request.headers.authorization ?? ''))
      .then((answer) => response.end(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  } finally {
    server.close();
  }
}

/** One by one: together they could hold more than the gateway answers at once. */
const lists = [
  'providers(first: 20) { nodes { name responsePolicy { mode } } }',
  `customers(first: 20) {
    nodes {
      name externalReference mandates { highestMode } effectiveResponsePolicy { mode isLowered }
      contactLadder { rungs { contact { name } } } serviceContact { name deputyName }
    }
  }`,
  'users(first: 15) { nodes { name role grants { canApprove } } }',
  'issuers(first: 20) { nodes { issuer } }',
  'contacts(first: 20) { nodes { name } }',
  'apiKeys(first: 20) { nodes { name } }',
  'connectors(first: 20) { nodes { id } }',
  'deeds(first: 100) { nodes { kind } }',
];

type Everything = Readonly<Record<string, { readonly nodes: readonly Record<string, unknown>[] }>>;

async function seeEverything(): Promise<Everything> {
  const token = tokenOf(endpoints, 'operatorAdmin');
  const seen: Everything[] = [];
  for (const list of lists) seen.push(await askGateway(stack.gatewayUrl, token, `{ ${list} }`));
  return Object.assign({}, ...seen) as Everything;
}

function tokenOf({ principals }: Endpoints, key: string): string {
  return principals[key]?.token ?? '';
}

let endpoints: Endpoints;
let complete: Everything;

describe('the first run of a local stack', () => {
  it('is completed when it was cut short, and makes nothing twice', async () => {
    for (const requests of [0, 20, 60]) {
      await withBreakAfter(requests, async (url) => {
        await expect(makeTenants(url)).rejects.toThrow();
      });
    }
    await makeTenants(stack.gatewayUrl);
    endpoints = await stack.publishEndpoints();
    // Tenancy hears of connectors by event, and writes down who made them a moment later.
    await waitFor(async () => {
      complete = await seeEverything();
      const kinds = complete['deeds']?.nodes.map(({ kind }) => kind) ?? [];
      const made = ['connector.create', 'sensor_key.create'];
      return made.every((kind) => kinds.filter((each) => each === kind).length === 9);
    });
    const counts = Object.entries(complete).map(([list, { nodes }]) => [list, nodes.length]);
    expect(Object.fromEntries(counts)).toMatchObject({
      ...{ providers: 2, customers: 9, users: 8, issuers: 4, contacts: 11, apiKeys: 1 },
      connectors: 9,
    });
    expect(endpoints.sensors).toHaveLength(9);
    expect(statSync(join(dataDir, 'keys/integration.json')).mode & 0o777).toBe(0o600);
  });

  it('gives every customer a mandate, a policy, a ladder and a service contact', () => {
    for (const customer of complete['customers']?.nodes ?? []) {
      expect(customer).toMatchObject({
        externalReference: expect.stringMatching(/^(NL|AB)-\d{4}$/),
        mandates: [expect.anything()],
        effectiveResponsePolicy: { mode: expect.any(String) },
        serviceContact: { name: 'Merve Aydin', deputyName: 'Jonas Falk' },
      });
      const { rungs } = customer['contactLadder'] as { rungs: unknown[] };
      expect(rungs.length).toBeGreaterThan(0);
    }
  });

  it.each([
    ['operatorAdmin', 'OPERATOR_ADMIN', true, 9],
    ['operatorLead', 'OPERATOR_LEAD', true, 9],
    ['operatorAnalyst', 'OPERATOR_ANALYST', true, 9],
    ['providerAdmin', 'PROVIDER_ADMIN', true, 6],
    ['providerTechnician', 'PROVIDER_TECHNICIAN', true, 2],
    ['customerApprover', 'CUSTOMER_APPROVER', true, 1],
    ['customerViewer', 'CUSTOMER_VIEWER', false, 1],
    ['otherProviderAdmin', 'PROVIDER_ADMIN', true, 3],
    ['integration', 'INTEGRATION', false, 5],
  ])('lets %s in as %s with what is theirs', async (key, role, hasMfa, customers) => {
    const seen = await askGateway<{
      viewer: { principalId: string; role: string; hasMfa: boolean };
      customers: { nodes: unknown[] };
    }>(
      stack.gatewayUrl,
      tokenOf(endpoints, key),
      '{ viewer { principalId role hasMfa } customers { nodes { id } } }',
    );
    expect(seen.viewer).toEqual({ principalId: endpoints.principals[key]?.id, role, hasMfa });
    expect(seen.customers.nodes).toHaveLength(customers);
  });

  it('changes nothing at the next start', async () => {
    await makeTenants(stack.gatewayUrl);
    // Completing what a data directory of before lacks looks at all of it again.
    rmSync(join(dataDir, 'first-run.json'));
    await makeTenants(stack.gatewayUrl);
    expect(await seeEverything()).toEqual(complete);
  });

  it('brings no customer back that has left, also at other ports', async () => {
    const ask = <Data>(query: string, variables = {}): Promise<Data> =>
      askGateway(stack.gatewayUrl, tokenOf(endpoints, 'operatorAdmin'), query, variables);
    const name = 'Talbruck Treuhand';
    const find = async () =>
      await listAll<{ id: string; name: string; status: string }>(
        ask,
        'customers',
        'id name status',
      );
    const customerId = (await find()).find((each) => each.name === name)?.id;
    await ask(
      'mutation ($i: OffboardCustomerInput!) { offboardCustomer(input: $i) { customer { id } } }',
      {
        i: { customerId, reason: 'Closed down' },
      },
    );
    await waitFor(
      async () =>
        ask('mutation ($i: PurgeCustomerInput!) { purgeCustomer(input: $i) { customer { id } } }', {
          i: { customerId, name },
        }).then(
          () => true,
          () => false,
        ),
      { timeoutMs: 60_000 },
    );
    const statusOf = async () => (await find()).find(({ id }) => id === customerId)?.status;
    await waitFor(async () => (await statusOf()) === 'PURGED', { timeoutMs: 30_000 });
    const before = await find();
    await makeTenants(stack.gatewayUrl);
    expect((await readSensors(dataDir)).map((sensor) => sensor.customerId)).not.toContain(
      customerId,
    );
    const elsewhere = { dataDir, gatewayUrl: stack.gatewayUrl, oidcUrl: 'http://127.0.0.1:9' };
    await ensureTenants(elsewhere, () => undefined);
    expect(await find()).toEqual(before);
    expect(await readSensors(dataDir)).toHaveLength(8);
  });
});
