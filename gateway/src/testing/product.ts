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
  UnauthenticatedError,
} from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { composeServices } from '@theguild/federation-composition';
import type { FastifyInstance } from 'fastify';
import { parse } from 'graphql';
import type { Issuer } from '../token-verifier.ts';
import type { Proof } from '../viewers.ts';
import { createSigningKey, localIssuer } from './keys.ts';
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

const operator: Viewer = {
  principalId: 'operator-1',
  role: 'OPERATOR_ANALYST',
  customerIds: 'ALL',
};

const anna: Viewer = {
  ...{ principalId: 'anna', role: 'CUSTOMER_VIEWER', providerId, customerIds: [alpineBank] },
};

/** A small product of two real subgraphs: tenancy owns customers, cases joins them. */
export interface Product {
  readonly supergraphSdl: string;
  readonly identityKey: SigningKey;
  /** Signs the tokens of the registered issuer. */
  readonly accessKey: SigningKey;
  /** What tenancy has registered; a test may change it. */
  readonly issuers: Issuer[];
  /** Whom tenancy knows, by subject or by an API key's public id; a test may change it. */
  readonly people: Map<string, Viewer>;
  readonly urls: { readonly tenancy: string; readonly cases: string };
  /** Viewers as the cases subgraph has seen them, oldest first. */
  readonly seenByCases: readonly { readonly viewer: Viewer; readonly trace: string }[];
  /** What tenancy was asked about, and by whom. */
  readonly proofsAsked: { readonly asker: Viewer; readonly proof: Proof }[];
  /** The OpenID provider's answers; a test may change them. */
  readonly identityProvider: { url: string; keys: object; isAway: boolean };
  /** How many requests the cases subgraph has seen given up by the gateway. */
  abandonedByGateway(): number;
  stopTenancy(): Promise<void>;
  stop(): Promise<void>;
}

/** @param casesTrusts whose identity tokens the cases subgraph takes; the gateway's unless given */
export async function startProduct(casesTrusts?: SigningKey): Promise<Product> {
  const [identityKey, accessKey] = await Promise.all([createSigningKey(), createSigningKey()]);
  const identityProvider = { url: '', keys: accessKey.publicKeys as object, isAway: false };
  const provider = await startIdentityProvider(identityProvider);
  const state = {
    issuers: [anIssuer(originOf(provider))],
    people: new Map([
      ['olga', operator],
      ['anna', anna],
    ]),
    proofsAsked: [] as Product['proofsAsked'],
  };
  const seenByCases: { viewer: Viewer; trace: string }[] = [];
  const tenancy = await startTenancy(identityKey, state);
  const caseService = await startCases(casesTrusts ?? identityKey, seenByCases);
  let abandoned = 0;
  caseService.server.on('request', (_, response: ServerResponse) => {
    response.once('close', () => (abandoned += response.writableFinished ? 0 : 1));
  });
  return {
    supergraphSdl: composeProduct(),
    ...{ identityKey, accessKey, identityProvider, seenByCases, ...state },
    urls: { tenancy: originOf(tenancy), cases: originOf(caseService) },
    abandonedByGateway: () => abandoned,
    stopTenancy: () => tenancy.close(),
    stop: async () => {
      await Promise.all([tenancy.close(), caseService.close(), provider.close()]);
    },
  };
}

function anIssuer(origin: string): Issuer {
  return {
    issuerId: '01900000-0000-7000-8000-0000000000e1',
    issuer: localIssuer,
    jwksUrl: `${origin}/jwks`,
    audience: 'vedette',
    algorithms: ['EdDSA'],
    mfaAcrValues: [],
  };
}

async function startIdentityProvider(state: Product['identityProvider']): Promise<FastifyInstance> {
  const server = startedServer();
  server.get('/jwks', (_, reply) =>
    state.isAway ? reply.code(503).send() : reply.send(state.keys),
  );
  await server.listen({ host: '127.0.0.1', port: 0 });
  state.url = originOf(server);
  return server;
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

async function startTenancy(
  key: SigningKey,
  state: Pick<Product, 'issuers' | 'people' | 'proofsAsked'>,
): Promise<FastifyInstance> {
  const toCustomer = (id: string) => ({ id, name: customerNames.get(id) ?? null });
  const reachable = (viewer: Viewer): readonly string[] =>
    viewer.customerIds === 'ALL' ? [...customerNames.keys()] : viewer.customerIds;
  const server = startedServer();
  const verify = createIdentityVerifier(key.publicKeys, 'tenancy');
  server.setErrorHandler((error, _, reply) =>
    reply.code(error instanceof UnauthenticatedError ? 401 : 500).send({ code: 'UNAUTHENTICATED' }),
  );
  server.get('/internal/issuers', async (request) => {
    await verify(String(request.headers[identityHeader]));
    return { issuers: state.issuers };
  });
  server.post('/internal/viewer', async (request) => {
    const asker = await verify(String(request.headers[identityHeader]));
    const proof = request.body as Proof;
    state.proofsAsked.push({ asker, proof });
    const known = state.people.get(proof.kind === 'PERSON' ? proof.subject : proof.publicId);
    if (!known) throw new UnauthenticatedError('nobody of that name');
    return known;
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
