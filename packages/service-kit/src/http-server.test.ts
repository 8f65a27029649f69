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

  it('does not say what it is made of', async () => {
    const { headers, statusCode } = await server.inject('/nowhere');
    expect(statusCode).toBe(404);
    expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['x-powered-by']));
    expect(headers.server).toBeUndefined();
  });
});
