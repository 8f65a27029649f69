import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHealth, createLogger, startTelemetry } from '@vedette/service-kit';
import type { Health } from '@vedette/service-kit';
import type { GatewayConfig } from './config.ts';
import { createGateway } from './gateway.ts';
import type { Gateway } from './gateway.ts';
import { accessToken, createSigningKey, unsignedToken } from './testing/keys.ts';
import type { SigningKey } from './testing/keys.ts';
import { alpineBank, birchFoods, providerId, startProduct } from './testing/product.ts';
import type { Product } from './testing/product.ts';

interface GraphqlAnswer {
  readonly data?: unknown;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly unknown[];
    readonly extensions: Readonly<Record<string, unknown>>;
  }[];
}

const traceId = expect.stringMatching(/^[0-9a-f]{32}$/);

let accessKey: SigningKey;
let product: Product;
let gateway: Gateway;
let health: Health;
let url: string;

async function startGateway(settings: Partial<GatewayConfig> = {}): Promise<void> {
  health = createHealth();
  gateway = createGateway(
    {
      SERVICE_HOST: '127.0.0.1',
      SERVICE_PORT: 0,
      LOG_LEVEL: 'error',
      OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
      ACCESS_TOKEN_ISSUER: 'vedette-local',
      ACCESS_TOKEN_AUDIENCE: 'vedette',
      SUBGRAPH_URLS: product.urls,
      SUPERGRAPH_FILE: '',
      SUBGRAPH_TIMEOUT_MS: 4_000,
      REQUEST_TIMEOUT_MS: 5_000,
      SUBGRAPH_MAX_SOCKETS: 8,
      SUBGRAPH_MAX_RESPONSE_BYTES: 1_000_000,
      GRAPHQL_INTROSPECTION: false,
      APOLLO_TELEMETRY_DISABLED: 'true',
      accessTokenKeys: accessKey.publicKeys as GatewayConfig['accessTokenKeys'],
      identityKey: product.identityKey.privateJwk as GatewayConfig['identityKey'],
      ...settings,
    },
    product.supergraphSdl,
    { logger: createLogger({ service: 'gateway', level: 'fatal' }), health },
  );
  url = await gateway.start();
  health.markStarted();
}

async function post(
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; headers: Headers; body: GraphqlAnswer }> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as GraphqlAnswer,
  };
}

async function ask(
  query: string,
  options: { readonly token?: string; readonly variables?: object } = {},
): ReturnType<typeof post> {
  const token = options.token ?? (await accessToken({ key: accessKey }));
  const { variables } = options;
  return post({ query, ...(variables ? { variables } : {}) }, { authorization: `Bearer ${token}` });
}

async function until(check: () => boolean): Promise<void> {
  for (let waitedMs = 0; !check(); waitedMs += 10) {
    if (waitedMs > 2_000) throw new Error('not within two seconds');
    await sleep(10);
  }
}

const customerToken = (): Promise<string> =>
  accessToken({
    key: accessKey,
    claims: { sub: 'anna', role: 'CUSTOMER_VIEWER', customer_ids: [alpineBank, birchFoods] },
  });

beforeAll(async () => {
  await startTelemetry({ service: 'gateway' });
  accessKey = await createSigningKey();
});
beforeEach(async () => {
  product = await startProduct();
  await startGateway();
});
afterEach(async () => {
  await gateway.stop();
  await product.stop();
});

describe('a query at the gateway', () => {
  it('joins what two subgraphs own', async () => {
    const { status, body } = await ask('{ cases { title customer { name } } }');
    expect(body).toEqual({
      data: {
        cases: [
          { title: 'Credentials dumped', customer: { name: 'Alpine Bank' } },
          { title: 'Beacon to a new domain', customer: { name: 'Birch Foods' } },
        ],
      },
    });
    expect(status).toBe(200);
  });

  it('goes back and forth between subgraphs', async () => {
    const { body } = await ask('{ customers { name cases { title customer { name } } } }');
    expect(body.errors).toBeUndefined();
    expect(body.data).toMatchObject({
      customers: [{ name: 'Alpine Bank', cases: [{ customer: { name: 'Alpine Bank' } }] }, {}],
    });
  });

  it('carries the viewer and its trace to the subgraphs', async () => {
    const { body } = await ask('{ case(id: "x") { id } }');
    expect(product.seenByCases).toEqual([
      {
        viewer: { principalId: 'operator-1', role: 'OPERATOR_ANALYST', customerIds: 'ALL' },
        trace: expect.stringContaining(String(body.errors?.[0]?.extensions['traceId'])),
      },
    ]);
  });

  it('never continues a trace that a client sends', async () => {
    const foreign = '0af7651916cd43dd8448eb211c80319c';
    const { body } = await post(
      { query: '{ case(id: "x") { id } }' },
      {
        authorization: `Bearer ${await accessToken({ key: accessKey })}`,
        traceparent: `00-${foreign}-b7ad6b7169203331-01`,
      },
    );
    expect(body.errors?.[0]?.extensions['traceId']).toEqual(traceId);
    expect(body.errors?.[0]?.extensions['traceId']).not.toBe(foreign);
  });

  it('is never stored by a cache', async () => {
    const { headers } = await ask('{ cases { id } }');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
  });
});

