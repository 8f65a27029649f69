import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { JsonRecord } from '../../connector-definition.ts';
import type { SophosCredentials, SophosSettings } from '../sophos-settings.ts';
import { CentralFailure } from './central-failure.ts';
import { createCentralSession, sophosAddresses } from './central-session.ts';
import type { CentralAddresses, CentralSession } from './central-session.ts';
import { createCentralTransport } from './central-transport.ts';
import { createRequestPace, publishedPace } from './request-pace.ts';
import type { PaceOptions } from './request-pace.ts';

/** One tenant of Sophos Central, at its own region's address. */
export interface SophosCentralClient {
  /** @throws {CentralFailure} */
  get(path: string, query?: Readonly<Record<string, string | number>>): Promise<JsonRecord>;
  /** @throws {CentralFailure} */
  post(path: string, body: object): Promise<JsonRecord>;
}

export interface SophosCentralClients {
  /**
   * The client of a connector's tenant. Tokens and the quota are shared by all that use the same credentials.
   * @throws {CentralFailure} the credentials do not reach the tenant, or it has no address yet
   */
  of(credentials: SophosCredentials, settings: SophosSettings): Promise<SophosCentralClient>;
}

export interface ClientsOptions {
  /** Whether a stand-in on this machine may be called where a connector's settings name one. */
  readonly allowSimulators: boolean;
  readonly pace?: PaceOptions;
  /** Epoch milliseconds. */
  readonly clock?: () => number;
}

/** How long what was found out about a credential or a tenant counts. */
const knownForMs = 3_600_000;

interface Known {
  readonly session: CentralSession;
  readonly addresses: CentralAddresses;
  readonly tenants: Map<string, { readonly target: Promise<Target>; readonly until: number }>;
}

interface Target {
  readonly tenantId: string;
  readonly apiHost: string;
  /** A term customer of a partner, who has to let its partner in. */
  readonly isTermCustomer: boolean;
}

export function createSophosCentralClients({
  allowSimulators,
  pace = publishedPace,
  clock = Date.now,
}: ClientsOptions): SophosCentralClients {
  const known = new Map<string, Known>();
  const sessionOf = (credentials: SophosCredentials, settings: SophosSettings): Known => {
    const addresses = addressesOf(settings, allowSimulators);
    const key = digest(credentials, addresses);
    const present = known.get(key);
    if (present) return present;
    const transport = createCentralTransport(simulatorPortOf(addresses));
    const requestPace = createRequestPace(pace, clock);
    const session = createCentralSession({
      ...{ addresses, credentials, transport, clock, pace: requestPace },
    });
    const made: Known = { session, addresses, tenants: new Map() };
    known.set(key, made);
    return made;
  };
  return {
    of: async (credentials, settings) => {
      const { session, addresses, tenants } = sessionOf(credentials, settings);
      const key = settings.tenantId ?? '';
      const present = tenants.get(key);
      const fresh = present && present.until > clock() ? present.target : null;
      const target = fresh ?? findTarget(session, addresses, settings.tenantId);
      if (!fresh) tenants.set(key, { target, until: clock() + knownForMs });
      // What was not found is looked for again next time.
      target.catch(() => tenants.delete(key));
      return createClient(session, await target);
    },
  };
}

function addressesOf(settings: SophosSettings, allowSimulators: boolean): CentralAddresses {
  const { loginUrl, apiUrl } = settings;
  if (loginUrl === undefined && apiUrl === undefined) return sophosAddresses;
  if (!allowSimulators || loginUrl === undefined || apiUrl === undefined) {
    throw new CentralFailure(
      'FORBIDDEN',
      allowSimulators
        ? 'A simulator needs both loginUrl and apiUrl.'
        : 'This installation calls no simulators: remove loginUrl and apiUrl.',
    );
  }
  return { loginUrl: withoutSlash(loginUrl), apiUrl: withoutSlash(apiUrl) };
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}

function simulatorPortOf(addresses: CentralAddresses): number | null {
  return addresses === sophosAddresses ? null : Number(new URL(addresses.apiUrl).port);
}

/** By what a session is found again; the secret is in no key of a map that a dump may show. */
function digest(credentials: SophosCredentials, { loginUrl, apiUrl }: CentralAddresses): string {
  const parts = [loginUrl, apiUrl, credentials.clientId, credentials.clientSecret];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

const whoamiAnswer = z.object({
  id: z.string().min(1),
  idType: z.enum(['partner', 'organization', 'tenant']),
  apiHosts: z.object({ global: z.string().optional(), dataRegion: z.string().optional() }),
});

const tenantAnswer = z.object({
  id: z.string().min(1),
  billingType: z.string().optional(),
  apiHost: z.string().optional(),
});

async function findTarget(
  session: CentralSession,
  { apiUrl }: CentralAddresses,
  tenantId: string | undefined,
): Promise<Target> {
  const me = readAs(whoamiAnswer, await session.call({ url: `${apiUrl}/whoami/v1` }));
  if (me.idType === 'tenant') {
    if (tenantId !== undefined && tenantId !== me.id) {
      throw unknownTenant('The credentials are of another tenant than tenantId says.');
    }
    return toTarget(me.id, me.apiHosts.dataRegion, false);
  }
  if (tenantId === undefined) {
    throw unknownTenant('The credentials reach many tenants: tenantId has to say which.');
  }
  const global = withoutSlash(me.apiHosts.global ?? apiUrl);
  const answer = await session.call({
    url: `${global}/${me.idType}/v1/tenants/${tenantId}`,
    headers: { [`x-${me.idType}-id`]: me.id },
  });
  const { apiHost, billingType } = readAs(tenantAnswer, answer);
  return toTarget(tenantId, apiHost, billingType === 'term');
}

function toTarget(tenantId: string, apiHost: string | undefined, isTermCustomer: boolean): Target {
  if (apiHost === undefined) {
    throw unknownTenant('Sophos Central has not set the tenant up yet: it has no address.');
  }
  return { tenantId, apiHost: withoutSlash(apiHost), isTermCustomer };
}

function unknownTenant(message: string): CentralFailure {
  return new CentralFailure('TENANT_UNKNOWN', message);
}

function readAs<T>(schema: z.ZodType<T>, answer: JsonRecord): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new CentralFailure('UNREADABLE', 'Sophos Central answered what cannot be read.');
}

function createClient(session: CentralSession, target: Target): SophosCentralClient {
  const headers = { 'x-tenant-id': target.tenantId };
  const call = async (path: string, body?: object): Promise<JsonRecord> => {
    try {
      return await session.call({
        ...{ url: `${target.apiHost}${path}`, headers },
        ...(body ? { body } : {}),
      });
    } catch (error) {
      throw explain(error, target);
    }
  };
  return {
    get: (path, query = {}) => {
      const text = new URLSearchParams(
        Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
      ).toString();
      return call(text === '' ? path : `${path}?${text}`);
    },
    post: (path, body) => call(path, body),
  };
}

/** Of a term customer, 403 has one usual cause, which its people can mend. */
function explain(error: unknown, { isTermCustomer }: Target): unknown {
  if (!(error instanceof CentralFailure) || error.code !== 'FORBIDDEN' || !isTermCustomer) {
    return error;
  }
  return new CentralFailure(
    'FORBIDDEN',
    'The customer has not turned on partner assistance in Sophos Central.',
  );
}
