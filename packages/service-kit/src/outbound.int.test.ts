import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server, Socket } from 'node:net';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { waitFor } from '@vedette/testkit';
import { InvalidInputError, UnavailableError } from './errors.ts';
import { createOutbound } from './outbound.ts';
import type { Outbound, OutboundOptions } from './outbound.ts';
import { certificate, certificateKey } from './testing/certificate.ts';

interface Listener {
  readonly port: number;
  /** `method host path body` of what came. */
  readonly requests: string[];
  connections: number;
  answer: RequestListener;
}

const servers: { readonly server: Server; readonly sockets: Set<Socket> }[] = [];
let plain: Listener;
let secured: Listener;

async function listen(
  start: (listener: RequestListener) => Server,
  host = '127.0.0.1',
): Promise<Listener> {
  const listener = {
    requests: [] as string[],
    connections: 0,
    answer: ((_request, response) => response.end('hello')) as RequestListener,
  };
  const server = start((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      listener.requests.push(
        [method, headers.host, url, Buffer.concat(chunks).toString('utf8')].join(' ').trim(),
      );
      listener.answer(request, response);
    });
  });
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    listener.connections += 1;
    sockets.add(socket);
  });
  servers.push({ server, sockets });
  server.listen(0, host);
  await once(server, 'listening');
  return Object.assign(listener, { port: (server.address() as AddressInfo).port });
}

/** A client that may call our listeners, and finds them under any name. */
function aLocalClient(options: Partial<OutboundOptions> = {}): Outbound {
  return createOutbound({
    allowedPorts: [plain.port, secured.port],
    allowHttp: true,
    allowLoopback: true,
    connectTimeoutMs: 2_000,
    timeoutMs: 5_000,
    maxResponseBytes: 64,
    resolve: async () => ['127.0.0.1'],
    ...options,
  });
}

const trusted = getCACertificates();

beforeAll(async () => {
  setDefaultCACertificates([...trusted, certificate]);
  plain = await listen((listener) => createServer(listener));
  secured = await listen((listener) =>
    createTlsServer({ cert: certificate, key: certificateKey }, listener),
  );
});

afterEach(() => {
  for (const listener of [plain, secured]) {
    listener.requests.length = 0;
    listener.connections = 0;
    listener.answer = (_request, response) => response.end('hello');
  }
});

afterAll(async () => {
  setDefaultCACertificates(trusted);
  for (const { server, sockets } of servers) {
    for (const socket of sockets) socket.destroy();
    server.close();
  }
});

describe('a call to the outside', () => {
  it('sends method, path, headers and body, and gives back the answer', async () => {
    plain.answer = (request, response) => {
      response.writeHead(201, { 'x-echo': request.headers['x-given'] ?? '' }).end('made');
    };
    const answer = await aLocalClient().request(`http://hooks.example.test:${plain.port}/a?b=c`, {
      method: 'POST',
      headers: { 'x-given': 'something', Host: 'other.example.test' },
      body: '{}',
    });
    expect(plain.requests).toEqual([`POST hooks.example.test:${plain.port} /a?b=c {}`]);
    expect(answer).toMatchObject({ status: 201, isTruncated: false });
    expect(answer.headers['x-echo']).toBe('something');
    expect(answer.body.toString('utf8')).toBe('made');
  });

  it('checks the certificate against the name, not against the address', async () => {
    const url = `https://hooks.example.test:${secured.port}/`;
    const answer = await aLocalClient({ allowHttp: false }).request(url);
    expect(answer.status).toBe(200);
    expect(secured.requests).toEqual([`GET hooks.example.test:${secured.port} /`]);

    for (const host of ['elsewhere.example.test', '127.0.0.1']) {
      const call = aLocalClient().request(`https://${host}:${secured.port}/`);
      await expect(call).rejects.toThrow(UnavailableError);
    }
    expect(secured.requests).toHaveLength(1);
  });

  it('follows no redirect', async () => {
    const target = `http://hooks.example.test:${plain.port}/stolen`;
    for (const status of [301, 302, 303, 307, 308]) {
      plain.answer = (_request, response) => response.writeHead(status, { location: target }).end();
      const answer = await aLocalClient().request(`http://hooks.example.test:${plain.port}/start`);
      expect(answer.status).toBe(status);
    }
    expect(plain.requests.filter((request) => request.includes('stolen'))).toEqual([]);
    expect(plain.requests).toHaveLength(5);
  });

  it('uses a connection once, so that the next call is checked anew', async () => {
    const client = aLocalClient();
    await client.request(`http://hooks.example.test:${plain.port}/`);
    await client.request(`http://hooks.example.test:${plain.port}/`);
    expect(plain.connections).toBe(2);
  });
});

