import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSophosCentral } from './sophos-central.ts';
import type { Addresses, SophosCentral } from './sophos-central.ts';
import type { Tenant } from './estate.ts';

let clock = Date.UTC(2026, 0, 5, 12);
let central: SophosCentral;
let addresses: Addresses;
let mills: Tenant;
let token: string;

beforeAll(async () => {
  const options = { itemsPerFeed: 250, endpointsPerTenant: 6, callsPerMinute: 10_000 };
  central = createSophosCentral({ ...options, clock: () => clock });
  addresses = await central.listen();
  mills = tenantNamed('Harbour Mills');
});

afterAll(() => central.close());

beforeEach(async () => {
  central.state.faults.clear();
  token = await signIn('simulated-partner');
});

function tenantNamed(name: string): Tenant {
  const tenant = central.state.tenants.find((each) => each.name === name);
  if (!tenant) throw new Error(`no tenant ${name}`);
  return tenant;
}

async function signIn(clientId: string): Promise<string> {
  const { body } = await login({
    ...{ grant_type: 'client_credentials', scope: 'token', client_id: clientId },
    client_secret: `secret-of-${clientId}`,
  });
  return String(body['access_token']);
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

async function login(form: Readonly<Record<string, string>>): Promise<Answer> {
  const url = `${addresses.loginUrl}/api/v2/oauth2/token`;
  return read(await fetch(url, { method: 'POST', body: new URLSearchParams(form) }));
}

async function read(response: Response): Promise<Answer> {
  const body = (await response.json()) as Answer['body'];
  return { status: response.status, headers: response.headers, body };
}

/** Calls for a tenant at its own address. */
async function call(
  path: string,
  given: {
    readonly method?: string;
    readonly body?: unknown;
    readonly tenant?: Tenant;
    readonly headers?: Readonly<Record<string, string>>;
    readonly host?: string;
  } = {},
): Promise<Answer> {
  const tenant = given.tenant ?? mills;
  const host = given.host ?? addresses.regions[tenant.region] ?? '';
  const headers = given.headers ?? {
    authorization: `Bearer ${token}`,
    'x-tenant-id': tenant.id,
  };
  return read(
    await fetch(host + path, {
      method: given.method ?? 'GET',
      headers,
      ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
    }),
  );
}

async function admin(method: string, path: string, body?: object): Promise<Answer> {
  const text = body ? { body: JSON.stringify(body) } : {};
  return read(await fetch(addresses.adminUrl + path, { method, ...text }));
}

describe('signing in', () => {
  it('gives a token for an hour, and says in every answer that it is simulated', async () => {
    const whoami = await call('/whoami/v1', {
      host: addresses.apiUrl,
      headers: { authorization: `Bearer ${token}` },
    });
    expect(whoami).toMatchObject({
      status: 200,
      body: { idType: 'partner', apiHosts: { global: addresses.apiUrl } },
    });
    expect(whoami.headers.get('x-vedette-simulated')).toBe('true');
  });

  it('is refused with the wrong secret, and with a field that is not documented', async () => {
    const right = { grant_type: 'client_credentials', scope: 'token', client_id: 'simulated-hm' };
    expect(await login({ ...right, client_secret: 'wrong' })).toMatchObject({
      status: 401,
      body: { errorCode: 'oauth.invalid_client_secret' },
    });
    expect(await login({ ...right, password: 'x' })).toMatchObject({ status: 400 });
  });

  it('ends: an old token is refused', async () => {
    clock += 3_600_000;
    expect(await call('/siem/v1/events')).toMatchObject({
      status: 401,
      body: { error: 'Unauthorized', message: 'The bearer token has expired.' },
    });
  });
});

describe("the partner's tenants", () => {
  it('come in pages, one of them without an address', async () => {
    const headers = {
      authorization: `Bearer ${token}`,
      'x-partner-id': central.state.partnerId,
    };
    const host = addresses.apiUrl;
    const path = '/partner/v1/tenants?pageTotal=true&pageSize=4&page=';
    const [first, second] = [
      await call(`${path}1`, { host, headers }),
      await call(`${path}2`, { host, headers }),
    ];
    expect(first.body['pages']).toEqual({ current: 1, size: 4, maxSize: 100, total: 2, items: 6 });
    const tenants = [first, second].flatMap(({ body }) => body['items'] as { name: string }[]);
    expect(tenants).toHaveLength(6);
    expect(tenants.filter((tenant) => !('apiHost' in tenant))).toMatchObject([
      { name: 'Quarry Lane Foods' },
    ]);
  });

  it('are refused where a term customer has not let the partner in', async () => {
    const tenant = tenantNamed('Tidewater Legal');
    expect(await call('/siem/v1/events', { tenant })).toMatchObject({ status: 403 });
    token = await signIn(tenant.clientId);
    expect(await call('/siem/v1/events', { tenant })).toMatchObject({ status: 200 });
  });

  it("answer at their own region's address only, and to their own credentials", async () => {
    const host = addresses.regions['us01'] ?? '';
    expect(await call('/siem/v1/events', { host })).toMatchObject({ status: 400 });
    token = await signIn('simulated-kf');
    expect(await call('/siem/v1/events')).toMatchObject({ status: 403 });
  });
});

describe('what no documented shape has', () => {
  it.each([
    ['a path', '/siem/v1/incidents', 'GET', undefined, 404, 'siem/v1/incidents'],
    ['a method', '/siem/v1/events', 'POST', {}, 405, 'GET'],
    ['a parameter', '/siem/v1/events?since=1', 'GET', undefined, 400, "'since'"],
    ['a parameter twice', '/siem/v1/events?limit=200&limit=300', 'GET', undefined, 400, 'twice'],
    ['a limit', '/siem/v1/events?limit=50', 'GET', undefined, 400, '200 to 1000'],
    ['a date too old', '/siem/v1/events?from_date=1', 'GET', undefined, 400, 'from_date'],
    ['a cursor', '/siem/v1/events?cursor=abc', 'GET', undefined, 400, 'cursor'],
    ['a body field', '/detections/v1/queries/detections', 'POST', { until: 1 }, 400, 'until'],
    ['a page key', '/endpoint/v1/endpoints?pageFromKey=x', 'GET', undefined, 400, 'pageFromKey'],
    ['a check', '/account-health-check/v1/health-check?checks=luck', 'GET', undefined, 400, 'luck'],
  ])('is refused: %s', async (_, path, method, body, status, named) => {
    const answer = await call(path, { method, ...(body ? { body } : {}) });
    expect(answer).toMatchObject({ status, body: { error: expect.any(String) } });
    expect(answer.body['message']).toContain(named);
  });

  it('is refused: results before the run is finished, and a run of somebody else', async () => {
    const path = '/detections/v1/queries/detections';
    const run = await call(path, { method: 'POST', body: {} });
    expect(run).toMatchObject({ status: 201, body: { status: 'started' } });
    const results = `${path}/${String(run.body['id'])}/results?pageSize=100&page=1`;
    expect(await call(results)).toMatchObject({ status: 400 });
    expect(await call(results, { tenant: tenantNamed('Juniper Dental') })).toMatchObject({
      status: 404,
    });
    clock += 600;
    const page = await call(results);
    expect(page.status).toBe(200);
    expect(page.body['items']).toHaveLength(100);
  });

  it('is said where it is documented and not played', async () => {
    expect(await call('/endpoint/v1/endpoints?sort=hostname')).toMatchObject({ status: 501 });
  });
});

describe('the SIEM feed', () => {
  interface Page {
    readonly has_more: boolean;
    readonly next_cursor: string;
    readonly items: readonly { readonly id: string }[];
  }
  const pageOf = async (query: string): Promise<Page> =>
    (await call(`/siem/v1/events?${query}`)).body as unknown as Page;

  it('is read to its end by cursors, and goes on from there', async () => {
    const first = await pageOf('limit=200');
    expect(first).toMatchObject({ has_more: true });
    const rest = await pageOf(`limit=200&cursor=${first.next_cursor}`);
    expect(rest).toMatchObject({ has_more: false });
    const ids = [...first.items, ...rest.items].map(({ id }) => id);
    expect(new Set(ids).size).toBe(250);
    const empty = await pageOf(`cursor=${rest.next_cursor}`);
    expect(empty).toMatchObject({ has_more: false, items: [] });
    clock += 1_000;
    central.state.add({ tenantId: mills.id, feed: 'events', count: 2 });
    clock += 1_000;
    expect((await pageOf(`cursor=${empty.next_cursor}`)).items).toHaveLength(2);
  });

  it('shows what comes late to who reads back only', async () => {
    const before = await pageOf('limit=1000');
    await admin('POST', '/records', { tenantId: mills.id, feed: 'events', lateBySeconds: 120 });
    expect((await pageOf(`cursor=${before.next_cursor}`)).items).toEqual([]);
    const from = Math.floor(clock / 1_000) - 300;
    expect((await pageOf(`from_date=${from}`)).items.length).toBeGreaterThan(0);
  });
});

describe('what is asked of endpoints and firewalls', () => {
  it('is accepted at once, and true later', async () => {
    const [endpoint] = mills.endpoints;
    const path = `/endpoint/v1/endpoints/${endpoint?.id ?? ''}/isolation`;
    const body = { enabled: true, comment: 'case 7', ids: [endpoint?.id] };
    const asked = await call('/endpoint/v1/endpoints/isolation', { method: 'POST', body });
    expect(asked.status).toBe(202);
    expect((await call(path)).body).toEqual({ enabled: false });
    clock += 600;
    expect((await call(path)).body).toMatchObject({ enabled: true, comment: 'case 7' });
    const isolated = await call('/endpoint/v1/endpoints?isolationStatus=isolated&view=basic');
    expect(isolated.body['items']).toMatchObject([{ id: endpoint?.id }]);
  });

  it('is a transaction that is looked up, on a firewall', async () => {
    const firewall = `/firewall/v1/firewall-config/firewalls/${mills.firewalls[0]?.id ?? ''}`;
    const feed = `${firewall}/mdr-threat-feed/indicators`;
    const indicators = [{ value: '203.0.113.77', type: 'ipv4-addr' }];
    await call(feed, { method: 'POST', body: { indicators } });
    const search = await call(`${feed}/search`, {
      method: 'POST',
      body: { indicatorValues: ['203.0.113.77', '203.0.113.78'] },
    });
    expect(search.status).toBe(202);
    const transaction = `${firewall}/transactions/${String(search.body['transactionId'])}`;
    expect((await call(transaction)).body).toMatchObject({ status: 'pending' });
    clock += 600;
    expect((await call(transaction)).body).toMatchObject({
      status: 'finished',
      response: { indicators },
    });
  });

  it('pages by key, in all views', async () => {
    const first = await call('/endpoint/v1/endpoints?view=full&pageSize=4');
    expect(first.body['items']).toHaveLength(4);
    const { nextKey } = first.body['pages'] as { nextKey: string };
    const rest = await call(`/endpoint/v1/endpoints?view=full&pageSize=4&pageFromKey=${nextKey}`);
    expect(rest.body['items']).toHaveLength(2);
    expect(rest.body['pages']).not.toHaveProperty('nextKey');
  });
});

describe('alerts, posture, policies and scans', () => {
  it('fit together', async () => {
    const alerts = await call('/common/v1/alerts?severity=high&pageSize=5');
    const [alert] = alerts.body['items'] as { id: string }[];
    const actions = `/common/v1/alerts/${alert?.id ?? ''}/actions`;
    const act = (action: string) => call(actions, { method: 'POST', body: { action } });
    expect(await act('cleanPua')).toMatchObject({ status: 400 });
    expect(await act('acknowledge')).toMatchObject({ status: 201, body: { status: 'started' } });
    const health = await call('/account-health-check/v1/health-check?checks=protection');
    expect(health.body['endpoint']).toMatchObject({ protection: { computer: { total: 5 } } });
    expect(await call('/endpoint/v1/policies?policyType=threat-protection')).toMatchObject({
      body: { items: [{ type: 'threat-protection' }] },
    });
    const scan = `/endpoint/v1/endpoints/${mills.endpoints[1]?.id ?? ''}/scans`;
    expect(await call(scan, { method: 'POST', body: {} })).toMatchObject({ status: 201 });
    expect((await admin('GET', '/state')).body).toMatchObject({
      simulated: true,
      scans: [{ endpointId: mills.endpoints[1]?.id }],
      alertActions: [{ action: 'acknowledge' }],
    });
  });
});

describe('faults', () => {
  const ask = (fault: object) => admin('POST', '/faults', fault);

  it.each([
    ['RATE_LIMITED', 429],
    ['UNAUTHORIZED', 401],
    ['SERVER_ERROR', 500],
  ])('happen as often as asked for: %s', async (kind, status) => {
    await ask({ kind, times: 1, after: 1, operation: 'siemEvents', retryAfterSeconds: 7 });
    expect(await call('/siem/v1/events')).toMatchObject({ status: 200 });
    const failed = await call('/siem/v1/events');
    expect(failed.status).toBe(status);
    if (status === 429) expect(failed.headers.get('retry-after')).toBe('7');
    token = await signIn('simulated-partner');
    expect(await call('/siem/v1/events')).toMatchObject({ status: 200 });
  });

  it('kill cursors, and answer items twice', async () => {
    const { body } = await call('/siem/v1/events');
    await ask({ kind: 'DEAD_CURSOR', status: 410 });
    expect(await call('/siem/v1/events')).toMatchObject({ status: 200 });
    const cursor = `/siem/v1/events?cursor=${String(body['next_cursor'])}`;
    expect(await call(cursor)).toMatchObject({ status: 410 });
    await ask({ kind: 'DUPLICATES' });
    const twice = (await call('/siem/v1/events')).body['items'] as { id: string }[];
    expect(twice[0]?.id).toBe(twice[1]?.id);
  });

  it('are refused where there are none like it', async () => {
    expect(await ask({ kind: 'EARTHQUAKE' })).toMatchObject({ status: 400 });
  });

  it('can be a quota that is used up', async () => {
    const small = createSophosCentral({ callsPerMinute: 1, clock: () => clock });
    const there = await small.listen();
    small.state.tokens.set('t', {
      client: small.state.clients[0] ?? {
        clientId: '',
        clientSecret: '',
        idType: 'partner',
        id: '',
      },
      until: Infinity,
    });
    const whoami = () =>
      fetch(`${there.apiUrl}/whoami/v1`, { headers: { authorization: 'Bearer t' } });
    expect((await whoami()).status).toBe(200);
    expect((await whoami()).status).toBe(429);
    await small.close();
  });
});
