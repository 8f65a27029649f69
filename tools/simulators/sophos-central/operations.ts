import { z } from 'zod';
import { badRequest, VendorError } from './vendor-error.ts';

/** Which address answers: the one to sign in at, the global one, or that of the tenant's region. */
type Door = 'LOGIN' | 'GLOBAL' | 'REGION';

/** A documented operation: what it takes, and nothing else is taken. */
export interface Operation {
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Parts that begin with a colon stand for any. */
  readonly path: string;
  readonly door: Door;
  /** The header that names on whose behalf, where one has to. */
  readonly header?: 'x-tenant-id' | 'x-partner-id' | 'x-organization-id';
  /** Names of query parameters. */
  readonly query?: readonly string[];
  /** Parameters that are documented and mean nothing here: using one is answered with 501. */
  readonly unplayed?: readonly string[];
  /** The JSON body; without it none is taken. */
  readonly body?: z.ZodType;
}

const pageByNumber = ['page', 'pageSize', 'pageTotal'];
const pageByKey = ['pageFromKey', 'pageSize', 'pageTotal'];
const time = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'is not a time');
const ids = z.array(z.uuid()).min(1);
const texts = z.array(z.string());

const alertFilters = {
  from: time.optional(),
  to: time.optional(),
  product: texts.optional(),
  category: texts.optional(),
  severity: texts.optional(),
  groupKey: z.string().optional(),
  ids: ids.optional(),
  sort: texts.optional(),
  fields: texts.optional(),
  pageSize: z.int().min(1).max(100).optional(),
  pageFromKey: z.string().optional(),
  pageTotal: z.boolean().optional(),
};

const detectionQuery = z.strictObject({
  from: time.optional(),
  to: time.optional(),
  severity: z.array(z.int().min(0).max(10)).optional(),
  detectionRule: z.string().optional(),
  sort: z
    .array(z.strictObject({ field: z.string(), direction: z.enum(['asc', 'desc']) }))
    .optional(),
});

const indicators = z.strictObject({
  indicators: z.array(z.strictObject({ value: z.string().min(1), type: z.string().min(1) })).min(1),
});

const region = { door: 'REGION', header: 'x-tenant-id' } as const;
const firewall = '/firewall/v1/firewall-config/firewalls/:firewallId';
const runs = '/detections/v1/queries/detections';
const endpoints = '/endpoint/v1/endpoints';

/** All that this stand-in plays. A path without parameters comes before one that would take it as one. */
export const operations = [
  { name: 'token', method: 'POST', path: '/api/v2/oauth2/token', door: 'LOGIN' },
  { name: 'whoami', method: 'GET', path: '/whoami/v1', door: 'GLOBAL' },
  {
    ...{ name: 'partnerTenants', method: 'GET', path: '/partner/v1/tenants', door: 'GLOBAL' },
    ...{ header: 'x-partner-id', query: pageByNumber, unplayed: ['fields'] },
  },
  {
    ...{ name: 'partnerTenant', method: 'GET', path: '/partner/v1/tenants/:tenantId' },
    ...{ door: 'GLOBAL', header: 'x-partner-id', unplayed: ['fields'] },
  },
  {
    ...{ name: 'organizationTenants', method: 'GET', path: '/organization/v1/tenants' },
    ...{ door: 'GLOBAL', header: 'x-organization-id', query: pageByNumber },
  },
  {
    ...{ name: 'organizationTenant', method: 'GET', path: '/organization/v1/tenants/:tenantId' },
    ...{ door: 'GLOBAL', header: 'x-organization-id' },
  },
  {
    ...{ name: 'siemEvents', method: 'GET', path: '/siem/v1/events', ...region },
    query: ['limit', 'cursor', 'from_date', 'exclude_types'],
  },
  {
    ...{ name: 'siemAlerts', method: 'GET', path: '/siem/v1/alerts', ...region },
    query: ['limit', 'cursor', 'from_date'],
  },
  { name: 'startRun', method: 'POST', path: runs, ...region, body: detectionQuery },
  { name: 'run', method: 'GET', path: `${runs}/:runId`, ...region },
  {
    ...{ name: 'runResults', method: 'GET', path: `${runs}/:runId/results`, ...region },
    query: ['page', 'pageSize'],
  },
  {
    ...{ name: 'alerts', method: 'GET', path: '/common/v1/alerts', ...region },
    query: [...pageByKey, 'from', 'to', 'product', 'category', 'severity', 'groupKey', 'ids'],
    unplayed: ['sort', 'fields'],
  },
  {
    ...{ name: 'searchAlerts', method: 'POST', path: '/common/v1/alerts/search', ...region },
    body: z.strictObject(alertFilters),
  },
  { name: 'alert', method: 'GET', path: '/common/v1/alerts/:alertId', ...region },
  {
    ...{
      name: 'actOnAlert',
      method: 'POST',
      path: '/common/v1/alerts/:alertId/actions',
      ...region,
    },
    body: z.strictObject({ action: z.string(), message: z.string().optional() }),
  },
  {
    ...{ name: 'endpoints', method: 'GET', path: endpoints, ...region },
    query: [
      ...[...pageByKey, 'view', 'healthStatus', 'type', 'isolationStatus', 'hostnameContains'],
      ...['ids', 'online', 'tamperProtectionEnabled', 'lastSeenBefore', 'lastSeenAfter'],
    ],
    unplayed: [
      ...['sort', 'tamperProtectionSupported', 'lockdownStatus', 'overallEncryptionStatus'],
      ...[
        'lastOsUpdateBefore',
        'lastOsUpdateAfter',
        'serialNumberContains',
        'search',
        'searchFields',
      ],
      ...['associatedPersonContains', 'groupNameContains', 'ipAddresses', 'cloud', 'fields'],
      ...[
        'assignedToGroup',
        'groupIds',
        'macAddresses',
        'lastAgentUpdateBefore',
        'lastAgentUpdateAfter',
      ],
    ],
  },
  {
    ...{ name: 'isolate', method: 'POST', path: `${endpoints}/isolation`, ...region },
    body: z.strictObject({
      enabled: z.boolean(),
      comment: z.string().optional(),
      ids: ids.max(50),
    }),
  },
  {
    ...{ name: 'endpoint', method: 'GET', path: `${endpoints}/:endpointId`, ...region },
    ...{ query: ['view'], unplayed: ['fields'] },
  },
  { name: 'isolation', method: 'GET', path: `${endpoints}/:endpointId/isolation`, ...region },
  {
    ...{
      name: 'isolateOne',
      method: 'PATCH',
      path: `${endpoints}/:endpointId/isolation`,
      ...region,
    },
    body: z.strictObject({ enabled: z.boolean(), comment: z.string().optional() }),
  },
  {
    ...{ name: 'scan', method: 'POST', path: `${endpoints}/:endpointId/scans`, ...region },
    body: z.strictObject({}),
  },
  {
    ...{ name: 'healthCheck', method: 'GET', path: '/account-health-check/v1/health-check' },
    ...{ ...region, query: ['checks', 'products'] },
  },
  {
    ...{ name: 'policies', method: 'GET', path: '/endpoint/v1/policies', ...region },
    ...{ query: [...pageByNumber, 'policyType'], unplayed: ['fields'] },
  },
  { name: 'policy', method: 'GET', path: '/endpoint/v1/policies/:policyId', ...region },
  {
    ...{ name: 'tamperProtection', method: 'GET', ...region },
    path: '/endpoint/v1/settings/tamper-protection',
  },
  {
    ...{ name: 'firewalls', method: 'GET', path: '/firewall/v1/firewalls', ...region },
    ...{ query: pageByNumber, unplayed: ['groupId', 'search'] },
  },
  {
    ...{ name: 'addIndicators', method: 'POST', ...region, body: indicators },
    path: `${firewall}/mdr-threat-feed/indicators`,
  },
  {
    ...{ name: 'deleteIndicators', method: 'POST', ...region, body: indicators },
    path: `${firewall}/mdr-threat-feed/indicators/delete`,
  },
  {
    ...{ name: 'searchIndicators', method: 'POST', ...region },
    path: `${firewall}/mdr-threat-feed/indicators/search`,
    body: z.strictObject({ indicatorValues: z.array(z.string().min(1)).min(1) }),
  },
  {
    ...{ name: 'transaction', method: 'GET', ...region, unplayed: ['fields'] },
    path: `${firewall}/transactions/:transactionId`,
  },
] as const satisfies readonly Operation[];

