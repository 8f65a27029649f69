import { createFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import { createTenants, idOf } from './estate.ts';
import type { Tenant } from './estate.ts';
import { feedNames, makeItem, timeOf } from './records.ts';
import type { FeedItem, FeedName } from './records.ts';

export interface StateOptions {
  /** The same seed gives the same tenants, endpoints and items. */
  readonly seed: string;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly endpointsPerTenant: number;
  /** Items that each feed of each tenant begins with, over the twelve hours before now. */
  readonly itemsPerFeed: number;
  /** How long a token works. */
  readonly tokenSeconds: number;
  /** From accepting an isolation, a firewall's change or a run to its being done. */
  readonly delayMs: number;
  /** Calls of one client within any minute. */
  readonly callsPerMinute: number;
}

/** A client that may sign in: the partner's, or a tenant's own. */
export interface Client {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly idType: 'partner' | 'organization' | 'tenant';
  readonly id: string;
}

export interface Isolation {
  readonly enabled: boolean;
  readonly comment: string | null;
  readonly by: string;
  /** When it was asked for; it is so from `doneAt` on. */
  readonly doneAt: number;
}

export interface Run {
  readonly id: string;
  readonly tenantId: string;
  readonly createdAt: number;
  readonly finishedAt: number;
  readonly items: readonly FeedItem[];
}

export interface Transaction {
  readonly id: string;
  readonly firewallId: string;
  readonly createdAt: number;
  readonly finishedAt: number;
  readonly response: object;
}

export interface AddedRecords {
  readonly tenantId: string;
  readonly feed: FeedName;
  /** Items to make, when none are given. */
  readonly count?: number | undefined;
  /** Items as they are to be answered. */
  readonly items?: readonly FeedItem[] | undefined;
  /** How long ago they say they were received: with more than 0 they come late. */
  readonly lateBySeconds?: number | undefined;
}

/** All that the stand-in remembers, until its process ends. */
export interface State {
  readonly options: StateOptions;
  readonly partnerId: string;
  readonly organizationId: string;
  readonly tenants: readonly Tenant[];
  readonly clients: readonly Client[];
  readonly faults: Faults;
  /** Token to whose it is and until when, epoch milliseconds. */
  readonly tokens: Map<string, { readonly client: Client; readonly until: number }>;
  /** Endpoint to its isolation: what was asked for last, and what it was before that is done. */
  readonly isolations: Map<string, { readonly asked: Isolation; readonly before: Isolation }>;
  readonly runs: Map<string, Run>;
  readonly transactions: Map<string, Transaction>;
  /** Firewall to its indicators by value. */
  readonly indicators: Map<string, Map<string, string>>;
  readonly scans: { readonly id: string; readonly endpointId: string }[];
  readonly alertActions: {
    readonly id: string;
    readonly alertId: string;
    readonly action: string;
  }[];
  /** Answers by operation and status, such as `siemEvents 200`. */
  readonly answers: Map<string, number>;
  /** Client to the times of its calls in the last minute. */
  readonly calls: Map<string, number[]>;
  feedOf(tenantId: string, feed: FeedName): readonly FeedItem[];
  add(records: AddedRecords): readonly FeedItem[];
}

const hour = 3_600_000;

export function createState(options: StateOptions): State {
  const { seed, clock } = options;
  const tenants = createTenants(seed, options.endpointsPerTenant);
  const feeds = new Map<string, FeedItem[]>();
  const made = new Map<string, number>();
  const partnerId = idOf(seed, 'partner');
  const organizationId = idOf(seed, 'organization');
  const feedOf = (tenantId: string, feed: FeedName): FeedItem[] => {
    const key = `${tenantId} ${feed}`;
    const items = feeds.get(key) ?? [];
    feeds.set(key, items);
    return items;
  };
  const make = (tenant: Tenant, feed: FeedName, at: number): FeedItem => {
    const key = `${tenant.id} ${feed}`;
    const n = made.get(key) ?? 0;
    made.set(key, n + 1);
    return makeItem(feed, { seed, tenant, n, at });
  };
  const insert = (tenantId: string, feed: FeedName, items: readonly FeedItem[]): void => {
    const all = feedOf(tenantId, feed);
    all.push(...items);
    all.sort((a, b) => timeOf(feed, a) - timeOf(feed, b) || (a.id < b.id ? -1 : 1));
  };
  for (const tenant of tenants) {
    for (const feed of feedNames) {
      const step = (12 * hour) / Math.max(options.itemsPerFeed, 1);
      const first = clock() - 12 * hour;
      const times = Array.from({ length: options.itemsPerFeed }, (_, n) => first + n * step);
      insert(
        tenant.id,
        feed,
        times.map((at) => make(tenant, feed, Math.floor(at))),
      );
    }
  }
  return {
    ...{ options, partnerId, organizationId, tenants },
    clients: clientsOf(partnerId, organizationId, tenants),
    faults: createFaults(),
    tokens: new Map(),
    isolations: new Map(),
    runs: new Map(),
    transactions: new Map(),
    indicators: new Map(),
    scans: [],
    alertActions: [],
    answers: new Map(),
    calls: new Map(),
    feedOf,
    add: ({ tenantId, feed, count = 1, items, lateBySeconds = 0 }) => {
      const tenant = tenants.find(({ id }) => id === tenantId);
      if (!tenant) throw new Error(`No simulated tenant has the id '${tenantId}'.`);
      const at = clock() - lateBySeconds * 1_000;
      const added = items ?? Array.from({ length: count }, (_, n) => make(tenant, feed, at + n));
      insert(tenantId, feed, added);
      return added;
    },
  };
}

/** Their secrets are the same for everybody: they open nothing but invented data. */
function clientsOf(
  partnerId: string,
  organizationId: string,
  tenants: readonly Tenant[],
): readonly Client[] {
  const client = (clientId: string, idType: Client['idType'], id: string): Client => ({
    ...{ clientId, clientSecret: `secret-of-${clientId}`, idType, id },
  });
  return [
    client('simulated-partner', 'partner', partnerId),
    client('simulated-organization', 'organization', organizationId),
    ...tenants.map((tenant) => client(tenant.clientId, 'tenant', tenant.id)),
  ];
}