describe("a tenant's principal", () => {
  it('reaches the customers that tenancy says, whatever the token claims', async () => {
    const { body } = await ask('{ customers { name } }', { token: await customerToken() });
    expect(body).toEqual({ data: { customers: [{ name: 'Alpine Bank' }] } });
    expect(product.claimsAsked).toEqual([
      {
        asker: { principalId: 'gateway', role: 'SERVICE', customerIds: [] },
        claims: {
          principalId: 'anna',
          role: 'CUSTOMER_VIEWER',
          customerIds: [alpineBank, birchFoods],
        },
      },
    ]);
    await ask('{ cases { id } }', { token: await customerToken() });
    expect(product.seenByCases.at(-1)?.viewer).toEqual({
      principalId: 'anna',
      role: 'CUSTOMER_VIEWER',
      providerId,
      customerIds: [alpineBank],
    });
  });

  it('is asked about once for requests at the same time', async () => {
    const token = await customerToken();
    await Promise.all(Array.from({ length: 20 }, () => ask('{ cases { id } }', { token })));
    expect(product.claimsAsked).toHaveLength(1);
  });

  it('is told 503 and when to come back while tenancy is down', async () => {
    await product.stopTenancy();
    const { status, headers, body } = await ask('{ cases { id } }', {
      token: await customerToken(),
    });
    expect(status).toBe(503);
    expect(headers.get('retry-after')).toBe('5');
    expect(body).toEqual({
      errors: [
        {
          message: "'tenancy' does not answer at the moment.",
          extensions: { code: 'UNAVAILABLE', dependency: 'tenancy', retryAfterSeconds: 5, traceId },
        },
      ],
    });
  });
});