export type OperationName = (typeof operations)[number]['name'];

export interface MatchedOperation {
  readonly operation: Operation & { readonly name: OperationName };
  readonly params: Readonly<Record<string, string>>;
}

/** @throws {VendorError} 404 where no documented path is like it, 405 where one takes other methods only */
export function matchOperation(method: string, path: string): MatchedOperation {
  const parts = path.split('/');
  const others = new Set<string>();
  for (const operation of operations) {
    const params = matchPath(operation.path.split('/'), parts);
    if (params && operation.method === method) return { operation, params };
    if (params) others.add(operation.method);
  }
  if (others.size === 0) {
    throw new VendorError(
      404,
      'NotFound',
      `No documented path is '${path}', or it is not simulated.`,
    );
  }
  const allowed = [...others].join(', ');
  throw new VendorError(405, 'MethodNotAllowed', `'${path}' takes ${allowed}, not ${method}.`, {
    allow: allowed,
  });
}

function matchPath(
  template: readonly string[],
  parts: readonly string[],
): Record<string, string> | null {
  if (template.length !== parts.length) return null;
  const params: Record<string, string> = {};
  for (const [place, name] of template.entries()) {
    const part = parts[place] ?? '';
    if (name.startsWith(':')) params[name.slice(1)] = decodeURIComponent(part);
    else if (name !== part) return null;
  }
  return params;
}

/** @throws {VendorError} a parameter that is not documented, given twice, or not simulated */
export function checkQuery(operation: Operation, query: URLSearchParams): void {
  const known = operation.query ?? [];
  const unplayed = operation.unplayed ?? [];
  for (const name of new Set(query.keys())) {
    if (unplayed.includes(name)) {
      throw new VendorError(501, 'NotSimulated', `Query parameter '${name}' is not simulated.`);
    }
    if (!known.includes(name)) {
      throw badRequest(
        `Query parameter '${name}' is not one of ${[...known, ...unplayed].join(', ') || 'none'}.`,
      );
    }
    if (query.getAll(name).length > 1)
      throw badRequest(`Query parameter '${name}' is given twice.`);
  }
}

/** @throws {VendorError} a body where none belongs, no JSON, or a field that is unknown, missing or wrong */
export function checkBody(operation: Operation, text: string): unknown {
  if (!operation.body) {
    if (text === '') return undefined;
    throw badRequest(`${operation.method} ${operation.path} takes no body.`);
  }
  const parsed = operation.body.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw badRequest(
    `Body${where === '' ? '' : ` field '${where}'`}: ${issue?.message ?? 'is wrong'}.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('The body is not JSON.');
  }
}
