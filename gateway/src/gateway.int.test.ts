import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startTelemetry } from '@vedette/service-kit';
import { startTestNats } from '@vedette/testkit';
import type { TestNats } from '@vedette/testkit';
import type { GatewayConfig } from './config.ts';
import { accessToken, createSigningKey } from './testing/keys.ts';
import { alpineBank, birchFoods, startProduct } from './testing/product.ts';
import type { Product } from './testing/product.ts';
import { startTestGateway } from './testing/test-gateway.ts';
import type { GraphqlAnswer, TestGateway } from './testing/test-gateway.ts';

const traceId = expect.stringMatching(/^[0-9a-f]{32}$/);

let nats: TestNats;
let product: Product;
let gateway: TestGateway;

const ask: TestGateway['ask'] = (query, options) => gateway.ask(query, options);
const post: TestGateway['post'] = (body, headers) => gateway.post(body, headers);
const operatorToken = () => accessToken({ key: product.accessKey });

async function startGateway(settings: Partial<GatewayConfig> = {}): Promise<void> {
  gateway = await startTestGateway(product, nats.url, settings);
}

async function until(check: () => boolean): Promise<void> {
  for (let waitedMs = 0; !check(); waitedMs += 10) {
    if (waitedMs > 2_000) throw new Error('not within two seconds');
    await sleep(10);
  }
}

beforeAll(async () => {
  await startTelemetry({ service: 'gateway' });
  nats = await startTestNats();
});
beforeEach(async () => {
  product = await startProduct();
  await startGateway();
});
afterEach(async () => {
  await gateway.stop();
  await product.stop();
});
afterAll(() => nats.stop());

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
        authorization: `Bearer ${await operatorToken()}`,
        traceparent: `00-${foreign}-b7ad6b7169203331-01`,
      },
    );
    expect(body.errors?.[0]?.extensions['traceId']).toEqual(traceId);
    expect(body.errors?.[0]?.extensions['traceId']).not.toBe(foreign);
  });

  it('is never stored by a cache, whatever the answer', async () => {
    const get = async (path: string) => (await fetch(`${gateway.url}${path}`)).headers;
    for (const headers of [
      (await ask('{ cases { id } }')).headers,
      (await ask('{ nope')).headers,
      (await post('')).headers,
      await get('/graphql'),
      await get('/health/ready'),
      await get('/nothing/here'),
    ]) {
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-powered-by')).toBeNull();
    }
  });

  it('is never allowed to a page of another origin', async () => {
    const preflight = await fetch(`${gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example.test',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    const authorization = `Bearer ${await operatorToken()}`;
    const request = await post(
      { query: '{ cases { id } }' },
      { authorization, origin: 'https://evil.example.test' },
    );
    for (const { headers } of [preflight, request]) {
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
    expect(preflight.status).toBe(405);
  });
});

describe('a request without a valid access token', () => {
  it('is refused when there is no token', async () => {
    const { status, headers, body } = await post({ query: '{ __typename }' });
    expect([status, body]).toEqual([
      401,
      {
        errors: [
          {
            message: 'A valid access token is needed.',
            extensions: { code: 'UNAUTHENTICATED', traceId },
          },
        ],
      },
    ]);
    expect(headers.get('www-authenticate')).toBe('Bearer');
  });

  it('is refused before its body is looked at', async () => {
    expect((await post('{ not json')).status).toBe(401);
    expect((await post('x'.repeat(3_000_000))).status).toBe(401);
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
    await ask('{ cases { id } }');
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
    await product.stop();
    product = await startProduct(await createSigningKey());
    await startGateway();
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
    expect(answer.body.errors).toHaveLength(3);
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
    ['a body that is packed', 'x', { 'content-encoding': 'gzip' }, 415],
    [
      'more aliases than thirty',
      { query: `{ ${Array.from({ length: 31 }, (_, n) => `a${n}: __typename`).join(' ')} }` },
      {},
      400,
    ],
    ['a body over the limit', { query: `{ cases { id } } #${'x'.repeat(2_100_000)}` }, {}, 413],
    ['a form', 'query=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [
      'a simple request of a web page',
      '{"query":"{cases{id}}"}',
      { 'content-type': 'text/plain' },
      400,
    ],
  ])('is refused for %s', async (_, body, headers, status) => {
    const authorization = `Bearer ${await operatorToken()}`;
    const answer = await post(body, { authorization, ...headers });
    expect(answer.status).toBe(status);
    expect(answer.body.errors?.[0]?.extensions['traceId']).toEqual(traceId);
    expect(code(answer)).not.toBe('INTERNAL_SERVER_ERROR');
  });

  it('is told how long its body may be', async () => {
    const variables = { csv: 'x'.repeat(2_000_000) };
    expect((await ask('{ cases { id } }', { variables })).status).toBe(200);
    const { status, body } = await ask('{ cases { id } }', {
      variables: { csv: 'x'.repeat(2_097_152) },
    });
    expect([status, body]).toEqual([
      413,
      {
        errors: [
          {
            message: 'The body may hold 2097152 bytes at most; send it in parts.',
            extensions: { code: 'BAD_REQUEST', maxBodyBytes: 2_097_152, traceId },
          },
        ],
      },
    ]);
  });

  it('is told that persisted queries are not supported, so that a client sends the whole query', async () => {
    const authorization = `Bearer ${await operatorToken()}`;
    const persistedQuery = { version: 1, sha256Hash: 'a'.repeat(64) };
    const answer = await post({ extensions: { persistedQuery } }, { authorization });
    expect(code(answer)).toBe('PERSISTED_QUERY_NOT_SUPPORTED');
  });

  it('is refused as a GET', async () => {
    const response = await fetch(`${gateway.url}/graphql?query={cases{id}}`);
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
        authorization: `Bearer ${await operatorToken()}`,
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
    const request = fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${await operatorToken()}`,
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
    expect(await gateway.health.readiness()).toEqual({
      ready: false,
      failing: { 'subgraph tenancy': expect.any(String), issuers: expect.any(String) },
    });
    await gateway.stop();
    await product.stop();
    product = await startProduct();
    await startGateway();
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
    await product.stopTenancy();
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
  });

  it('names every subgraph that has no address', async () => {
    await gateway.stop();
    await expect(startGateway({ SUBGRAPH_URLS: {} })).rejects.toThrow(
      /'tenancy'[\s\S]*'cases'|'cases'[\s\S]*'tenancy'/,
    );
  });
});

describe('a principal that asks too often', () => {
  it('is told when to come back, and nobody else is held up', async () => {
    await gateway.stop();
    await startGateway({ GATEWAY_RATE_PER_SECOND: 2, GATEWAY_RATE_BURST: 1 });
    const other = await accessToken({ key: product.accessKey, claims: { sub: 'anna' } });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask('{ cases { id } }')));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 429, 429, 429]);
    const late = answers.find(({ status }) => status === 429);
    expect(late?.headers.get('retry-after')).toBe('1');
    expect(late?.body).toEqual({
      errors: [
        {
          message: 'Too many requests.',
          extensions: { code: 'RATE_LIMITED', retryAfterSeconds: 1, traceId },
        },
      ],
    });
    expect((await ask('{ cases { id } }', { token: other })).status).toBe(200);
  });

  it('may have so many requests running, also when it gives them up', async () => {
    await gateway.stop();
    await startGateway({ GATEWAY_MAX_CONCURRENT_PER_PRINCIPAL: 2 });
    const authorization = `Bearer ${await operatorToken()}`;
    const clients = [new AbortController(), new AbortController()];
    const running = clients.map(({ signal }) =>
      fetch(`${gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query: '{ slow }' }),
        signal,
      }),
    );
    await until(() => product.seenByCases.length === 2);
    expect((await ask('{ cases { id } }')).status).toBe(429);
    for (const client of clients) client.abort();
    await Promise.allSettled(running);
    await until(() => product.abandonedByGateway() === 2);
    expect((await ask('{ cases { id } }')).status).toBe(200);
  });
});

