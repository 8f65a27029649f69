import { z } from 'zod';
import type { JsonRecord } from '../../connector-definition.ts';
import type { SophosCredentials } from '../sophos-settings.ts';
import { CentralFailure } from './central-failure.ts';
import type { CentralAnswer, CentralTransport } from './central-transport.ts';
import type { RequestPace } from './request-pace.ts';

/** Where signing in and the global interface are. */
export interface CentralAddresses {
  readonly loginUrl: string;
  readonly apiUrl: string;
}

export const sophosAddresses: CentralAddresses = {
  loginUrl: 'https://id.sophos.com',
  apiUrl: 'https://api.central.sophos.com',
};

export interface CentralRequest {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Makes it a POST. */
  readonly body?: object;
}

/** One credential that is signed in. */
export interface CentralSession {
  /**
   * Sends one call at its turn, with a token that works.
   * @throws {CentralFailure} anything but a good answer
   */
  call(request: CentralRequest): Promise<JsonRecord>;
}

export interface SessionOptions {
  readonly addresses: CentralAddresses;
  readonly credentials: SophosCredentials;
  readonly transport: CentralTransport;
  readonly pace: RequestPace;
  /** Epoch milliseconds. */
  readonly clock: () => number;
}

/** A token is renewed that long before it ends, so that none ends on its way. */
const renewEarlyMs = 120_000;

const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.number().positive(),
});

interface Token {
  readonly text: string;
  readonly renewAt: number;
}

export function createCentralSession(options: SessionOptions): CentralSession {
  const { transport, pace, clock } = options;
  let token: Promise<Token> | null = null;
  const renew = (): Promise<Token> => {
    const asked = signIn(options);
    token = asked;
    // The next call asks again; who waits for this one is told why.
    asked.catch(() => {
      if (token === asked) token = null;
    });
    return asked;
  };
  const current = async (): Promise<Token> => {
    const known = await (token ?? renew());
    return known.renewAt > clock() ? known : renew();
  };
  const send = async (
    { url, headers, body }: CentralRequest,
    by: Token,
  ): Promise<CentralAnswer> => {
    await pace.takeTurn();
    return transport.send(url, {
      method: body ? 'POST' : 'GET',
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${by.text}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  };
  return {
    call: async (request) => {
      const first = await current();
      let answer = await send(request, first);
      if (answer.status === 401) {
        // Once: it may have been withdrawn early. Another call may have renewed it meanwhile.
        const known = await current();
        answer = await send(request, known === first ? await renew() : known);
      }
      return readAnswer(answer, pace);
    },
  };
}

async function signIn({
  addresses,
  credentials,
  transport,
  clock,
}: SessionOptions): Promise<Token> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    scope: 'token',
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
  });
  const answer = await transport.send(`${addresses.loginUrl}/api/v2/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: form.toString(),
  });
  if (answer.status === 400 || answer.status === 401 || answer.status === 403) {
    throw new CentralFailure(
      'SIGN_IN_REFUSED',
      'Sophos Central does not accept the client id and secret.',
    );
  }
  const parsed = tokenAnswer.safeParse(answer.body);
  if (answer.status >= 400 || !parsed.success) throw unavailable(answer);
  const { access_token: text, expires_in: seconds } = parsed.data;
  // Of one that is shorter than twice the head start, half of it is used.
  const lifeMs = seconds * 1_000;
  return { text, renewAt: clock() + lifeMs - Math.min(renewEarlyMs, lifeMs / 2) };
}

/** Codes that another attempt may mend. */
const passing = [500, 502, 503, 504];

function readAnswer(answer: CentralAnswer, pace: RequestPace): JsonRecord {
  const { status, body } = answer;
  if (status >= 200 && status < 300) return body;
  if (status === 429) {
    const retryAfterSeconds = answer.retryAfterSeconds ?? 30;
    pace.pauseFor(retryAfterSeconds);
    throw new CentralFailure('RATE_LIMITED', 'Sophos Central was asked too often.', {
      retryAfterSeconds,
    });
  }
  if (status === 401) {
    throw new CentralFailure('UNAVAILABLE', 'Sophos Central does not accept its own token.');
  }
  if (status === 403) {
    throw new CentralFailure(
      'FORBIDDEN',
      'Sophos Central does not let these credentials read this.',
    );
  }
  if (status === 404) {
    throw new CentralFailure('NOT_FOUND', 'Sophos Central does not have what was asked for.');
  }
  if (status >= 400 && status < 500 && status !== 408) {
    throw new CentralFailure('REFUSED', `Sophos Central refused a call (status ${status}).`);
  }
  throw unavailable(answer);
}

function unavailable({ status, retryAfterSeconds }: CentralAnswer): CentralFailure {
  const what = passing.includes(status) ? 'cannot answer at the moment' : 'answered unexpectedly';
  return new CentralFailure('UNAVAILABLE', `Sophos Central ${what} (status ${status}).`, {
    ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
  });
}
