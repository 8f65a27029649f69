import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  addSubgraph,
  createHealth,
  createHttpServer,
  createIdentityVerifier,
  createLogger,
  identityHeader,
  NotFoundError,
} from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { composeServices } from '@theguild/federation-composition';
import type { FastifyInstance } from 'fastify';
import { parse } from 'graphql';
import { createSigningKey } from './keys.ts';
import type { SigningKey } from './keys.ts';

export const alpineBank = '01900000-0000-7000-8000-00000000000a';
export const birchFoods = '01900000-0000-7000-8000-00000000000b';
export const providerId = '01900000-0000-7000-8000-0000000000ff';

const customerNames = new Map([
  [alpineBank, 'Alpine Bank'],
  [birchFoods, 'Birch Foods'],
]);

const cases = [
  { id: 'case-1', title: 'Credentials dumped', customer: { id: alpineBank } },
  { id: 'case-2', title: 'Beacon to a new domain', customer: { id: birchFoods } },
];

const federation =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';

const tenancySdl = `${federation}
type Query { customers(first: Int): [Customer!] }
type Customer @key(fields: "id") { id: ID! name: String }`;

const casesSdl = `${federation}
type Query { cases: [Case!] case(id: ID!): Case broken: String slow: String }
type Case { id: ID! title: String! customer: Customer }
type Customer @key(fields: "id") { id: ID! cases: [Case!] }`;

/** A small product of two real subgraphs: tenancy owns customers, cases joins them. */
export interface Product {
  readonly supergraphSdl: string;
  readonly identityKey: SigningKey;
  readonly urls: { readonly tenancy: string; readonly cases: string };
  /** Viewers as the cases subgraph has seen them, oldest first. */
  readonly seenByCases: readonly { readonly viewer: Viewer; readonly trace: string }[];
  /** Claims that tenancy was asked about. */
  readonly claimsAsked: readonly unknown[];
  /** How many requests the cases subgraph has seen given up by the gateway. */
  abandonedByGateway(): number;
  stopTenancy(): Promise<void>;
  stop(): Promise<void>;
}

export async function startProduct(): Promise<Product> {
  const identityKey = await createSigningKey();
  const claimsAsked: unknown[] = [];
  const seenByCases: { viewer: Viewer; trace: string }[] = [];
  const tenancy = await startTenancy(identityKey, claimsAsked);
  const caseService = await startCases(identityKey, seenByCases);
  let abandoned = 0;
  caseService.server.on('request', (_, response: ServerResponse) => {
    response.once('close', () => (abandoned += response.writableFinished ? 0 : 1));
  });
  return {
    supergraphSdl: composeProduct(),
    identityKey,
    urls: { tenancy: originOf(tenancy), cases: originOf(caseService) },
    seenByCases,
    claimsAsked,
    abandonedByGateway: () => abandoned,
    stopTenancy: () => tenancy.close(),
    stop: async () => {
      await Promise.all([tenancy.close(), caseService.close()]);
    },
  };
}

function composeProduct(): string {
  const services = { tenancy: tenancySdl, cases: casesSdl };
  const result = composeServices(
    Object.entries(services).map(([name, sdl]) => ({
      name,
      url: `http://${name}`,
      typeDefs: parse(sdl),
    })),
  );
  if (result.errors) throw new AggregateError(result.errors, 'the test product does not compose');
  return result.supergraphSdl;
}

async function startTenancy(key: SigningKey, claimsAsked: unknown[]): Promise<FastifyInstance> {
  const toCustomer = (id: string) => ({ id, name: customerNames.get(id) ?? null });
  const reachable = (viewer: Viewer): readonly string[] =>
    viewer.customerIds === 'ALL' ? [...customerNames.keys()] : viewer.customerIds;
  const server = startedServer();
  const verify = createIdentityVerifier(key.publicKeys, 'tenancy');
  server.post('/internal/viewer', async (request) => {
    const asker = await verify(String(request.headers[identityHeader]));
    claimsAsked.push({ asker, claims: request.body });
    const { principalId, role } = request.body as { principalId: string; role: string };
    return { principalId, role, providerId, customerIds: [alpineBank] };
  });
  await addSubgraph(server, {
    name: 'tenancy',
    typeDefs: tenancySdl,
    identityKeys: key.publicKeys,
    logger: createLogger({ service: 'tenancy', level: 'fatal' }),
    createContext: (viewer) => ({ viewer }),
    resolvers: {
      Query: {
        customers: (_: unknown, __: unknown, { viewer }: { viewer: Viewer }) =>
          reachable(viewer).map(toCustomer),
      },
      Customer: { __resolveReference: ({ id }: { id: string }) => toCustomer(id) },
    },
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  return server;
}

async function startCases(
  key: SigningKey,
  seen: { viewer: Viewer; trace: string }[],
): Promise<FastifyInstance> {
  const server = startedServer();
  let trace = '';
  server.addHook('preHandler', async (request) => {
    trace = String(request.headers['traceparent']);
  });
  await addSubgraph(server, {
    name: 'cases',
    typeDefs: casesSdl,
    identityKeys: key.publicKeys,
    logger: createLogger({ service: 'cases', level: 'fatal' }),
    createContext: (viewer) => {
      seen.push({ viewer, trace });
      return { viewer };
    },
    resolvers: {
      Query: {
        cases: () => cases,
        case: (_: unknown, { id }: { id: string }) => {
          throw new NotFoundError('case', id);
        },
        slow: () => sleep(1_000, 'at last', { ref: false }),
        broken: () => {
          throw new Error('select secret from cases.case at 10.0.0.5:5432 failed');
        },
      },
      Customer: {
        __resolveReference: ({ id }: { id: string }) => ({
          id,
          cases: cases.filter(({ customer }) => customer.id === id),
        }),
      },
    },
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  return server;
}

function startedServer(): FastifyInstance {
  const health = createHealth();
  health.markStarted();
  return createHttpServer({ health });
}

function originOf(server: FastifyInstance): string {
  return `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