describe('an address from which only strangers come', () => {
  const sendBad = (count: number, from?: string) =>
    Promise.all(
      Array.from(
        { length: count },
        async () =>
          (
            await post('', {
              authorization: 'Bearer x',
              ...(from ? { 'x-forwarded-for': from } : {}),
            })
          ).status,
      ),
    );

  it('is held back, and who has a valid token is not, though it is new', async () => {
    expect(new Set(await sendBad(150))).toEqual(new Set([401, 429]));
    expect((await ask('{ cases { id } }', { token: await operatorToken() })).status).toBe(200);
  });

  it('is that of the client where a trusted proxy names it, and of nobody else', async () => {
    expect(new Set(await sendBad(150, '192.0.2.1'))).toContain(429);
    // Whoever connects could name any address, so that of the connection counts.
    expect(new Set(await sendBad(1, '192.0.2.2'))).toEqual(new Set([429]));
    await gateway.stop();
    await startGateway({ TRUSTED_PROXIES: ['127.0.0.1'] });
    expect(new Set(await sendBad(150, '192.0.2.1'))).toContain(429);
    expect(new Set(await sendBad(1, '192.0.2.2'))).toEqual(new Set([401]));
  });

  it('is held back, and who was accepted before is not', async () => {
    const token = await operatorToken();
    await ask('{ cases { id } }', { token });
    const statuses = await Promise.all(
      Array.from(
        { length: 150 },
        async () => (await post('', { authorization: 'Bearer x' })).status,
      ),
    );
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    expect((await ask('{ cases { id } }', { token })).status).toBe(200);
  });
});
