import { afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { exportJWK, generateKeyPair } from 'jose';
import { waitFor } from '@vedette/testkit';
import { NotFoundError } from './errors.ts';
import { createHealth } from './health.ts';
import { createHttpServer } from './http-server.ts';
import type { HttpServer } from './http-server.ts';
import { createIdentitySigner, identityHeader } from './identity.ts';
import type { IdentityKeys } from './identity.ts';
import { addSubgraph } from './subgraph-server.ts';
import { startTelemetry } from './telemetry.ts';
import { captureLog } from './testing/captured-log.ts';
import type { CapturedLog } from './testing/captured-log.ts';
import type { Viewer } from './viewer.ts';

const typeDefs = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Query { whoAmI: String! missing: Note broken: Note }
  type Note @key(fields: "id") { id: ID! }
`;
const viewer: Viewer = {
  principalId: 'u1',
  role: 'PROVIDER_TECHNICIAN',
  customerIds: ['0197bbbb-0000-7000-8000-000000000001'],
};

let keys: IdentityKeys;
let signFor: (viewer: Viewer, audience: string) => Promise<string>;
let server: HttpServer;
let log: CapturedLog;
let port: number;

beforeAll(async () => {
  await startTelemetry({ service: 'probe' });
  const pair = await generateKeyPair('EdDSA', { extractable: true });
  keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: 'k1' }] };
  signFor = await createIdentitySigner({ ...(await exportJWK(pair.privateKey)), kid: 'k1' });
});

beforeEach(async () => {
  log = captureLog();
  server = createHttpServer({ health: createHealth() });
  await addSubgraph<{ viewer: Viewer }>(server, {
    name: 'notes',
    typeDefs,
    resolvers: {
      Query: {
        whoAmI: (_: unknown, __: unknown, context: { viewer: Viewer }) =>
          context.viewer.principalId,
        missing: () => {
          throw new NotFoundError('Note', 'n1');
        },
        broken: () => {
          throw new Error('select * from notes');
        },
      },
      Note: { __resolveReference: (note: unknown) => note },
    },
    identityKeys: keys,
    logger: log.logger,
    createContext: (who) => ({ viewer: who }),
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  port = (server.server.address() as AddressInfo).port;
});
afterEach(() => server.close());

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { message: string; extensions: Record<string, unknown> }[];
}

async function ask(
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly [number, Answer]> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return [response.status, (await response.json()) as Answer];
}

async function askAs(audience: string, body: object): Promise<readonly [number, Answer]> {
  return ask(JSON.stringify(body), { [identityHeader]: await signFor(viewer, audience) });
}

/** Writes to the socket itself, for what no client would send; answers what came back until then. */
async function sendRaw(
  head: string,
): Promise<{ readonly socket: Socket; readonly text: () => string }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString()));
  // The server may close it while we still write.
  socket.on('error', () => undefined);
  socket.write(head.replaceAll('\n', '\r\n'));
  return { socket, text: () => text };
}

describe('a request with an identity', () => {
  it('is answered in the name of its viewer', async () => {
    expect(await askAs('notes', { query: '{ whoAmI }' })).toEqual([
      200,
      { data: { whoAmI: 'u1' } },
    ]);
  });

  it('is answered though its variables are megabytes, as those of an import are', async () => {
    const variables = { csv: 'x'.repeat(2_500_000) };
    const [status] = await askAs('notes', { query: '{ whoAmI }', variables });
    expect(status).toBe(200);
  });

  it('continues the trace of the gateway', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const [, answer] = await ask('{"query":"{ missing { id } }"}', {
      [identityHeader]: await signFor(viewer, 'notes'),
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
    });
    expect(answer.errors).toMatchObject([
      { message: 'No such Note.', extensions: { code: 'NOT_FOUND', traceId } },
    ]);
  });

  it('learns nothing about what went wrong inside', async () => {
    const [, answer] = await askAs('notes', { query: '{ broken { id } }' });
    expect(answer.errors).toMatchObject([
      {
        message: 'Internal error.',
        extensions: { code: 'INTERNAL_SERVER_ERROR', traceId: expect.stringMatching(/^\w{32}$/) },
      },
    ]);
    expect(JSON.stringify(answer)).not.toMatch(/select|stack|\.ts/);
    expect(log.lines.join('')).toContain('select * from notes');
  });

  it('learns nothing about the schema', async () => {
    const [, introspected] = await askAs('notes', { query: '{ __schema { types { name } } }' });
    expect(introspected.data).toBeUndefined();
    const [, guessed] = await askAs('notes', { query: '{ whoAmi }' });
    expect(JSON.stringify(guessed)).not.toContain('whoAmI');
  });
});

describe('a request without an identity', () => {
  const refusal = {
    errors: [
      {
        message: 'This service answers only to the gateway.',
        extensions: { code: 'UNAUTHENTICATED', traceId: '' },
      },
    ],
  };

  it.each([
    ['a query', '{"query":"{ whoAmI }"}'],
    ['the schema for composition', '{"query":"{ _service { sdl } }"}'],
    ['introspection', '{"query":"{ __schema { types { name } } }"}'],
    ['entities', '{"query":"{ _entities(representations: []) { __typename } }"}'],
    ['nothing', ''],
    ['no JSON', '{"query":'],
    ['no text', '\u0000\u0001'],
    ['more than any body may be', JSON.stringify({ query: 'x'.repeat(1_000_000) })],
  ])('is refused though it asks for %s', async (_what, body) => {
    expect(await ask(body)).toEqual([401, refusal]);
  });

  it('is refused whatever type its body has', async () => {
    for (const type of ['text/plain', 'application/xml', 'nonsense']) {
      expect(await ask('<a/>', { 'content-type': type })).toEqual([401, refusal]);
    }
  });

  it('is refused with a token for another subgraph', async () => {
    const [status, { errors }] = await askAs('cases', { query: '{ whoAmI }' });
    expect([status, errors?.[0]?.message]).toEqual([401, 'The identity token is not valid.']);
  });

  it('is refused before its body has come', async () => {
    const bodies = ['Content-Length: 10000000000', 'Transfer-Encoding: chunked'];
    for (const body of bodies) {
      const { socket, text } = await sendRaw(
        `POST /graphql HTTP/1.1\nHost: x\nContent-Type: application/json\n${body}\n\n`,
      );
      await waitFor(() => text().includes('UNAUTHENTICATED'));
      expect(text()).toMatch(/^HTTP\/1\.1 401 /);
      socket.destroy();
    }
  });
});

describe('a request for entities', () => {
  const query =
    'query ($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }';
  const representations = (count: number): object[] =>
    Array.from({ length: count }, (_, id) => ({ __typename: 'Note', id }));

  it('may name a thousand of them', async () => {
    const variables = { representations: representations(1_000) };
    const [status, { data }] = await askAs('notes', { query, variables });
    expect([status, (data as { _entities: unknown[] })._entities]).toEqual([
      200,
      expect.any(Array),
    ]);
  });

  it('is refused when it names more', async () => {
    const variables = { representations: representations(1_001) };
    const [status, { errors }] = await askAs('notes', { query, variables });
    expect(status).toBe(400);
    expect(errors).toMatchObject([
      { message: 'Too many entities.', extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });
});

describe('a body that is no request', () => {
  it.each(['null', '[]', '7', '{}', '{"query":', '{"query":7}', '{"query":"{","variables":[]}'])(
    'such as %s is the error of who sent it',
    async (body) => {
      const [status] = await ask(body, { [identityHeader]: await signFor(viewer, 'notes') });
      expect(status).toBe(400);
    },
  );
});

describe('a server that ends', () => {
  const secondsToClose = async (): Promise<number> => {
    const began = Date.now();
    await server.close();
    return (Date.now() - began) / 1_000;
  };

  it('does not wait for a connection that was refused and is kept open', async () => {
    const body = 'x'.repeat(5_000);
    const { socket, text } = await sendRaw(
      `POST /graphql HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: ${body.length}\n\n`,
    );
    await waitFor(() => text().includes('UNAUTHENTICATED'));
    const closing = secondsToClose();
    socket.write(body);
    expect(await closing).toBeLessThan(2);
  });

  it('does not wait for a connection that is idle', async () => {
    const { text } = await sendRaw('GET /health/live HTTP/1.1\nHost: x\n\n');
    await waitFor(() => text().includes('200 OK'));
    expect(await secondsToClose()).toBeLessThan(2);
  });

  it('does not wait for a body that never comes after its refusal', async () => {
    const { text } = await sendRaw(
      'POST /graphql HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 5000\n\n',
    );
    await waitFor(() => text().includes('UNAUTHENTICATED'));
    expect(await secondsToClose()).toBeLessThan(2);
  });
});
