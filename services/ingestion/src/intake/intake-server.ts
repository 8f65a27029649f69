import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { activeTraceId, AppError, toError, withSpan } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';
import { takeRequest } from './take-request.ts';
import type { IntakeDependencies } from './take-request.ts';
import { Refusal, refuseForNow } from './refusal.ts';

/** The public door that sensors send to: `POST /v1/events` and nothing else. */
export interface IntakeServer {
  /** @throws {Error} the port is in use, or not ours to take */
  listen(port: number, host: string): Promise<void>;
  /** Takes no more connections and waits for the requests under way. */
  close(): Promise<void>;
}

const path = '/v1/events';

export function createIntakeServer(dependencies: IntakeDependencies): IntakeServer {
  const underWay = new Set<Promise<void>>();
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 15_000,
    },
    (request, response) => {
      const handling = handle(server, request, response, dependencies);
      underWay.add(handling);
      void handling.finally(() => underWay.delete(handling));
    },
  );
  return {
    listen: async (port, host) => {
      server.listen(port, host);
      await once(server, 'listening');
    },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await Promise.all(underWay);
      // What is still open has its answer, or never asked for one.
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(
  server: Server,
  request: IncomingMessage,
  response: ServerResponse,
  dependencies: IntakeDependencies,
): Promise<void> {
  const { traceparent } = request.headers;
  const causedBy = { traceparent: typeof traceparent === 'string' ? traceparent : '' };
  await withSpan(`intake ${path}`, { kind: 'SERVER', causedBy }, async (span) => {
    // A server that is closing keeps no connection open for a next request.
    if (!server.listening) response.setHeader('connection', 'close');
    try {
      checkRoute(request);
      const answer = await takeRequest(request, dependencies);
      span.setAttribute('vedette.events.accepted', answer.accepted);
      span.setAttribute('vedette.events.rejected', answer.rejected);
      // A webhook's list may be empty; that is no mistake of the sender's.
      const isRefused = answer.accepted === 0 && answer.rejected > 0;
      send(response, isRefused ? 400 : 200, answer, {
        ...(answer.ids ? { 'preference-applied': 'return=representation' } : {}),
      });
    } catch (error) {
      const refusal = toRefusal(error, dependencies.logger);
      span.setAttribute('vedette.refusal', refusal.code);
      const { code, message, status, headers } = refusal;
      send(response, status, { error: { code, message, traceId: activeTraceId() } }, headers);
    }
  });
  // The sender may be gone; then there is nobody left to answer.
  await finished(response).catch(() => undefined);
}

function checkRoute(request: IncomingMessage): void {
  if ((request.url ?? '').split('?', 1)[0] !== path) {
    throw new Refusal(404, 'NOT_FOUND', `Events go to ${path}.`);
  }
  if (request.method !== 'POST') {
    throw new Refusal(405, 'METHOD_NOT_ALLOWED', 'Events are sent by POST.', {
      headers: { allow: 'POST' },
    });
  }
}

/**
 * Whatever is not a refusal is our side's failure, a dependency's or a mistake of ours. To the sender
 * both mean the same: keep the events and send them again.
 */
function toRefusal(error: unknown, logger: Logger): Refusal {
  if (error instanceof Refusal) {
    logger.debug({ code: error.code, cause: error.cause }, error.message);
    return error;
  }
  if (error instanceof AppError) {
    logger.warn({ err: error }, error.message);
    const { retryAfterSeconds } = error.details;
    return refuseForNow(
      503,
      'Events cannot be stored at the moment; send them again.',
      typeof retryAfterSeconds === 'number' ? retryAfterSeconds : 5,
    );
  }
  logger.error({ err: toError(error) }, 'events could not be taken');
  return refuseForNow(503, 'Events cannot be stored at the moment; send them again.', 5);
}

/**
 * Answers. Node reads and drops what is left of the request's body, within the request's time, so that
 * a sender that is still sending gets the answer instead of a broken connection.
 */
function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>>,
): void {
  const text = JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(text);
}
