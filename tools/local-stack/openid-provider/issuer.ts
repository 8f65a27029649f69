import type { IncomingMessage, ServerResponse } from 'node:http';
import type { JWK } from 'jose';
import Provider, { errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider';
import { people, type IssuerName, type Person } from '../people.ts';
import { audience, client, mfaAcr } from './application.ts';
import { localOnlyNotice, pageHeaders, toErrorPage } from './login-page.ts';
import { signatureAlgorithm } from './secrets.ts';

/** What the product's API is called among the resources that a token can be for (RFC 8707). */
const resource = 'urn:vedette:api';
const passwordAcr = 'urn:vedette:acr:password';
const tokenLifeSeconds = 3600;
const codeLifeSeconds = 60;
const signInSeconds = 600;

export interface IssuerOptions {
  readonly name: IssuerName;
  /** Its identifier, and where it is. */
  readonly url: string;
  readonly signingKey: JWK;
  readonly cookieKey: string;
  readonly onError: (error: Error) => void;
}

export interface Issuer {
  readonly name: IssuerName;
  /** Answers a request that is not for the sign-in page. */
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  /** Whether a request belongs to a sign-in that an application has begun. */
  readonly isSigningIn: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
  /** Ends the sign-in of a person who has shown who they are, and leads back to the application. */
  readonly finishSignIn: (
    request: IncomingMessage,
    response: ServerResponse,
    person: Person,
  ) => Promise<void>;
}

/** One OpenID provider with the people that it vouches for. It keeps sign-ins in memory. */
export function createIssuer(options: IssuerOptions): Issuer {
  const provider = new Provider(options.url, toConfiguration(options));
  provider.on('server_error', (_ctx, error: Error) => options.onError(error));
  return {
    name: options.name,
    answer: provider.callback(),
    isSigningIn: (request, response) =>
      provider.interactionDetails(request, response).then(
        () => true,
        (error: unknown) => {
          if (error instanceof errors.SessionNotFound) return false;
          throw error;
        },
      ),
    finishSignIn: (request, response, { subject, hasMfa }) =>
      provider.interactionFinished(request, response, {
        login: {
          accountId: subject,
          // RFC 8176.
          amr: hasMfa ? ['pwd', 'otp', 'mfa'] : ['pwd'],
          acr: hasMfa ? mfaAcr : passwordAcr,
          remember: false,
        },
        // There is nothing to consent to: the application is ours.
        consent: {},
      }),
  };
}

/** The person of an issuer with this `sub`. */
export function findPerson(issuer: IssuerName, subject: string): Person | undefined {
  return people.find((person) => person.issuer === issuer && person.subject === subject);
}

function toConfiguration({ name, url, signingKey, cookieKey }: IssuerOptions): Configuration {
  const { pathname } = new URL(url);
  return {
    clients: [
      {
        client_id: client.id,
        application_type: 'native',
        token_endpoint_auth_method: 'none',
        grant_types: ['authorization_code'],
        response_types: ['code'],
        redirect_uris: [client.redirectUri],
        id_token_signed_response_alg: signatureAlgorithm,
      },
    ],
    jwks: { keys: [{ ...signingKey, kty: signingKey.kty ?? '' }] },
    responseTypes: ['code'],
    scopes: ['openid'],
    acrValues: [mfaAcr, passwordAcr],
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    findAccount: (_ctx, subject) => toAccount(findPerson(name, subject)),
    extraTokenClaims: (ctx) => toSignInClaims(ctx),
    loadExistingGrant: grantWhatIsAsked,
    cookies: {
      keys: [cookieKey],
      // Cookies know no ports and the issuers share a host: each keeps its own below its path.
      long: { path: pathname, httpOnly: true, sameSite: 'lax' },
      short: { httpOnly: true, sameSite: 'lax' },
    },
    interactions: { url: (_ctx, { uid }) => `${pathname}/interaction/${uid}` },
    ttl: {
      ...{ AccessToken: tokenLifeSeconds, IdToken: tokenLifeSeconds, Grant: tokenLifeSeconds },
      ...{ AuthorizationCode: codeLifeSeconds, Interaction: signInSeconds, Session: signInSeconds },
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      userinfo: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          accessTokenTTL: tokenLifeSeconds,
          jwt: { sign: { alg: signatureAlgorithm } },
        }),
      },
    },
    discovery: { vedette_notice: localOnlyNotice },
    clientBasedCORS: () => false,
    fetch: () => Promise.reject(new Error('the local OpenID provider asks nobody')),
    renderError: (ctx, { error, error_description: description }) => {
      ctx.set(pageHeaders);
      ctx.body = toErrorPage(error, description ?? '');
    },
  };
}

function toAccount(person: Person | undefined) {
  if (!person) return undefined;
  const { subject, name, email } = person;
  return { accountId: subject, claims: () => ({ sub: subject, name, email }) };
}

/** How somebody signed in, which the code that a token is given for remembers. */
function toSignInClaims({ oidc }: KoaContextWithOIDC): { amr?: string[]; acr?: string } {
  const { amr, acr } = oidc.entities.AuthorizationCode ?? {};
  return { ...(amr ? { amr } : {}), ...(acr ? { acr } : {}) };
}

async function grantWhatIsAsked({ oidc }: KoaContextWithOIDC) {
  const { client: asking, session } = oidc;
  if (!asking || session?.accountId === undefined) return undefined;
  const grant = new oidc.provider.Grant({
    clientId: asking.clientId,
    accountId: session.accountId,
  });
  grant.addOIDCScope('openid');
  await grant.save();
  return grant;
}
