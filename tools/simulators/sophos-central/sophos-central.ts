import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerAdmin } from './admin-door.ts';
import { answerCall } from './answer-call.ts';
import type { Answered } from './answer-call.ts';
import type { Tenant } from './estate.ts';
import { createState } from './state.ts';
import type { State, StateOptions } from './state.ts';
import { LoginError, toErrorBody, toLoginErrorBody, VendorError } from './vendor-error.ts';

export interface SophosCentralOptions extends Partial<StateOptions> {
  /** Default: a free one. */
  readonly port?: number;
}

export interface SophosCentral {
  readonly state: State;
  /** Begins to listen; all addresses are on this machine and share a port. */
  listen(): Promise<Addresses>;
  close(): Promise<void>;
}

export interface Addresses {
  readonly loginUrl: string;
  readonly apiUrl: string;
  readonly adminUrl: string;
  readonly regions: Readonly<Record<string, string>>;
}

/** Signing in, the global address and the admin door; then one address a region. */
const globalHost = '127.0.0.1';
const regionHosts: Readonly<Record<string, string>> = { eu01: '127.0.0.2', us01: '127.0.0.3' };

/** Nothing that it takes is larger. */
const maxBodyBytes = 4 * 1024 * 1024;

/** A stand-in for Sophos Central. It says so in every answer. */
export function createSophosCentral(options: SophosCentralOptions = {}): SophosCentral {
  const state = createState({
    seed: options.seed ?? 'vedette',
    clock: options.clock ?? Date.now,
    endpointsPerTenant: options.endpointsPerTenant ?? 12,
    itemsPerFeed: options.itemsPerFeed ?? 30,
    tokenSeconds: options.tokenSeconds ?? 3_600,
    delayMs: options.delayMs ?? 500,
    callsPerMinute: options.callsPerMinute ?? 100,
  });
  const hosts = [globalHost, ...Object.values(regionHosts)];
  const servers = hosts.map((host) =>
    createServer((request, response) => void handle(state, host, request, response)),
  );
  return {
    state,
    listen: async () => {
      let port = options.port ?? 0;
      for (const [n, server] of servers.entries()) {
        await listen(server, port, hosts[n] ?? globalHost);
        port = portOf(server);
      }
      const globalUrl = `http://${globalHost}:${port}`;
      const regions = Object.entries(regionHosts).map(
        ([region, host]) => [region, `http://${host}:${port}`] as const,
      );
      return {
        ...{ loginUrl: globalUrl, apiUrl: globalUrl, adminUrl: `${globalUrl}/simulator` },
        regions: Object.fromEntries(regions),
      };
    },
    close: async () => {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(
        servers.map((server) => new Promise((resolve) => server.close(() => resolve(undefined)))),
      );
    },
  };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

async function handle(
  state: State,
  host: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const now = state.options.clock();
  try {
    const port = request.socket.localPort ?? 0;
    const url = new URL(request.url ?? '/', `http://${host}:${port}`);
    const text = await readText(request);
    if (host === globalHost && url.pathname.startsWith('/simulator/')) {
      const { status, body } = answerAdmin(state, request.method ?? '', url, text);
      send(response, { status, body, headers: {}, name: 'admin' });
      return;
    }
    const hostOf = (tenant: Tenant): string | null =>
      tenant.isProvisioned ? `http://${regionHosts[tenant.region] ?? globalHost}:${port}` : null;
    const answered = answerCall(state, {
      ...{ method: request.method ?? '', url, text, headers: request.headers, now, hostOf },
      globalUrl: `http://${globalHost}:${port}`,
    });
    await deliver(state, response, answered);
  } catch (error) {
    sendError(state, response, error, now);
  }
}

async function deliver(state: State, response: ServerResponse, answered: Answered): Promise<void> {
  if (answered.delayMs > 0) await sleep(answered.delayMs);
  count(state, answered.name, answered.isDropped ? 0 : answered.status);
  if (answered.isDropped) response.destroy();
  else send(response, answered);
}

function sendError(state: State, response: ServerResponse, error: unknown, now: number): void {
  if (error instanceof LoginError) {
    count(state, 'token', error.status);
    const body = toLoginErrorBody(error);
    send(response, { status: error.status, body, headers: {}, name: 'token' });
    return;
  }
  const refusal =
    error instanceof VendorError
      ? error
      : new VendorError(500, 'SimulatorFailure', error instanceof Error ? error.message : '?');
  count(state, 'refused', refusal.status);
  const body = toErrorBody(refusal, now);
  send(response, { status: refusal.status, body, headers: refusal.headers, name: 'refused' });
}

function count(state: State, name: string, status: number): void {
  const key = `${name} ${status}`;
  state.answers.set(key, (state.answers.get(key) ?? 0) + 1);
}

function send(
  response: ServerResponse,
  { status, body, headers }: Pick<Answered, 'status' | 'body' | 'headers' | 'name'>,
): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'x-vedette-simulated': 'true',
    ...headers,
  });
  response.end(JSON.stringify(body));
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw new VendorError(413, 'TooLarge', 'The body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
