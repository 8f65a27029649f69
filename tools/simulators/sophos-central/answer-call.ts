import type { IncomingHttpHeaders } from 'node:http';
import { alertAnswers } from './alert-answers.ts';
import type { Answer, Answers, Call } from './answer.ts';
import { detectionAnswers } from './detection-answers.ts';
import { endpointAnswers } from './endpoint-answers.ts';
import type { Tenant } from './estate.ts';
import type { Fault } from './faults.ts';
import { firewallAnswers } from './firewall-answers.ts';
import { giveToken, identityAnswers, readToken, unauthorized } from './identity-answers.ts';
import { checkBody, checkQuery, matchOperation } from './operations.ts';
import type { MatchedOperation, Operation } from './operations.ts';
import { postureAnswers } from './posture-answers.ts';
import { siemAnswers } from './siem-answers.ts';
import type { Client, State } from './state.ts';
import { badRequest, notSimulated, VendorError } from './vendor-error.ts';

/** A request as it arrived. */
export interface Request {
  readonly method: string;
  /** With the address that it was sent to. */
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly now: number;
  readonly hostOf: (tenant: Tenant) => string | null;
  readonly globalUrl: string;
}

/** What is sent back, and how. */
export interface Answered extends Answer {
  /** The operation's name. */
  readonly name: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly delayMs: number;
  /** The connection ends instead. */
  readonly isDropped: boolean;
}

const answers: Answers = {
  ...identityAnswers,
  ...siemAnswers,
  ...detectionAnswers,
  ...alertAnswers,
  ...endpointAnswers,
  ...postureAnswers,
  ...firewallAnswers,
};

/**
 * Answers a documented call, or refuses it and says why.
 * @throws {VendorError} no such path, method, parameter or field; or a fault that was asked for
 * @throws {LoginError} signing in failed
 */
export function answerCall(state: State, request: Request): Answered {
  const matched = matchOperation(request.method, request.url.pathname);
  const { operation } = matched;
  checkAddress(operation, request);
  checkQuery(operation, request.url.searchParams);
  if (operation.name === 'token') return signIn(state, request);
  const client = readToken(state, request.headers.authorization, request.now);
  countCall(state, client, request.now);
  const tenant = checkCaller(state, operation, client, request);
  const faults = state.faults.take({
    operation: operation.name,
    tenantId: tenant?.id ?? null,
    goesOn: request.url.searchParams.has('cursor') || 'runId' in matched.params,
  });
  failAsAsked(state, faults, request);
  const answer = answer200(state, matched, { ...request, client, tenant });
  return toAnswered(operation.name, doubleAsAsked(answer, faults), faults);
}

function toAnswered(name: string, answer: Answer, faults: readonly Fault[]): Answered {
  const slow = faults.find(({ kind }) => kind === 'SLOW');
  return {
    ...{ ...answer, name, headers: {}, delayMs: slow?.delayMs ?? 0 },
    isDropped: faults.some(({ kind }) => kind === 'DROPPED'),
  };
}

function signIn(state: State, { headers, text, now }: Request): Answered {
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') !== true) {
    throw badRequest('The token is asked for with a form: application/x-www-form-urlencoded.');
  }
  const faults = state.faults.take({ operation: 'token', tenantId: null, goesOn: false });
  const body = giveToken(state, text, now);
  return toAnswered('token', { status: 200, body }, faults);
}

function answer200(
  state: State,
  { operation, params }: MatchedOperation,
  request: Request & { readonly client: Client; readonly tenant: Tenant | null },
): Answer {
  const answer = answers[operation.name];
  if (!answer) throw notSimulated(operation.path);
  const call: Call = {
    ...{ state, params, client: request.client, tenant: request.tenant, now: request.now },
    ...{ query: request.url.searchParams, body: checkBody(operation, request.text) },
    ...{ hostOf: request.hostOf, globalUrl: request.globalUrl },
  };
  return answer(call);
}

function checkAddress({ door, path }: Operation, { url, globalUrl }: Request): void {
  const isGlobal = url.origin === globalUrl;
  if (door === 'REGION' && isGlobal) {
    throw badRequest(`${path} is called at the tenant's apiHost, not at the global address.`);
  }
  if (door !== 'REGION' && !isGlobal) {
    throw badRequest(`${path} is called at the global address, not at a region's.`);
  }
}

/** Whose data the call is about. @throws {VendorError} the header, the client or the address does not fit */
function checkCaller(
  state: State,
  operation: Operation,
  client: Client,
  { headers, url, hostOf }: Request,
): Tenant | null {
  if (!operation.header) return null;
  const named = headers[operation.header];
  if (typeof named !== 'string') throw badRequest(`The header ${operation.header} is missing.`);
  const forbidden = (why: string): VendorError => new VendorError(403, 'Forbidden', why);
  if (operation.header !== 'x-tenant-id') {
    if (operation.header === `x-${client.idType}-id` && named === client.id) return null;
    throw forbidden(`${operation.header} is not the caller's own id.`);
  }
  const tenant = state.tenants.find(({ id }) => id === named);
  if (!tenant || (client.idType === 'tenant' && client.id !== named)) {
    throw forbidden('The caller does not reach this tenant.');
  }
  if (client.idType === 'partner' && !tenant.letsPartnerIn) {
    throw forbidden('The tenant has not turned on partner assistance.');
  }
  const host = hostOf(tenant);
  if (host === url.origin) return tenant;
  throw badRequest(`This tenant's apiHost is ${host ?? 'not there yet'}, not ${url.origin}.`);
}

/** The documented quota of a client, shared by all tenants that it reaches. */
function countCall(state: State, { clientId }: Client, now: number): void {
  const times = (state.calls.get(clientId) ?? []).filter((at) => at > now - 60_000);
  if (times.length >= state.options.callsPerMinute) {
    const seconds = Math.ceil(((times[0] ?? now) + 60_000 - now) / 1_000);
    throw tooMany(`More than ${state.options.callsPerMinute} calls in a minute.`, seconds);
  }
  times.push(now);
  state.calls.set(clientId, times);
}

function tooMany(message: string, retryAfterSeconds: number): VendorError {
  const headers = { 'retry-after': String(retryAfterSeconds) };
  return new VendorError(429, 'TooManyRequests', message, headers);
}

function failAsAsked(state: State, faults: readonly Fault[], { headers }: Request): void {
  for (const { kind, retryAfterSeconds, status } of faults) {
    if (kind === 'RATE_LIMITED') throw tooMany('A fault was asked for.', retryAfterSeconds);
    if (kind === 'SERVER_ERROR') {
      throw new VendorError(status ?? 500, 'InternalServerError', 'A fault was asked for.');
    }
    if (kind === 'DEAD_CURSOR') {
      throw new VendorError(status ?? 400, 'BadRequest', 'The cursor or run is no longer known.');
    }
    if (kind === 'UNAUTHORIZED') {
      state.tokens.delete(headers.authorization?.replace('Bearer ', '') ?? '');
      throw unauthorized('The bearer token was withdrawn.');
    }
  }
}

/** Each item of a page twice. */
function doubleAsAsked(answer: Answer, faults: readonly Fault[]): Answer {
  if (!faults.some(({ kind }) => kind === 'DUPLICATES')) return answer;
  const { items = [] } = answer.body as { readonly items?: readonly unknown[] };
  return { ...answer, body: { ...answer.body, items: items.flatMap((item) => [item, item]) } };
}
