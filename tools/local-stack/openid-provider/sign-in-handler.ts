import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { findPerson, type Issuer } from './issuer.ts';
import { pageHeaders, toErrorPage, toLoginPage } from './login-page.ts';

const maxFormBytes = 4096;

export interface SignInHandlerOptions {
  /** Name and port that requests must be for. */
  readonly host: string;
  /** By the first part of their path. */
  readonly issuers: ReadonlyMap<string, Issuer>;
  readonly password: string;
  readonly onError: (error: Error) => void;
}

/** Answers for all issuers: our own page where somebody signs in, the rest is the library's. */
export function createSignInHandler(options: SignInHandlerOptions): RequestListener {
  const { host, issuers, password, onError } = options;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // A page of elsewhere could give this address a name of its own and read what we answer.
    if (request.headers.host !== host) {
      sendPage(response, 421, toErrorPage('misdirected', `this is http://${host}`));
      return;
    }
    const [, name = '', below = ''] = /^\/([a-z]+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const issuer = issuers.get(name);
    if (!issuer) {
      sendPage(response, 404, toErrorPage('not found', 'there is no such issuer'));
    } else if (below.startsWith('/interaction/')) {
      await signIn(issuer, password, request, response);
    } else {
      // How the library learns that it is mounted below a path.
      Object.assign(request, { originalUrl: request.url, url: below });
      await issuer.answer(request, response);
    }
  };
  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      onError(Error.isError(error) ? error : new Error(String(error)));
      if (response.headersSent) response.destroy();
      else sendPage(response, 500, toErrorPage('server error', 'see the log of this process'));
    });
  };
}

async function signIn(
  issuer: Issuer,
  password: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!(await issuer.isSigningIn(request, response))) {
    sendPage(response, 400, toErrorPage('expired', 'begin again at the application'));
  } else if (request.method !== 'POST') {
    sendPage(response, 200, toLoginPage(issuer.name, null));
  } else if (!(Number(request.headers['content-length']) <= maxFormBytes)) {
    sendPage(response, 413, toErrorPage('too large', 'this is not the form of this page'));
  } else {
    const form = new URLSearchParams(await text(request));
    const person = findPerson(issuer.name, form.get('subject') ?? '');
    if (person && isEqual(form.get('password') ?? '', password)) {
      await issuer.finishSignIn(request, response, person);
    } else {
      sendPage(response, 403, toLoginPage(issuer.name, 'No such person, or a wrong password.'));
    }
  }
}

function sendPage(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, pageHeaders).end(page);
}

function isEqual(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.byteLength === second.byteLength && timingSafeEqual(first, second);
}