describe('a name that changes its address', () => {
  it('is asked for once a call, and the answer that was checked is the one called', async () => {
    const answers = [['127.0.0.1'], ['10.0.0.1'], ['127.0.0.1', '169.254.169.254']];
    let asked = 0;
    const client = aLocalClient({
      connectTimeoutMs: 500,
      resolve: async () => answers[asked++] ?? [],
    });
    const url = `http://rebound.example.test:${plain.port}/`;
    expect((await client.request(url)).status).toBe(200);
    expect(asked).toBe(1);

    await expect(client.request(url)).rejects.toThrow('does not lead to a public address');
    await expect(client.request(url)).rejects.toThrow('does not lead to a public address');
    expect(asked).toBe(3);
    expect(plain.connections).toBe(1);
  });
});

describe('a call to the inside', () => {
  const spellings = [
    ...['127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.1', '0177.0.0.1'],
    ...[
      '017700000001',
      '0',
      '0.0.0.0',
      '１２７.0.0.1',
      '127。0。0。1',
      '127.0.0.1.',
      '%31%32%37.0.0.1',
    ],
    ...['[::1]', '[0:0:0:0:0:0:0:1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]'],
    ...['[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::]', '[2001:0:7f00:1::]'],
    ...['localhost', 'LOCALHOST'],
  ];

  it.each(spellings)('sends no packet to the listener at %s', async (host) => {
    const { port } = plain;
    const client = createOutbound({
      allowedPorts: [port],
      allowHttp: true,
      connectTimeoutMs: 2_000,
      timeoutMs: 2_000,
      maxResponseBytes: 64,
    });
    for (const scheme of ['http', 'https']) {
      const call = client.request(`${scheme}://${host}:${port}/`);
      await expect(call).rejects.toThrow(InvalidInputError);
    }
    expect(plain.connections).toBe(0);
  });

  it('is refused if one address among public ones is internal', async () => {
    for (const inside of [
      '127.0.0.1',
      '10.1.2.3',
      '169.254.169.254',
      '::1',
      'fe80::1',
      'nonsense',
    ]) {
      const client = aLocalClient({
        allowLoopback: false,
        resolve: async () => ['93.184.215.14', inside],
      });
      const call = client.request(`http://mixed.example.test:${plain.port}/`);
      await expect(call).rejects.toThrow('The URL does not lead to a public address.');
    }
    expect(plain.connections).toBe(0);
  });

  it('answers like a name that does not exist, and names no address', async () => {
    const refusalOf = (addresses: readonly string[]): Promise<unknown> =>
      aLocalClient({ resolve: async () => addresses })
        .request(`http://postgres.internal:${plain.port}/`)
        .catch((error: unknown) => error);
    const [internal, missing] = [await refusalOf(['10.0.0.7']), await refusalOf([])];
    expect(internal).toEqual(missing);
    expect(JSON.stringify([internal, (internal as Error).message])).not.toContain('10.0.0.7');
  });

  it('is only that: with leave to call this machine, private addresses stay refused', async () => {
    const call = aLocalClient({ resolve: async () => ['192.168.0.1'] }).request(
      `http://lan.example.test:${plain.port}/`,
    );
    await expect(call).rejects.toThrow('does not lead to a public address');
  });
});

describe('a URL', () => {
  it.each([
    ['not a url', 'is not a URL'],
    ['//hooks.example.test/', 'is not a URL'],
    ['http://hooks.example.test/', 'does not begin with https'],
    ['ftp://hooks.example.test/', 'does not begin with https'],
    ['file:///etc/passwd', 'does not begin with https'],
    ['https://user@hooks.example.test/', 'holds credentials'],
    ['https://:secret@hooks.example.test/', 'holds credentials'],
    ['https://hooks.example.test:22/', 'names a port that may not be called'],
    ['https://hooks.example.test:8443/', 'names a port that may not be called'],
  ])('%s is refused: it %s', async (url, problem) => {
    const asked: string[] = [];
    const client = aLocalClient({
      allowedPorts: [443],
      allowHttp: false,
      resolve: async (host) => {
        asked.push(host);
        return ['127.0.0.1'];
      },
    });
    await expect(client.request(url)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: `The URL ${problem}.`,
    });
    expect(asked).toEqual([]);
  });

  it('may leave out the port that its scheme implies', async () => {
    const client = aLocalClient({ allowedPorts: [443], resolve: async () => [] });
    const refusalOf = (url: string): Promise<unknown> =>
      client.request(url).catch((error: unknown) => (error as Error).message);
    expect(await refusalOf('https://x.test/')).toContain('public address');
    expect(await refusalOf('http://x.test/')).toContain('port');
  });

  it('cannot be helped by a header that would begin another request', async () => {
    const call = aLocalClient().request(`http://hooks.example.test:${plain.port}/`, {
      headers: { 'x-given': 'a\r\n\r\nGET /second HTTP/1.1' },
    });
    await expect(call).rejects.toThrow(InvalidInputError);
    expect(plain.requests).toEqual([]);
  });
});

