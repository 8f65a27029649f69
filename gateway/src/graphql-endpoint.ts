import type { ApolloServer } from '@apollo/server';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import {
  activeTraceId,
  AppError,
  toError,
  traceHeaders,
  UnauthenticatedError,
  UnavailableError,
  withSpan,
} from '@vedette/service-kit';
import type { Logger, Viewer } from '@vedette/service-kit';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Authenticate } from './authenticate.ts';
import { RateLimitedError } from './rate-limits.ts';
import type { RateLimits } from './rate-limits.ts';
import type { RequestContext } from './supergraph.ts';

export interface GraphqlEndpointOptions {
  readonly apollo: ApolloServer<RequestContext>;
  readonly authenticate: Authenticate;
  readonly limits: RateLimits;
  /** Longest time that subgraphs have for one request, all together. */
  readonly requestTimeoutMs: number;
  readonly logger: Logger;
}

/**
 * Longest body. An import of 2,000 customers has room for 1 kB of each; a principal may send as many
 * at a time as it may have requests.
 */
const maxBodyBytes = 2 * 1024 * 1024;

interface Caller {
  readonly viewer: Viewer;
  /** Trace of the request. It starts here: what a client sends as its trace is not continued. */
  readonly trace: Readonly<Record<string, string>>;
}

/**
 * Puts `POST /graphql` on the HTTP server. The access token is checked before the body is read, and
 * whatever goes wrong is answered in GraphQL's shape with a code and a trace id.
 */
export function addGraphqlEndpoint(server: FastifyInstance, options: GraphqlEndpointOptions): void {
  const callers = new WeakMap<FastifyRequest, Caller>();
  const handle = fastifyApolloHandler(options.apollo, {
    context: async (request, reply) => ({
      viewer: callerOf(callers, request as never).viewer,
      signal: AbortSignal.any([
        clientGone(reply as never),
        AbortSignal.timeout(options.requestTimeoutMs),
      ]),
    }),
  });
  server.addHook('onSend', async (_, reply) => void reply.header('cache-control', 'no-store'));
  server.setErrorHandler((error, request, reply) =>
    withSpan('refuse', { causedBy: callers.get(request)?.trace ?? {} }, () =>
      refuse(reply, error, options.logger),
    ),
  );
  server.route({
    // OPTIONS among them: a preflight of a foreign page gets no permission.
    method: ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
    url: '/graphql',
    handler: (_, reply) =>
      withSpan('refuse', {}, async () =>
        reply.header('allow', 'POST').code(405).send(errorBody('BAD_REQUEST', 'Use POST.')),
      ),
  });
  server.route({
    method: 'POST',
    url: '/graphql',
    bodyLimit: maxBodyBytes,
    onRequest: (request, reply) =>
      withSpan('authenticate', { kind: 'SERVER' }, async () => {
        try {
          callers.set(request, {
            viewer: await admit(request, reply, options),
            trace: traceHeaders(),
          });
        } catch (error) {
          await refuse(reply, error, options.logger);
        }
      }),
    handler: (request, reply) =>
      withSpan(
        'graphql',
        { kind: 'SERVER', causedBy: callerOf(callers, request).trace },
        () => handle.call(server, request as never, reply as never) as Promise<unknown>,
      ),
  });
}

/** Says who asks, and counts the request among those of that principal until it is answered. */
async function admit(
  { headers, ip }: FastifyRequest,
  { raw }: FastifyReply,
  { authenticate, limits }: GraphqlEndpointOptions,
): Promise<Viewer> {
  const viewer = await authenticate(headers.authorization, ip);
  const leave = await limits.enter(viewer.principalId);
  if (raw.closed) leave();
  else raw.once('close', leave);
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') throw new EncodedBodyError();
  return viewer;
}

/** A small body could unfold into a large one, so none is unpacked. */
class EncodedBodyError extends Error {
  readonly statusCode = 415;

  constructor() {
    super('The body may not be encoded.');
  }
}

function callerOf(callers: WeakMap<FastifyRequest, Caller>, request: FastifyRequest): Caller {
  const caller = callers.get(request);
  if (!caller) throw new UnauthenticatedError('An access token is needed.');
  return caller;
}

function clientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Error('the client is gone'));
  });
  return controller.signal;
}

async function refuse(reply: FastifyReply, thrown: unknown, logger: Logger): Promise<unknown> {
  if (thrown instanceof AppError) {
    logger.info({ code: thrown.code, cause: thrown.cause }, thrown.message);
    reply.code(500);
    const { retryAfterSeconds } = thrown.details;
    if (typeof retryAfterSeconds === 'number') reply.header('retry-after', retryAfterSeconds);
    if (thrown instanceof UnauthenticatedError) {
      reply.code(401).header('www-authenticate', 'Bearer');
    }
    if (thrown instanceof UnavailableError) reply.code(503);
    if (thrown instanceof RateLimitedError) reply.code(429);
    return reply.send(errorBody(thrown.code, thrown.message, thrown.details));
  }
  // What fastify says about a request (not JSON, too large, wrong content type) is for the client.
  const { statusCode = 500, message } = toError(thrown) as FastifyError;
  if (statusCode === 413) return reply.code(413).send(bodyTooLarge());
  if (statusCode < 500) return reply.code(statusCode).send(errorBody('BAD_REQUEST', message));
  logger.error({ err: toError(thrown) }, 'unexpected error');
  return reply.code(500).send(errorBody('INTERNAL_SERVER_ERROR', 'Internal error.'));
}

function bodyTooLarge(): object {
  const message = `The body may hold ${maxBodyBytes} bytes at most; send it in parts.`;
  return errorBody('BAD_REQUEST', message, { maxBodyBytes });
}

function errorBody(code: string, message: string, details: object = {}): object {
  return { errors: [{ message, extensions: { ...details, code, traceId: activeTraceId() } }] };
}
