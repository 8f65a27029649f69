import { createServer as createHttp } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createTcp } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { identityHeader } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { createSubgraphClient } from './subgraph-client.ts';
import type { SubgraphClient, SubgraphClientOptions } from './subgraph-client.ts';
import { freePort } from './testing/product.ts';

const viewer: Viewer = { principalId: 'olga', role: 'OPERATOR_LEAD', customerIds: 'ALL' };
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function listen(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => void sockets.add(socket));
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function clientOf(
  url: string,
  options: Partial<SubgraphClientOptions> = {},
): Promise<SubgraphClient> {
  const client = createSubgraphClient({
    name: 'cases',
    url,
    identityTokens: async (who, subgraph) => `${who.principalId} for ${subgraph}`,
    timeoutMs: 5_000,
    maxSockets: 4,
    maxResponseBytes: 1_000,
    ...options,
  });
  closers.push(client.close);
  return client;
}

const clientOfHttp = async (handler: Handler, options?: Partial<SubgraphClientOptions>) =>
  clientOf(await listen(createHttp(handler)), options);

const clientOfTcp = async (onSocket: (socket: Socket) => void) =>
  clientOf(await listen(createTcp(onSocket)));

const ask = (client: SubgraphClient, signal?: AbortSignal) =>
  client.post('/graphql', viewer, { query: '{ cases { id } }' }, signal);

const unavailable = {
  code: 'UNAVAILABLE',
  message: "'cases' does not answer at the moment.",
  details: { dependency: 'cases' },
};

describe('a call to a subgraph', () => {
  it('sends JSON with an identity token and gives the JSON that comes back', async () => {
    const client = await clientOfHttp((request, response) => {
      request.toArray().then(
        (chunks) =>
          response.end(
            JSON.stringify({
              method: request.method,
              path: request.url,
              identity: request.headers[identityHeader],
              body: JSON.parse(Buffer.concat(chunks).toString()) as unknown,
            }),
          ),
        () => response.destroy(),
      );
    });
    expect(await client.post('/graphql', viewer, { query: '{ größe }' })).toEqual({
      method: 'POST',
      path: '/graphql',
      identity: 'olga for cases',
      body: { query: '{ größe }' },
    });
  });

  it('reuses its connections and never opens more than it may', async () => {
    let open = 0;
    let mostOpen = 0;
    let connections = 0;
    const server = createHttp((_, response) => void setTimeout(() => response.end('{}'), 5));
    server.on('connection', (socket) => {
      connections += 1;
      mostOpen = Math.max(mostOpen, ++open);
      socket.on('close', () => (open -= 1));
    });
    const client = await clientOf(await listen(server), { timeoutMs: 10_000 });
    await Promise.all(Array.from({ length: 200 }, () => ask(client)));
    expect({ mostOpen, connections }).toEqual({ mostOpen: 4, connections: 4 });
  });
});

describe('a subgraph that is away', () => {
  it('is unavailable when nobody listens', async () => {
    const client = await clientOf(`http://127.0.0.1:${await freePort()}`);
    await expect(ask(client)).rejects.toMatchObject(unavailable);
  });

  it('is unavailable when it resets the connection', async () => {
    const client = await clientOfTcp((socket) =>
      socket.once('data', () => socket.resetAndDestroy()),
    );
    await expect(ask(client)).rejects.toMatchObject(unavailable);
  });

  it('is unavailable when it hangs up in the middle of an answer', async () => {
    const client = await clientOfTcp((socket) =>
      socket.once('data', () =>
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"data"'),
      ),
    );
    await expect(ask(client)).rejects.toMatchObject(unavailable);
  });

  it('is unavailable when it speaks another protocol', async () => {
    const client = await clientOfTcp((socket) =>
      socket.once('data', () => socket.end('SSH-2.0\r\n')),
    );
    await expect(ask(client)).rejects.toMatchObject(unavailable);
  });

  it('is unavailable while it stops', async () => {
    const client = await clientOfHttp((_, response) => response.writeHead(503).end('{}'));
    await expect(ask(client)).rejects.toMatchObject(unavailable);
  });

  it('answers again when it is back, without a restart of ours', async () => {
    let isUp = false;
    const client = await clientOfHttp((request, response) => {
      if (isUp) response.end('{"data":{}}');
      else request.socket.destroy();
    });
    await expect(ask(client)).rejects.toMatchObject(unavailable);
    isUp = true;
    expect(await ask(client)).toEqual({ data: {} });
  });
});

describe('a subgraph that is slow', () => {
  it('is unavailable after the time-out when it never answers', async () => {
    const client = await clientOfHttp(() => undefined, { timeoutMs: 300 });
    const start = performance.now();
    await expect(ask(client)).rejects.toMatchObject(unavailable);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('is unavailable after the time-out when it drips its answer', async () => {
    const client = await clientOfHttp(
      (_, response) => {
        const drip = setInterval(() => response.write(' '), 20);
        response.on('close', () => clearInterval(drip));
      },
      { timeoutMs: 300 },
    );
    await expect(ask(client)).rejects.toMatchObject(unavailable);
  });

  it('does not make calls wait longer that wait for a connection', async () => {
    const client = await clientOfHttp(() => undefined, { maxSockets: 1, timeoutMs: 300 });
    const start = performance.now();
    const results = await Promise.allSettled([ask(client), ask(client), ask(client)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('is let go when the one who asked has gone', async () => {
    const closed = Promise.withResolvers<void>();
    const client = await clientOfHttp(
      (_, response) => response.on('close', () => closed.resolve()),
      {
        timeoutMs: 60_000,
      },
    );
    const caller = new AbortController();
    const call = ask(client, caller.signal);
    await sleep(50);
    caller.abort();
    await expect(call).rejects.toMatchObject(unavailable);
    await closed.promise;
  });
});

describe('an answer that is of no use', () => {
  it.each<[string, Handler]>([
    ['is an error of HTTP', (_, response) => response.writeHead(500).end('at 10.0.0.5:5432')],
    ['refuses our identity', (_, response) => response.writeHead(401).end('{"errors":[]}')],
    ['redirects', (_, response) => response.writeHead(302, { location: 'http://10.0.0.5' }).end()],
    ['is not JSON', (_, response) => response.end('<html>')],
    ['is empty', (_, response) => response.end()],
    ['is larger than allowed', (_, response) => response.end(`"${'x'.repeat(5_000)}"`)],
  ])('is a fault of ours when it %s', async (_, handler) => {
    const client = await clientOfHttp(handler);
    await expect(ask(client)).rejects.not.toHaveProperty('code');
  });

  it('is not read to its end when it is too large', async () => {
    const closed = Promise.withResolvers<void>();
    const client = await clientOfHttp((_, response) => {
      const flood = setInterval(() => response.write('x'.repeat(500)), 1);
      response.on('close', () => {
        clearInterval(flood);
        closed.resolve();
      });
    });
    await expect(ask(client)).rejects.toThrow('more than 1000 bytes');
    await closed.promise;
  });
});

describe('readiness of a subgraph', () => {
  it('is what it says of itself', async () => {
    let status = 503;
    const client = await clientOfHttp((request, response) =>
      response.writeHead(request.url === '/health/ready' ? status : 404).end('{}'),
    );
    expect(await client.isReady()).toBe(false);
    status = 200;
    expect(await client.isReady()).toBe(true);
  });
});
