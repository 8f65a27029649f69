import { lookup } from 'node:dns/promises';
import { request as requestHttp } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { AppError, InvalidInputError, UnavailableError } from './errors.ts';
import { isLoopbackAddress, isPublicAddress } from './public-address.ts';

export interface OutboundOptions {
  readonly allowedPorts: readonly number[];
  /** Also http, which anybody on the way can read and change. Default: https only. */
  readonly allowHttp?: boolean;
  /** Also this machine: for simulators on a developer's machine, never for a customer's address. */
  readonly allowLoopback?: boolean;
  /** From the question for the address to the end of the TLS handshake. */
  readonly connectTimeoutMs: number;
  /** From the start to the last byte of the answer. */
  readonly timeoutMs: number;
  /** What is over it is not read. */
  readonly maxResponseBytes: number;
  /** All addresses of a host. Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly string[]>;
}

export interface OutboundRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
}

export interface OutboundResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The answer was longer than `maxResponseBytes`; `body` is its beginning. */
  readonly isTruncated: boolean;
}

export interface Outbound {
  /**
   * Sends one request over a connection of its own and follows no redirect: a 302 is an answer like
   * any other. The host is resolved once, all its addresses must be public, and the connection goes
   * to one of exactly these.
   * @throws {InvalidInputError} the URL, or the address behind it, is not one that may be called
   * @throws {UnavailableError} no whole answer in time
   */
  request(url: string, request?: OutboundRequest): Promise<OutboundResponse>;
}

/**
 * The client of every call that leaves the platform: whoever gives us a URL must not be able to
 * make us call what only we can reach.
 */
export function createOutbound(options: OutboundOptions): Outbound {
  return {
    request: async (text, request = {}) => {
      const url = toCallableUrl(text, options);
      const deadline = new AbortController();
      const end = (): void => deadline.abort(new Error('no answer in time'));
      const whole = setTimeout(end, options.timeoutMs);
      const connecting = setTimeout(end, options.connectTimeoutMs);
      const signal = AbortSignal.any([
        deadline.signal,
        ...(request.signal ? [request.signal] : []),
      ]);
      try {
        const addresses = await unlessAborted(findAddresses(url, options), signal);
        const response = await send(url, { ...request, signal }, addresses, () =>
          clearTimeout(connecting),
        );
        return await readResponse(response, options.maxResponseBytes);
      } catch (error) {
        request.signal?.throwIfAborted();
        if (error instanceof AppError) throw error;
        throw new UnavailableError(url.hostname, { cause: signal.reason ?? error });
      } finally {
        clearTimeout(whole);
        clearTimeout(connecting);
      }
    },
  };
}

function toCallableUrl(text: string, options: OutboundOptions): URL {
  const url = URL.parse(text);
  if (!url) throw refusal('is not a URL');
  if (url.protocol !== 'https:' && !(options.allowHttp === true && url.protocol === 'http:')) {
    throw refusal('does not begin with https');
  }
  if (url.username !== '' || url.password !== '') throw refusal('holds credentials');
  const port = url.port === '' ? { 'https:': 443, 'http:': 80 }[url.protocol] : Number(url.port);
  if (port === undefined || !options.allowedPorts.includes(port)) {
    throw refusal('names a port that may not be called');
  }
  return url;
}

function refusal(problem: string): InvalidInputError {
  return new InvalidInputError(`The URL ${problem}.`, [{ path: 'url', problem }]);
}

/** The host as a name or an address, without the brackets of IPv6. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** One answer for "internal" and "does not exist": otherwise names of the inside could be found out. */
async function findAddresses(url: URL, options: OutboundOptions): Promise<readonly string[]> {
  const host = hostOf(url);
  const addresses = isIP(host) ? [host] : await (options.resolve ?? resolveBySystem)(host);
  const mayBeCalled = (address: string): boolean =>
    isPublicAddress(address) || (options.allowLoopback === true && isLoopbackAddress(address));
  if (addresses.length === 0 || !addresses.every(mayBeCalled)) {
    throw refusal('does not lead to a public address');
  }
  return addresses;
}

async function resolveBySystem(host: string): Promise<readonly string[]> {
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTFOUND') return [];
    throw error;
  }
}

function send(
  url: URL,
  request: OutboundRequest,
  addresses: readonly string[],
  onConnected: () => void,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const isTls = url.protocol === 'https:';
  const sent = startRequest(isTls ? requestHttps : requestHttp, {
    protocol: url.protocol,
    hostname: hostOf(url),
    port: url.port,
    path: url.pathname + url.search,
    method: request.method ?? 'GET',
    headers: { ...request.headers, host: url.host },
    lookup: answerWith(addresses),
    // A connection that outlives its request would be used again unchecked.
    agent: false,
    ...(request.signal ? { signal: request.signal } : {}),
  });
  sent.once('socket', (socket) => socket.once(isTls ? 'secureConnect' : 'connect', onConnected));
  sent.once('response', resolve);
  sent.on('error', reject);
  sent.end(request.body);
  return promise;
}

/** @throws {InvalidInputError} a header holds what no header may */
function startRequest(
  start: typeof requestHttp,
  options: RequestOptions,
): ReturnType<typeof requestHttp> {
  try {
    return start(options);
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_INVALID_')) throw error;
    throw new InvalidInputError('A header of the call is not valid.');
  }
}

/** In place of the resolver, which could give another answer than the one that was checked. */
function answerWith(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    const [first] = all;
    if (options.all === true) callback(null, all);
    else callback(null, first?.address ?? '', first?.family);
  };
}

async function readResponse(
  response: IncomingMessage,
  maxBytes: number,
): Promise<OutboundResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  // Leaving the loop early closes the connection.
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(chunks).subarray(0, maxBytes),
    isTruncated: size > maxBytes,
  };
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const end = (): void => aborted.reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
