import { createHash, randomBytes } from 'node:crypto';
import type { Person } from '../people.ts';
import { client, toIssuerUrl } from './application.ts';

export interface SignedIn {
  readonly accessToken: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

interface Metadata {
  readonly issuer: string;
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
}

const answerTimeoutMs = 10_000;

/**
 * Gets an access token as an application would: authorization code with PKCE (RFC 7636), and the
 * sign-in page filled in as a browser would.
 * @param providerUrl where the local OpenID provider is
 * @throws {Error} it doesn't answer, or refuses; the message never holds the password
 */
export async function signIn(
  providerUrl: string,
  person: Pick<Person, 'issuer' | 'subject'>,
  password: string,
): Promise<SignedIn> {
  const metadata = await readMetadata(toIssuerUrl(providerUrl, person.issuer));
  const verifier = randomBytes(32).toString('base64url');
  const code = await getCode(metadata, verifier, { subject: person.subject, password });
  const response = await fetch(metadata.token_endpoint, {
    method: 'POST',
    body: new URLSearchParams({
      ...{ grant_type: 'authorization_code', client_id: client.id, code },
      ...{ redirect_uri: client.redirectUri, code_verifier: verifier },
    }),
    signal: AbortSignal.timeout(answerTimeoutMs),
  });
  const token = (await response.json()) as { access_token?: string; expires_in?: number };
  if (token.access_token === undefined || token.expires_in === undefined) {
    throw new Error(`the OpenID provider gave no token (status ${response.status})`);
  }
  const expiresAt = new Date(Date.now() + token.expires_in * 1000).toISOString();
  return { accessToken: token.access_token, expiresAt };
}

async function readMetadata(issuer: string): Promise<Metadata> {
  const response = await fetch(`${issuer}/.well-known/openid-configuration`, {
    signal: AbortSignal.timeout(answerTimeoutMs),
  });
  const metadata = (await response.json()) as Metadata;
  if (metadata.issuer !== issuer) throw new Error(`${issuer} says that it is ${metadata.issuer}`);
  return metadata;
}

async function getCode(
  { issuer, authorization_endpoint: endpoint }: Metadata,
  verifier: string,
  form: Readonly<Record<string, string>>,
): Promise<string> {
  const state = randomBytes(16).toString('base64url');
  const request = new URL(endpoint);
  request.search = new URLSearchParams({
    ...{ response_type: 'code', client_id: client.id, redirect_uri: client.redirectUri, state },
    ...{ scope: 'openid', code_challenge_method: 'S256' },
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  }).toString();
  const browse = createBrowser();
  const page = await browse(request.href);
  if (page.status !== 200) throw new Error(`there is no sign-in page (status ${page.status})`);
  const end = await browse(page.url, new URLSearchParams(form));
  if (!end.url.startsWith(`${client.redirectUri}?`)) {
    throw new Error(`the OpenID provider refused the sign-in of ${form['subject'] ?? ''}`);
  }
  const answer = new URL(end.url).searchParams;
  const code = answer.get('code');
  // `iss` tells an answer from another issuer's (RFC 9207), `state` from another request's.
  if (code === null || answer.get('state') !== state || answer.get('iss') !== issuer) {
    throw new Error(`the OpenID provider answered: ${answer.get('error') ?? 'no code'}`);
  }
  return code;
}

/** Follows redirects with cookies until a page, or until one leads back to the application. */
function createBrowser() {
  const cookies = new Map<string, string>();
  return async (
    first: string,
    form?: URLSearchParams,
  ): Promise<{ url: string; status: number }> => {
    let url = first;
    let body = form;
    for (;;) {
      const response = await fetch(url, {
        ...(body === undefined ? {} : { method: 'POST', body }),
        headers: { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') },
        redirect: 'manual',
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      await response.body?.cancel();
      for (const cookie of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
        cookies.set(name, value);
      }
      const location = response.headers.get('location');
      if (location === null) return { url, status: response.status };
      url = new URL(location, url).href;
      body = undefined;
      if (url.startsWith(client.redirectUri)) return { url, status: response.status };
    }
  };
}
