import { Agent, request } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { identityHeader, traceHeaders, UnavailableError, withSpan } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import type { IdentityTokens } from './identity-tokens.ts';

export interface SubgraphClientOptions {
  readonly name: string;
  /** Origin, such as `http://127.0.0.1:4010`. */
  readonly url: string;
  readonly identityTokens: IdentityTokens;
  readonly timeoutMs: number;
  readonly maxSockets: number;
  readonly maxResponseBytes: number;
}

/** Speaks to one subgraph over a bounded number of kept-alive connections. */
export interface SubgraphClient {
  readonly name: string;
  /**
   * Posts JSON on behalf of a viewer and gives the JSON that comes back. Rejects with
   * UnavailableError when the subgraph cannot be reached, is too slow, is stopping or when `signal`
   * ends the wait; with UnusableAnswerError when what it says makes no sense.
   */
  post(path: string, viewer: Viewer, body: object, signal?: AbortSignal): Promise<unknown>;
  /** Reads JSON on behalf of a viewer; rejects like `post`. */
  get(path: string, viewer: Viewer): Promise<unknown>;
  /** Whether the subgraph says that it can take work. */
  isReady(): Promise<boolean>;
  close(): void;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** An answer came, and it is of no use. It says nothing that a caller should see. */
export class UnusableAnswerError extends Error {
  /** Of HTTP; null when the answer broke off. */
  readonly status: number | null;

  constructor(message: string, status: number | null = null) {
    super(message);
    this.name = 'UnusableAnswerError';
    this.status = status;
  }
}

export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const { name, url, identityTokens, timeoutMs } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: options.maxSockets });

  /** The wait covers everything from waiting for a free connection to the last byte. */
  const exchange = async (
    call: Pick<Call, 'path' | 'headers' | 'body' | 'signal'>,
  ): Promise<Answer> => {
    const deadline = AbortSignal.timeout(timeoutMs);
    const signal = call.signal ? AbortSignal.any([deadline, call.signal]) : deadline;
    try {
      return await send({ ...call, url, agent, signal, maxBytes: options.maxResponseBytes });
    } catch (cause) {
      if (cause instanceof UnusableAnswerError) throw cause;
      throw new UnavailableError(name, { cause });
    }
  };
  const ask = (viewer: Viewer, call: Pick<Call, 'path' | 'body' | 'signal'>): Promise<unknown> =>
    withSpan(`call ${name}`, { kind: 'CLIENT' }, async () => {
      const headers = {
        ...traceHeaders(),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
        accept: 'application/json',
        [identityHeader]: await identityTokens(viewer, name),
      };
      return toJson(name, await exchange({ ...call, headers }));
    });
  return {
    name,
    post: (path, viewer, body, signal) =>
      ask(viewer, { path, body: JSON.stringify(body), ...(signal ? { signal } : {}) }),
    get: (path, viewer) => ask(viewer, { path }),
    isReady: async () => (await exchange({ path: '/health/ready', headers: {} })).status === 200,
    close: () => agent.destroy(),
  };
}

function toJson(name: string, { status, text }: Answer): unknown {
  if (status === 503) throw new UnavailableError(name);
  // 400 is GraphQL's answer to variables that a scalar refuses: it holds `errors` like any other.
  if (status !== 200 && status !== 400)
    throw new UnusableAnswerError(`'${name}' answered ${status}: ${text.slice(0, 500)}`, status);
  try {
    return JSON.parse(text);
  } catch {
    throw new UnusableAnswerError(
      `'${name}' answered something else than JSON: ${text.slice(0, 500)}`,
    );
  }
}

interface Call {
  readonly url: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  /** With a body it is a POST, without one a GET. */
  readonly body?: string;
  readonly agent: Agent;
  readonly signal?: AbortSignal;
  readonly maxBytes: number;
}

function send({ url, path, headers, body, agent, signal, maxBytes }: Call): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const method = body === undefined ? 'GET' : 'POST';
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  const outgoing = request(
    new URL(path, url),
    { method, agent, headers: { ...headers, ...length }, ...(signal ? { signal } : {}) },
    (incoming) => {
      readText(incoming, maxBytes).then(
        (text) => resolve({ status: incoming.statusCode ?? 0, text }),
        reject,
      );
    },
  );
  outgoing.on('error', reject);
  outgoing.end(body);
  return promise;
}

async function readText(incoming: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the connection: nobody reads the rest.
    if (bytes > maxBytes) throw new UnusableAnswerError(`answered more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