describe('an answer', () => {
  const call = (options: Partial<OutboundOptions>, signal?: AbortSignal) =>
    aLocalClient(options).request(
      `http://hooks.example.test:${plain.port}/`,
      signal ? { signal } : {},
    );

  it('that never ends is read up to the limit, and then left', async () => {
    let isGone = false;
    plain.answer = (request, response) => {
      const flood = setInterval(() => response.write('x'.repeat(100_000)), 1);
      request.socket.on('close', () => {
        isGone = true;
        clearInterval(flood);
      });
    };
    const answer = await call({ maxResponseBytes: 250_000 });
    expect(answer.isTruncated).toBe(true);
    expect(answer.body).toHaveLength(250_000);
    await waitFor(() => isGone);
  });

  it('of exactly the limit is whole', async () => {
    plain.answer = (_request, response) => response.end('x'.repeat(64));
    expect(await call({})).toMatchObject({ isTruncated: false });
  });

  it('that trickles is given up when the time is over', async () => {
    plain.answer = (request, response) => {
      const trickle = setInterval(() => response.write('x'), 20);
      request.socket.on('close', () => clearInterval(trickle));
    };
    const began = Date.now();
    await expect(call({ timeoutMs: 300, maxResponseBytes: 10_000 })).rejects.toThrow(
      "'hooks.example.test' does not answer at the moment.",
    );
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  it('that never begins, with headers without end, or that is no HTTP is unavailable', async () => {
    const answers: RequestListener[] = [
      () => undefined,
      (_request, response) => response.writeHead(200, { 'x-long': 'y'.repeat(100_000) }).end(),
      (request) => request.socket.end('what?\r\n\r\n'),
      (request) => request.socket.destroy(),
      (request, response) => {
        response.writeHead(200, { 'content-length': '60' }).write('half');
        setTimeout(() => request.socket.destroy(), 20);
      },
    ];
    for (const answer of answers) {
      plain.answer = answer;
      await expect(call({ timeoutMs: 500 })).rejects.toThrow(UnavailableError);
    }
  });

  it('is not waited for longer than a connection may take, nor is the resolver', async () => {
    const silent = await listen((_listener) => createServer());
    const ports = { allowedPorts: [silent.port], connectTimeoutMs: 200, timeoutMs: 60_000 };
    const began = Date.now();
    await expect(
      aLocalClient(ports).request(`https://hooks.example.test:${silent.port}/`),
    ).rejects.toThrow(UnavailableError);
    const { promise: never } = Promise.withResolvers<readonly string[]>();
    await expect(
      aLocalClient({ ...ports, resolve: () => never }).request(`https://x.test:${silent.port}/`),
    ).rejects.toThrow(UnavailableError);
    expect(Date.now() - began).toBeLessThan(3_000);
  });

  it('is not waited for once the caller has given up', async () => {
    plain.answer = () => undefined;
    const giveUp = new AbortController();
    const waiting = call({}, giveUp.signal);
    giveUp.abort(new Error('changed my mind'));
    await expect(waiting).rejects.toThrow('changed my mind');
    await expect(call({}, giveUp.signal)).rejects.toThrow('changed my mind');
  });

  it('of nobody says no more than the name that the caller gave', async () => {
    const gone = await listen((listener) => createServer(listener));
    const { server } = servers.at(-1) ?? {};
    server?.close();
    const error = await aLocalClient({ allowedPorts: [gone.port] })
      .request(`http://hooks.example.test:${gone.port}/`)
      .catch((thrown: unknown) => thrown as UnavailableError);
    expect(error).toBeInstanceOf(UnavailableError);
    const shown = JSON.stringify({ ...(error as UnavailableError).details });
    expect(`${(error as Error).message} ${shown}`).not.toMatch(/127\.0\.0\.1|ECONN/);
    expect(String((error as Error).cause)).toContain('ECONNREFUSED');
  });
});
