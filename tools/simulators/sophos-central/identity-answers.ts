import { randomBytes } from 'node:crypto';
import { ok, pageByNumber } from './answer.ts';
import type { Answers, Call } from './answer.ts';
import type { Tenant } from './estate.ts';
import type { Client, State } from './state.ts';
import { LoginError, notFound, VendorError } from './vendor-error.ts';

const loginFields = ['grant_type', 'scope', 'client_id', 'client_secret'];

/**
 * Gives a token for a client's secret.
 * @param form the body, as `application/x-www-form-urlencoded`
 * @throws {LoginError} a field that is not documented, or that is wrong
 */
export function giveToken(state: State, form: string, now: number): object {
  const given = new URLSearchParams(form);
  for (const name of given.keys()) {
    if (!loginFields.includes(name)) {
      throw new LoginError(400, 'oauth.invalid_request', `Form field '${name}' is not documented.`);
    }
  }
  if (given.get('grant_type') !== 'client_credentials') {
    throw new LoginError(400, 'oauth.unsupported_grant_type', 'grant_type is client_credentials.');
  }
  if (given.get('scope') !== 'token') {
    throw new LoginError(400, 'oauth.invalid_scope', 'scope is token.');
  }
  const client = state.clients.find(({ clientId }) => clientId === given.get('client_id'));
  if (!client) throw new LoginError(401, 'oauth.invalid_client_id', 'No such client.');
  if (client.clientSecret !== given.get('client_secret')) {
    throw new LoginError(401, 'oauth.invalid_client_secret', 'The client secret is wrong.');
  }
  const { tokenSeconds } = state.options;
  const token = randomBytes(24).toString('base64url');
  state.tokens.set(token, { client, until: now + tokenSeconds * 1_000 });
  return {
    access_token: token,
    token_type: 'bearer',
    expires_in: tokenSeconds,
    errorCode: 'success',
    message: 'OK',
    trackingId: randomBytes(8).toString('hex'),
  };
}

/** @throws {VendorError} 401: no token, one that nobody was given, or one that has ended */
export function readToken(state: State, authorization: string | undefined, now: number): Client {
  const token = /^Bearer (\S+)$/.exec(authorization ?? '')?.[1] ?? '';
  const known = state.tokens.get(token);
  if (!known) throw unauthorized('The bearer token is missing or unknown.');
  if (known.until <= now) throw unauthorized('The bearer token has expired.');
  return known.client;
}

export function unauthorized(message: string): VendorError {
  return new VendorError(401, 'Unauthorized', message);
}

export const identityAnswers: Answers = {
  whoami: ({ client, state, globalUrl, hostOf }) => {
    const own = state.tenants.find(({ id }) => id === client.id);
    const dataRegion = own ? hostOf(own) : null;
    return ok({
      id: client.id,
      idType: client.idType,
      apiHosts: { global: globalUrl, ...(dataRegion === null ? {} : { dataRegion }) },
    });
  },
  partnerTenants: (call) => ok(pageByNumber(call, tenantsOf(call), 100)),
  organizationTenants: (call) => ok(pageByNumber(call, tenantsOf(call), 100)),
  partnerTenant: (call) => ok(namedTenant(call)),
  organizationTenant: (call) => ok(namedTenant(call)),
};

function namedTenant(call: Call): object {
  const tenant = tenantsOf(call).find(({ id }) => id === call.params['tenantId']);
  if (!tenant) throw notFound('No such tenant.');
  return tenant;
}

function tenantsOf(call: Call) {
  return call.state.tenants.map((tenant) => toListedTenant(call, tenant));
}

function toListedTenant({ state, hostOf }: Call, tenant: Tenant) {
  const apiHost = hostOf(tenant);
  return {
    id: tenant.id,
    name: tenant.name,
    showAs: tenant.name,
    dataGeography: tenant.geography,
    dataRegion: tenant.region,
    billingType: tenant.billingType,
    partner: { id: state.partnerId },
    organization: { id: state.organizationId },
    ...(apiHost === null ? {} : { apiHost }),
  };
}
