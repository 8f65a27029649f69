import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHealth } from './health.ts';
import type { Health } from './health.ts';
import { createHttpServer } from './http-server.ts';
import type { HttpServer } from './http-server.ts';

let health: Health;
let server: HttpServer;

beforeEach(() => {
  health = createHealth();
  server = createHttpServer({ health, bodyLimitBytes: 100 });
});
afterEach(() => server.close());

async function probe(name: string): Promise<unknown> {
  const answer = await server.inject(`/health/${name}`);
  return [answer.statusCode, answer.json()];
}

describe('the probes', () => {
  it('of a process that starts: alive, and nothing more', async () => {
    expect(await probe('live')).toEqual([200, { live: true }]);
    expect(await probe('startup')).toEqual([503, { started: false }]);
    expect(await probe('ready')).toEqual([503, { ready: false, failing: { process: 'starting' } }]);
  });

  it('of a process at work: all well', async () => {
    health.markStarted();
    expect(await probe('live')).toEqual([200, { live: true }]);
    expect(await probe('startup')).toEqual([200, { started: true }]);
    expect(await probe('ready')).toEqual([200, { ready: true, failing: {} }]);
  });

  it('of a process without its database: alive and started, but not ready', async () => {
    health.markStarted();
    health.addCheck('postgres', async () => {
      throw new Error('away');
    });
    expect(await probe('live')).toEqual([200, { live: true }]);
    expect(await probe('startup')).toEqual([200, { started: true }]);
    expect(await probe('ready')).toEqual([503, { ready: false, failing: { postgres: 'away' } }]);
  });

  it('of a process that stops: alive, so that nobody kills it, but not ready', async () => {
    health.markStarted();
    health.markStopping();
    expect(await probe('live')).toEqual([200, { live: true }]);
    expect(await probe('ready')).toEqual([503, { ready: false, failing: { process: 'stopping' } }]);
  });
});

describe('the HTTP server', () => {
  it('refuses a body over its limit', async () => {
    server.post('/echo', async (request) => request.body);
    const send = (length: number) =>
      server.inject({ method: 'POST', url: '/echo', payload: { text: 'x'.repeat(length) } });
    expect((await send(50)).statusCode).toBe(200);
    expect((await send(100)).statusCode).toBe(413);
  });

  it('takes the address that a proxy names from a trusted proxy only', async () => {
    const seenFrom = async (trustedProxies: readonly string[]) => {
      const own = createHttpServer({ health, trustedProxies });
      own.get('/ip', async ({ ip }) => ip);
      const answer = await own.inject({
        ...{ url: '/ip', remoteAddress: '10.1.2.3' },
        headers: { 'x-forwarded-for': '203.0.113.9, 198.51.100.4' },
      });
      await own.close();
      return answer.body;
    };
    expect(await seenFrom([])).toBe('10.1.2.3');
    expect(await seenFrom(['192.0.2.0/24'])).toBe('10.1.2.3');
    // What stands before the address that the proxy has seen, the client has made up.
    expect(await seenFrom(['10.0.0.0/8'])).toBe('198.51.100.4');
    expect(await seenFrom(['10.0.0.0/8', '198.51.100.4'])).toBe('203.0.113.9');
  });

  it('does not say what it is made of', async () => {
    const { headers, statusCode } = await server.inject('/nowhere');
    expect(statusCode).toBe(404);
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-powered-by']));
    expect(headers.server).toBeUndefined();
  });
});
