import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { finished } from 'node:stream/promises';
import { AppError, toError, withSpan } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';
import { isRecord } from '../connectors/record-fields.ts';
import type { Intake } from '../intake/intake-parts.ts';
import { readBody } from '../intake/read-body.ts';
import { Refusal, refuseForNow } from '../intake/refusal.ts';
import { readHead } from '../intake/request-head.ts';
import type { AuthenticateSensor } from '../intake/sensor-authenticator.ts';
import { createNodeAuthenticator } from './node-authenticator.ts';
import {
  carvingRefused,
  enrol,
  readConfig,
  readQueries,
  takeLog,
  unknownNode,
  writeAnswers,
} from './osquery-calls.ts';
import type { NodeCall, OsqueryDependencies } from './osquery-calls.ts';
import type { OsqueryNode } from './osquery-node-store.ts';

export interface OsqueryDoorOptions {
  readonly host: string;
  readonly port: number;
  /** Certificate chain and key, PEM; agents are given the authority that signed it. */
  readonly certificate: { readonly cert: Buffer; readonly key: Buffer };
}

export interface OsqueryDoor {
  /** Takes no more connections and waits for the calls under way. */
  close(): Promise<void>;
}

type JsonObject = Readonly<Record<string, unknown>>;

/** What a host that has enrolled may call. */
const calls: Readonly<
  Record<string, (body: JsonObject, node: OsqueryNode, dependencies: NodeCall) => Promise<object>>
> = {
  config: readConfig,
  log: takeLog,
  'distributed/read': readQueries,
  'distributed/write': writeAnswers,
};
const carving = new Set(['carve/start', 'carve/block']);
const prefix = '/v1/osquery/';
const maxConnections = 4_096;

/**
 * The remote API of osquery's agents (`--config_plugin=tls` and its like) over TLS 1.2 and 1.3.
 * @throws {Error} the port is in use, or the certificate is none
 */
export async function startOsqueryDoor(
  { host, port, certificate }: OsqueryDoorOptions,
  intake: Intake,
  authenticate: AuthenticateSensor,
): Promise<OsqueryDoor> {
  const { database, clock, logger } = intake;
  const authenticateNode = createNodeAuthenticator(database, clock, logger);
  const dependencies = { intake, authenticate, authenticateNode };
  const underWay = new Set<Promise<void>>();
  const server = createServer(
    {
      ...certificate,
      // Agents speak 1.2 only.
      ...{ minVersion: 'TLSv1.2', handshakeTimeout: 10_000, maxHeaderSize: 16 * 1024 },
      ...{ headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 75_000 },
    },
    (request, response) => {
      const handling = handle(request, response, dependencies);
      underWay.add(handling);
      void handling.finally(() => underWay.delete(handling));
    },
  );
  server.maxConnections = maxConnections;
  server.listen(port, host);
  await once(server, 'listening');
  return {
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      await Promise.all(underWay);
      server.closeAllConnections();
      await closed;
    },
  };
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  dependencies: OsqueryDependencies,
): Promise<void> {
  await withSpan('osquery call', { kind: 'SERVER' }, async () => {
    try {
      send(response, 200, await answer(request, dependencies));
    } catch (error) {
      const { status, code, message, headers } = toRefusal(error, dependencies.intake.logger);
      send(response, status, { error: message, code }, headers);
    }
  });
  // The agent may be gone; then there is nobody left to answer.
  await finished(response).catch(() => undefined);
}

/** Who calls is asked before the body is read, where the call's head says it; agents before 5.0 say it in the body. */
async function answer(
  request: IncomingMessage,
  dependencies: OsqueryDependencies,
): Promise<object> {
  const call = readCall(request);
  if (carving.has(call)) return carvingRefused;
  const { authenticateNode, intake } = dependencies;
  const headKey = /^NodeKey +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const isEnrolling = call === 'enroll';
  const caller = headKey === undefined || isEnrolling ? null : await authenticateNode(headKey);
  if (headKey !== undefined && !isEnrolling && !caller) return unknownNode;
  if (call === 'log') intake.durables.current();
  const reservation = intake.budget.reserve(caller?.sensor.customerId ?? '');
  try {
    const head = readHead({ ...request.headers, 'content-type': 'application/json' });
    const body = parseBody(await readBody(request, head, reservation));
    if (isEnrolling) return await enrol(body, dependencies);
    const { node_key: bodyKey } = body;
    const key = headKey ?? (typeof bodyKey === 'string' ? bodyKey : '');
    const node = caller ?? (await authenticateNode(key));
    const take = calls[call];
    if (!node || !take) return unknownNode;
    const requireAllowed = async (): Promise<void> => {
      if (await authenticateNode(key)) return;
      throw new Refusal(401, 'UNAUTHENTICATED', 'This host is known no more; it has to enrol.');
    };
    return await take(body, node, { ...dependencies, requireAllowed });
  } finally {
    reservation.release();
  }
}

function readCall(request: IncomingMessage): string {
  const path = (request.url ?? '').split('?', 1)[0] ?? '';
  const call = path.startsWith(prefix) ? path.slice(prefix.length) : '';
  if (call !== 'enroll' && !carving.has(call) && !Object.hasOwn(calls, call)) {
    throw new Refusal(404, 'NOT_FOUND', `There is no such call; they are below ${prefix}.`);
  }
  if (request.method === 'POST') return call;
  throw new Refusal(405, 'METHOD_NOT_ALLOWED', 'Calls are made by POST.', {
    headers: { allow: 'POST' },
  });
}

function parseBody(bytes: Buffer): JsonObject {
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'));
    if (isRecord(body)) return body;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new Refusal(400, 'BAD_USER_INPUT', 'The body is not a JSON object.');
}

/** What is not a refusal is our side's failure: the agent keeps what it has and calls again. */
function toRefusal(error: unknown, logger: Logger): Refusal {
  if (error instanceof Refusal) return error;
  const failure = toError(error);
  const level = failure instanceof AppError ? 'warn' : 'error';
  logger[level]({ err: failure }, 'an osquery call failed');
  return refuseForNow(503, 'This cannot be done at the moment.', 5);
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
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
