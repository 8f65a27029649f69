import { fastify } from 'fastify';
import type { FastifyInstance } from 'fastify';
import type { Health } from './health.ts';

const idleSweepMs = 100;
const unreadBodyMs = 1_000;

export type HttpServer = FastifyInstance;

export interface HttpServerOptions {
  readonly health: Health;
  /** Largest body accepted. Default 200 kB. */
  readonly bodyLimitBytes?: number;
  /** Longest headers accepted. By default an identity token of the largest provider fits. */
  readonly maxHeaderBytes?: number;
  /**
   * Addresses and ranges of the proxies before this server: a request of theirs has the address that
   * its `X-Forwarded-For` names. None by default: anybody else could name any.
   */
  readonly trustedProxies?: readonly string[];
}

/** An identity token names each customer its viewer reaches: `maxCustomersOfViewer` of them fit. */
const identityHeaderBytes = 256 * 1024;

/**
 * The HTTP server of a process, with the three probes on it: `/health/startup`, `/health/live` and
 * `/health/ready` answer 200 or 503 with `{ready, failing}`.
 */
export function createHttpServer({
  health,
  bodyLimitBytes = 200_000,
  maxHeaderBytes = identityHeaderBytes,
  trustedProxies = [],
}: HttpServerOptions): HttpServer {
  const server = fastify({
    logger: false,
    bodyLimit: bodyLimitBytes,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    requestTimeout: 60_000,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: maxHeaderBytes, headersTimeout: 10_000 },
  });
  // A connection whose request was refused before its body was read turns idle only after the server
  // has closed its idle ones, and would hold up the end until it times out.
  server.addHook('preClose', async () => {
    const sweep = setInterval(() => server.server.closeIdleConnections(), idleSweepMs);
    server.server.once('close', () => clearInterval(sweep));
  });
  // A refusal may come before its body. The rest is read away for a moment, so that whoever still
  // writes it gets to see the answer, and not for as long as a body without end would last.
  server.addHook('onResponse', async ({ raw }) => {
    if (raw.complete) return;
    setTimeout(() => {
      if (!raw.complete) raw.destroy();
    }, unreadBodyMs).unref();
  });
  server.get('/health/live', async () => ({ live: true }));
  server.get('/health/startup', async (_, reply) => {
    reply.code(health.isStarted() ? 200 : 503);
    return { started: health.isStarted() };
  });
  server.get('/health/ready', async (_, reply) => {
    const readiness = await health.readiness();
    reply.code(readiness.ready ? 200 : 503);
    return readiness;
  });
  return server;
}
