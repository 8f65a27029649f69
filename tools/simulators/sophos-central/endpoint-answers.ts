import { randomUUID } from 'node:crypto';
import { ok, pageByKey, readNumber, tenantOf } from './answer.ts';
import type { Answers, Call } from './answer.ts';
import type { Endpoint } from './estate.ts';
import type { Isolation, State } from './state.ts';
import { badRequest, notFound } from './vendor-error.ts';

export const endpointAnswers: Answers = {
  endpoints: (call) => {
    const wanted = tenantOf(call).endpoints.filter((endpoint) => isWanted(call, endpoint));
    const page = pageByKey(wanted, {
      fromKey: call.query.get('pageFromKey'),
      size: readNumber(call, 'pageSize', { fallback: 50, min: 1, max: 500 }),
      maxSize: 500,
      withTotal: call.query.get('pageTotal') === 'true',
    }) as { readonly items: readonly Endpoint[]; readonly pages: object };
    return ok({ ...page, items: page.items.map((endpoint) => toView(call, endpoint)) });
  },
  endpoint: (call) => ok(toView(call, endpointOf(call))),
  isolation: (call) => ok(toShownIsolation(call.state, endpointOf(call).id, call.now)),
  isolate: (call) => {
    const { ids, ...asked } = call.body as AskedIsolation & { readonly ids: readonly string[] };
    const known = new Set(tenantOf(call).endpoints.map(({ id }) => id));
    const unknown = ids.find((id) => !known.has(id));
    if (unknown !== undefined) throw badRequest(`Body field 'ids': no endpoint '${unknown}'.`);
    for (const id of ids) askForIsolation(call, id, asked);
    const items = ids.map((id) => ({
      ...{ id, isolation: toShownIsolation(call.state, id, call.now) },
    }));
    return { status: 202, body: { items } };
  },
  isolateOne: (call) => {
    const { id } = endpointOf(call);
    askForIsolation(call, id, call.body as AskedIsolation);
    return ok(toShownIsolation(call.state, id, call.now));
  },
  scan: (call) => {
    const scan = { id: randomUUID(), endpointId: endpointOf(call).id };
    call.state.scans.push(scan);
    const requestedAt = new Date(call.now).toISOString();
    return { status: 201, body: { id: scan.id, status: 'requested', requestedAt } };
  },
};

interface AskedIsolation {
  readonly enabled: boolean;
  readonly comment?: string;
}

function endpointOf(call: Call): Endpoint {
  const endpoint = tenantOf(call).endpoints.find(({ id }) => id === call.params['endpointId']);
  if (!endpoint) throw notFound('No such endpoint.');
  return endpoint;
}

const notIsolated: Isolation = { enabled: false, comment: null, by: '', doneAt: 0 };

/** Accepted now, done a while later. */
function askForIsolation(call: Call, endpointId: string, asked: AskedIsolation): void {
  const { state, client, now } = call;
  state.isolations.set(endpointId, {
    before: isolationNow(state, endpointId, now),
    asked: {
      ...{ enabled: asked.enabled, comment: asked.comment ?? null, by: client.clientId },
      doneAt: now + state.options.delayMs,
    },
  });
}

function isolationNow(state: State, endpointId: string, now: number): Isolation {
  const known = state.isolations.get(endpointId);
  if (!known) return notIsolated;
  return known.asked.doneAt <= now ? known.asked : known.before;
}

function toShownIsolation(state: State, endpointId: string, now: number): object {
  const { enabled, comment, by, doneAt } = isolationNow(state, endpointId, now);
  if (doneAt === 0) return { enabled };
  const at = new Date(doneAt).toISOString();
  const who = { type: 'service', name: by };
  return {
    enabled,
    ...(enabled
      ? { lastEnabledAt: at, lastEnabledBy: who }
      : { lastDisabledAt: at, lastDisabledBy: who }),
    ...(comment === null ? {} : { comment }),
  };
}

function isWanted(call: Call, endpoint: Endpoint): boolean {
  const { query, state, now } = call;
  const lastSeenAt = Date.parse(lastSeen(call));
  const isolated = isolationNow(state, endpoint.id, now).enabled ? 'isolated' : 'notIsolated';
  const oneOf = (name: string, value: string): boolean =>
    !query.has(name) || (query.get(name) ?? '').split(',').includes(value);
  const [before, after] = [readTime(call, 'lastSeenBefore'), readTime(call, 'lastSeenAfter')];
  return (
    oneOf('healthStatus', endpoint.health) &&
    oneOf('type', endpoint.type) &&
    oneOf('isolationStatus', isolated) &&
    oneOf('ids', endpoint.id) &&
    oneOf('online', 'true') &&
    oneOf('tamperProtectionEnabled', String(endpoint.isTamperProtected)) &&
    endpoint.hostname.toLowerCase().includes((query.get('hostnameContains') ?? '').toLowerCase()) &&
    (before === null || lastSeenAt < before) &&
    (after === null || lastSeenAt >= after)
  );
}

/** A time, or a duration in whole days back from now such as `-P30D`. */
function readTime({ query, now }: Call, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  const days = /^-P(\d+)D$/.exec(text)?.[1];
  const at = days === undefined ? Date.parse(text) : now - Number(days) * 86_400_000;
  if (Number.isNaN(at)) throw badRequest(`Query parameter '${name}' is no time and no duration.`);
  return at;
}

/** They are all online; the inventory says so once a minute. */
function lastSeen({ now }: Call): string {
  return new Date(now - (now % 60_000)).toISOString();
}

function toView(call: Call, endpoint: Endpoint): object {
  const view = call.query.get('view') ?? 'summary';
  if (!['basic', 'summary', 'full'].includes(view)) {
    throw badRequest(`Query parameter 'view' is basic, summary or full.`);
  }
  const { id, type, hostname } = endpoint;
  const basic = { id, type, tenant: { id: tenantOf(call).id }, hostname };
  if (view === 'basic') return basic;
  const { enabled } = isolationNow(call.state, id, call.now);
  return {
    ...basic,
    ...toState(endpoint),
    lastSeenAt: lastSeen(call),
    online: true,
    isolation: {
      ...{ status: enabled ? 'isolated' : 'notIsolated', adminIsolated: enabled },
      selfIsolated: false,
    },
    ...(view === 'full' ? toDetails() : {}),
  };
}

function toState(endpoint: Endpoint): object {
  const isServer = endpoint.type === 'server';
  return {
    health: {
      overall: endpoint.health,
      threats: { status: endpoint.health },
      services: {
        status: 'good',
        serviceDetails: [{ name: 'Sophos Endpoint Defense', status: 'running' }],
      },
    },
    os: {
      ...{ isServer, platform: 'windows' },
      name: isServer ? 'Windows Server 2022' : 'Windows 11 Pro',
      ...{ majorVersion: 10, minorVersion: 0, build: isServer ? 20_348 : 22_631 },
    },
    ipv4Addresses: [endpoint.ip],
    ipv6Addresses: [],
    macAddresses: [endpoint.mac],
    associatedPerson: { viaLogin: endpoint.user },
    tamperProtectionEnabled: endpoint.isTamperProtected,
    assignedProducts: [
      { code: 'coreAgent', version: '2024.1.0', status: 'installed' },
      { code: 'interceptX', version: '2024.1.0', status: 'installed' },
    ],
  };
}

function toDetails(): object {
  return {
    encryption: { volumes: [] },
    lockdown: { status: 'notInstalled', updateStatus: 'notInstalled' },
  };
}
