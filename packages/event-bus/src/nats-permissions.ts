import { detectorDurable, historyDurable, streams, telemetryShardCount } from './streams.ts';
import type { StreamName } from './streams.ts';

interface Access {
  /** Streams that it alone publishes to and looks after. */
  readonly owns: readonly StreamName[];
  /** Its durables, by the stream that they read. A consumer without its line here cannot start. */
  readonly durables: Partial<Record<StreamName, readonly string[]>>;
  /** Streams that it reads from now on, without a durable: see `followStream`. */
  readonly follows?: readonly StreamName[];
}

/** Who does what on NATS. All processes of a service are one user. */
const accesses = {
  tenancy: {
    owns: ['TENANCY'],
    durables: {
      TENANCY: [
        'tenancy-export-customer-on-customer-export-requested',
        'tenancy-forget-customer-on-customer-purge-answered',
        'tenancy-purge-customer-on-customer-purge-requested',
      ],
      INGESTION: [
        'tenancy-note-connector-on-connector-changed',
        'tenancy-record-deeds-on-connector-changed',
        'tenancy-record-export-on-ingestion-customer-exported',
        'tenancy-record-purge-on-ingestion-customer-purged',
      ],
      HUNTING: [
        'tenancy-record-export-on-hunting-customer-exported',
        'tenancy-record-purge-on-hunting-customer-purged',
      ],
      CASES: [
        'tenancy-record-export-on-cases-customer-exported',
        'tenancy-record-purge-on-cases-customer-purged',
      ],
    },
  },
  ingestion: {
    owns: ['INGESTION', 'TELEMETRY'],
    durables: {
      TENANCY: [
        'ingestion-export-customer-on-customer-export-requested',
        'ingestion-purge-customer-on-customer-purge-requested',
        'ingestion-record-customer-on-customer-moved',
        'ingestion-record-customer-on-customer-onboarded',
        'ingestion-record-plan-on-customer-changed',
        'ingestion-refuse-sensors-on-customer-offboarded',
      ],
      TELEMETRY: [historyDurable],
      CASES: ['ingestion-hold-telemetry-on-case-changed'],
    },
  },
  hunting: {
    owns: ['HUNTING'],
    durables: {
      TENANCY: [
        'hunting-export-customer-on-customer-export-requested',
        'hunting-purge-customer-on-customer-purge-requested',
        'hunting-record-customer-on-customer-moved',
        'hunting-record-customer-on-customer-onboarded',
      ],
      TELEMETRY: Array.from({ length: telemetryShardCount }, (_, shard) => detectorDurable(shard)),
    },
  },
  cases: {
    owns: ['CASES'],
    durables: {
      TENANCY: [
        'cases-export-customer-on-customer-export-requested',
        'cases-purge-customer-on-customer-purge-requested',
        'cases-record-customer-on-customer-moved',
        'cases-record-customer-on-customer-onboarded',
      ],
      HUNTING: ['cases-open-case-on-detection'],
    },
  },
  gateway: { owns: [], durables: {}, follows: ['TENANCY'] },
} as const satisfies Record<string, Access>;

export type NatsUser = keyof typeof accesses;

/** Every user of the broker but the operator's own, which may do everything. */
export const natsUsers = Object.keys(accesses) as readonly NatsUser[];

export function isNatsUser(name: string): name is NatsUser {
  return Object.hasOwn(accesses, name);
}

/** Lists as NATS takes them: what is not allowed is refused, and so is what is denied. */
export interface NatsPermissions {
  readonly publish: { readonly allow: readonly string[]; readonly deny?: readonly string[] };
  readonly subscribe: { readonly allow: readonly string[] };
}

/** Where a user gets its answers: nobody else may listen there. */
export function inboxPrefixOf(user: NatsUser): string {
  return `_INBOX_${user}`;
}

/**
 * What a user may send and hear. The server checks the subject of a message and not the one that its
 * answer goes to, so this bounds mistakes and stolen reads, not a hostile service: README.
 */
export function natsPermissions(user: NatsUser): NatsPermissions {
  const { owns, durables, follows = [] }: Access = accesses[user];
  const denied = follows.flatMap(denyDurables);
  return {
    publish: {
      allow: [
        ...new Set([
          '$JS.API.INFO',
          ...owns.flatMap(allowOwner),
          ...entriesOf(durables).flatMap(([stream, names]) => allowConsumers(stream, names)),
          ...follows.flatMap(allowFollower),
        ]),
      ],
      ...(denied.length > 0 ? { deny: denied } : {}),
    },
    subscribe: { allow: [`${inboxPrefixOf(user)}.>`] },
  };
}

function allowOwner(stream: StreamName): string[] {
  const { config, requiredDurables } = streams[stream];
  const verbs = ['CREATE', 'INFO', 'UPDATE', 'MSG.GET', 'MSG.DELETE'];
  return [
    ...config.subjects,
    ...verbs.map((verb) => `$JS.API.STREAM.${verb}.${stream}`),
    ...(requiredDurables.length > 0 ? [`$JS.API.CONSUMER.LIST.${stream}`] : []),
    // Whoever publishes looks whether those that must have a message are there.
    ...requiredDurables.map((durable) => `$JS.API.CONSUMER.INFO.${stream}.${durable}`),
  ];
}

/** Whoever needs a stream first makes it; what there is, its owner alone may change. */
function allowConsumers(stream: StreamName, durables: readonly string[]): string[] {
  return [
    ...['CREATE', 'INFO'].map((verb) => `$JS.API.STREAM.${verb}.${stream}`),
    ...durables.flatMap((durable) => [
      // The subject filter is the end of the subject; a consumer of ours always has one.
      `$JS.API.CONSUMER.CREATE.${stream}.${durable}.>`,
      ...['INFO', 'DELETE', 'MSG.NEXT'].map(
        (verb) => `$JS.API.CONSUMER.${verb}.${stream}.${durable}`,
      ),
      `$JS.ACK.${stream}.${durable}.>`,
    ]),
  ];
}

/** The server names the consumer, so that all names must be allowed, and then the known ones denied. */
function allowFollower(stream: StreamName): string[] {
  return [
    `$JS.API.CONSUMER.CREATE.${stream}`,
    `$JS.API.CONSUMER.INFO.${stream}.*`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.*`,
  ];
}

function denyDurables(stream: StreamName): string[] {
  return natsUsers.flatMap((user) => {
    const { durables }: Access = accesses[user];
    return (durables[stream] ?? []).flatMap((durable) => [
      `$JS.API.CONSUMER.INFO.${stream}.${durable}`,
      `$JS.API.CONSUMER.MSG.NEXT.${stream}.${durable}`,
    ]);
  });
}

/** A user's durables by stream. */
export function durablesOf(user: NatsUser): readonly [StreamName, readonly string[]][] {
  return entriesOf(accesses[user].durables);
}

function entriesOf(durables: Access['durables']): [StreamName, readonly string[]][] {
  return Object.entries(durables) as [StreamName, readonly string[]][];
}