describe('a request without a valid access token', () => {
  const refused = {
    errors: [{ message: expect.any(String), extensions: { code: 'UNAUTHENTICATED', traceId } }],
  };

  it('is refused when there is no token', async () => {
    const { status, headers, body } = await post({ query: '{ __typename }' });
    expect([status, body]).toEqual([401, refused]);
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is refused before its body is looked at', async () => {
    expect((await post('{ not json')).status).toBe(401);
    expect((await post('x'.repeat(300_000))).status).toBe(401);
  });

  it.each([
    ['has expired', () => accessToken({ key: accessKey, lifeSeconds: -60 })],
    ['is for somebody else', () => accessToken({ key: accessKey, audience: 'another' })],
    ['comes from another issuer', () => accessToken({ key: accessKey, issuer: 'another' })],
    ['is signed by another key', async () => accessToken({ key: await createSigningKey() })],
    [
      'is not signed',
      async () =>
        unsignedToken({
          sub: 'x',
          role: 'OPERATOR_ADMIN',
          iss: 'vedette-local',
          aud: 'vedette',
          exp: 9e9,
        }),
    ],
    ['claims to be a service', () => accessToken({ key: accessKey, claims: { role: 'SERVICE' } })],
  ])('is refused when the token %s', async (_, token) => {
    const { status, body } = await ask('{ cases { id } }', { token: await token() });
    expect([status, body]).toEqual([401, refused]);
    expect(product.seenByCases).toEqual([]);
  });

  it('gets nothing from a subgraph that it asks directly', async () => {
    const response = await fetch(`${product.urls.cases}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ _service { sdl } }' }),
    });
    expect(response.status).toBe(401);
  });
});

describe('an error', () => {
  it('of a public code passes with message and details', async () => {
    const { status, body } = await ask('{ case(id: "nope") { id } }');
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { case: null },
      errors: [
        {
          message: 'No such case.',
          path: ['case'],
          extensions: { code: 'NOT_FOUND', type: 'case', id: 'nope', traceId },
        },
      ],
    });
  });

  it('of any other kind is masked', async () => {
    const { body } = await ask('{ broken cases { id } }');
    expect(body).toEqual({
      data: { broken: null, cases: [{ id: 'case-1' }, { id: 'case-2' }] },
      errors: [
        {
          message: 'Internal error.',
          path: ['broken'],
          extensions: { code: 'INTERNAL_SERVER_ERROR', traceId },
        },
      ],
    });
  });

  it('of a subgraph that is down nulls its own fields only', async () => {
    await product.stopTenancy();
    const { status, body } = await ask(
      '{ cases { title customer { id name } } customers { name } }',
    );
    expect(status).toBe(200);
    expect(body.data).toEqual({
      cases: [
        { title: 'Credentials dumped', customer: { id: alpineBank, name: null } },
        { title: 'Beacon to a new domain', customer: { id: birchFoods, name: null } },
      ],
      customers: null,
    });
    expect(new Set(body.errors?.map(({ extensions }) => extensions['code']))).toEqual(
      new Set(['UNAVAILABLE']),
    );
    expect(JSON.stringify(body)).not.toMatch(/127\.0\.0\.1|ECONN|serviceName|stack/);
  });

  it("of a subgraph that refuses our identity is ours and not the viewer's", async () => {
    await gateway.stop();
    const other = await createSigningKey();
    await startGateway({ identityKey: other.privateJwk as GatewayConfig['identityKey'] });
    const { body } = await ask('{ cases { id } }');
    expect(body).toEqual({
      data: { cases: null },
      errors: [
        { message: 'Internal error.', extensions: { code: 'INTERNAL_SERVER_ERROR', traceId } },
      ],
    });
  });
});

describe('a request that cannot be run', () => {
  const code = ({ body }: { body: GraphqlAnswer }): unknown => body.errors?.[0]?.extensions['code'];

  it('is answered 400 for a syntax error', async () => {
    const answer = await ask('{ cases ');
    expect([answer.status, code(answer)]).toEqual([400, 'GRAPHQL_PARSE_FAILED']);
    expect(answer.body.errors?.[0]?.extensions['traceId']).toEqual(traceId);
  });

  it('is answered without a hint at the schema for an unknown field', async () => {
    const answer = await ask('{ cases { titel } }');
    expect([answer.status, code(answer)]).toEqual([400, 'GRAPHQL_VALIDATION_FAILED']);
    expect(JSON.stringify(answer.body)).not.toContain('title');
  });

  it('is answered with a few validation errors and not all', async () => {
    const answer = await ask(`{ ${Array.from({ length: 50 }, (_, i) => `f${i}`).join(' ')} }`);
    expect(answer.body.errors?.length).toBeLessThanOrEqual(4);
  });

  it('is answered 400 for more tokens than a thousand', async () => {
    const answer = await ask(`{ ${'cases { id } '.repeat(300)} }`);
    expect([answer.status, code(answer)]).toEqual([400, 'GRAPHQL_PARSE_FAILED']);
  });

  it('is answered 400 for a variable of the wrong type', async () => {
    const answer = await ask('query($n: Int) { customers(first: $n) { id } }', {
      variables: { n: 'x' },
    });
    expect([answer.status, code(answer)]).toEqual([400, 'BAD_USER_INPUT']);
  });

  it.each([
    ['no JSON', '{ nope', {}, 400],
    ['a list of operations', [{ query: '{ cases { id } }' }], {}, 400],
    ['no query', {}, {}, 400],
    ['an empty body', '', {}, 400],
    [
      'two operations and no name',
      { query: 'query A { cases { id } } query B { cases { id } }' },
      {},
      400,
    ],
    ['an operation that is not there', { query: '{ cases { id } }', operationName: 'X' }, {}, 400],
    ['a subscription', { query: 'subscription { x }' }, {}, 400],
    [
      'more depth than ten',
      { query: `{ ${'cases { customer { '.repeat(8)} id ${' } }'.repeat(8)} }` },
      {},
      400,
    ],
    ['a coding that is not taken', 'x', { 'content-encoding': 'gzip' }, 400],
    ['a body over the limit', { query: `{ cases { id } } #${'x'.repeat(210_000)}` }, {}, 413],
    ['a form', 'query=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [
      'a simple request of a web page',
      '{"query":"{cases{id}}"}',
      { 'content-type': 'text/plain' },
      400,
    ],
  ])('is refused for %s', async (_, body, headers, status) => {
    const authorization = `Bearer ${await accessToken({ key: accessKey })}`;
    const answer = await post(body, { authorization, ...headers });
    expect(answer.status).toBe(status);
    expect(answer.body.errors?.[0]?.extensions['traceId']).toEqual(traceId);
    expect(code(answer)).not.toBe('INTERNAL_SERVER_ERROR');
  });

  it('is told that persisted queries are not supported, so that a client sends the whole query', async () => {
    const authorization = `Bearer ${await accessToken({ key: accessKey })}`;
    const persistedQuery = { version: 1, sha256Hash: 'a'.repeat(64) };
    const answer = await post({ extensions: { persistedQuery } }, { authorization });
    expect(code(answer)).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
  });

  it('is refused as a GET', async () => {
    const response = await fetch(`${url}/graphql?query={cases{id}}`);
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
    expect(await response.json()).toEqual({
      errors: [{ message: 'Use POST.', extensions: { code: 'BAD_REQUEST', traceId } }],
    });
  });

  it('is not told the schema unless introspection is on', async () => {
    expect((await ask('{ __schema { types { name } } }')).status).toBe(400);
    await gateway.stop();
    await startGateway({ GRAPHQL_INTROSPECTION: true });
    const { body } = await ask('{ __schema { types { name } } }');
    expect(JSON.stringify(body.data)).toContain('Case');
    expect(JSON.stringify(body.data)).not.toContain('join__');
  });

  it('never gets a query plan', async () => {
    const { body } = await post(
      { query: '{ cases { id } }' },
      {
        authorization: `Bearer ${await accessToken({ key: accessKey })}`,
        'apollo-query-plan-experimental': '1',
      },
    );
    expect(Object.keys(body)).toEqual(['data']);
  });
});

describe('a request that takes too long', () => {
  it('is answered with what there is when its time is over', async () => {
    await gateway.stop();
    await startGateway({ REQUEST_TIMEOUT_MS: 300 });
    const { status, body } = await ask('{ customers { name } slow }');
    expect(status).toBe(200);
    expect(body).toEqual({
      data: { customers: [{ name: 'Alpine Bank' }, { name: 'Birch Foods' }], slow: null },
      errors: [
        {
          message: "'cases' does not answer at the moment.",
          extensions: { code: 'UNAVAILABLE', dependency: 'cases', retryAfterSeconds: 5, traceId },
        },
      ],
    });
  });

  it('is given up everywhere when its client goes away', async () => {
    const client = new AbortController();
    const request = fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await accessToken({ key: accessKey })}`,
      },
      body: JSON.stringify({ query: '{ slow }' }),
      signal: client.signal,
    });
    await until(() => product.seenByCases.length === 1);
    client.abort();
    await expect(request).rejects.toThrow('aborted');
    await until(() => product.abandonedByGateway() === 1);
  });
});

describe('the gateway', () => {
  it('finishes what runs before it stops', async () => {
    const running = ask('{ slow }');
    await until(() => product.seenByCases.length === 1);
    await gateway.stop();
    expect((await running).body).toEqual({ data: { slow: expect.any(String) } });
    await expect(ask('{ cases { id } }')).rejects.toThrow('fetch failed');
  });

  it('is not ready until each subgraph has been, and stays ready when one goes', async () => {
    await gateway.stop();
    await product.stopTenancy();
    await startGateway();
    expect(await health.readiness()).toEqual({
      ready: false,
      failing: { 'subgraph tenancy': expect.any(String) },
    });
    await gateway.stop();
    await product.stop();
    product = await startProduct();
    await startGateway();
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    await product.stopTenancy();
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('names every subgraph that has no address', async () => {
    await gateway.stop();
    await expect(startGateway({ SUBGRAPH_URLS: {} })).rejects.toThrow(
      /'tenancy'[\s\S]*'cases'|'cases'[\s\S]*'tenancy'/,
    );
  });
});
