import { join } from 'node:path';
import type { ServiceDatabase } from './databases.ts';
import type { KeyFiles } from './keys.ts';
import { portOffsets } from './ports.ts';

/** What the environment of a process is made from. */
export interface ProcessSurroundings {
  /** The checkout, absolute. */
  readonly root: string;
  readonly natsUrl: string;
  readonly keys: KeyFiles;
  readonly databases: Readonly<Record<string, ServiceDatabase>>;
  /** A port of this process's own; a replica has others than the first. */
  readonly ownPort: (offset: number) => number;
  /** A port of another process; the first replica's. */
  readonly port: (offset: number) => number;
}

export interface ProcessDefinition {
  readonly name: string;
  /** Below the checkout. */
  readonly entry: string;
  readonly args?: readonly string[];
  /** Where health checks, and a subgraph if there is one, answer; see ports.ts. */
  readonly portOffset: number;
  /** Further ports it listens on. */
  readonly doorOffsets?: readonly number[];
  /** Takes requests from outside and goes down before what it calls. */
  readonly isEdge?: boolean;
  readonly environment: (surroundings: ProcessSurroundings) => Readonly<Record<string, string>>;
}

/** The services that own a schema. */
export const databaseServices = ['tenancy', 'ingestion', 'hunting', 'cases'] as const;

type DatabaseService = (typeof databaseServices)[number];

export const processes: readonly ProcessDefinition[] = [
  {
    name: 'tenancy',
    entry: 'services/tenancy/src/main.ts',
    portOffset: portOffsets.tenancy,
    environment: (surroundings) => ofService('tenancy', surroundings),
  },
  {
    name: 'ingestion',
    entry: 'services/ingestion/src/main.ts',
    portOffset: portOffsets.ingestion,
    doorOffsets: [portOffsets.ingestHttp],
    environment: (surroundings) => ({
      ...ofService('ingestion', surroundings),
      INGEST_HTTP_HOST: '127.0.0.1',
      INGEST_HTTP_PORT: String(surroundings.ownPort(portOffsets.ingestHttp)),
      SECRETS_KEY_FILE: surroundings.keys.secrets,
    }),
  },
  {
    name: 'ingestion-history',
    entry: 'services/ingestion/src/history-main.ts',
    portOffset: portOffsets.ingestionHistory,
    environment: (surroundings) => ofService('ingestion', surroundings),
  },
  {
    name: 'hunting',
    entry: 'services/hunting/src/main.ts',
    portOffset: portOffsets.hunting,
    environment: ofHunting,
  },
  {
    name: 'hunting-detector',
    entry: 'services/hunting/src/detector-main.ts',
    portOffset: portOffsets.huntingDetector,
    environment: ofHunting,
  },
  {
    name: 'cases',
    entry: 'services/cases/src/main.ts',
    portOffset: portOffsets.cases,
    environment: (surroundings) => ofService('cases', surroundings),
  },
  {
    name: 'gateway',
    entry: 'gateway/src/main.ts',
    portOffset: portOffsets.gateway,
    isEdge: true,
    environment: ofGateway,
  },
];

function ofService(
  service: DatabaseService,
  { natsUrl, keys, databases }: ProcessSurroundings,
): Readonly<Record<string, string>> {
  const database = databases[service];
  if (database === undefined) throw new Error(`the database of ${service} was not prepared`);
  return {
    DATABASE_URL: database.runtimeUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    NATS_URL: natsUrl,
    IDENTITY_PUBLIC_KEYS_FILE: keys.identityPublic,
  };
}

function ofHunting(surroundings: ProcessSurroundings): Readonly<Record<string, string>> {
  return {
    ...ofService('hunting', surroundings),
    HUNTING_RULES_DIRS: join(surroundings.root, 'services/hunting/rules'),
  };
}

function ofGateway({ natsUrl, keys, port }: ProcessSurroundings): Readonly<Record<string, string>> {
  const subgraphs = databaseServices.map(
    (service) => `${service}=http://127.0.0.1:${port(portOffsets[service])}`,
  );
  return {
    NATS_URL: natsUrl,
    ACCESS_TOKEN_PUBLIC_KEYS_FILE: keys.accessTokenPublic,
    IDENTITY_PRIVATE_KEY_FILE: keys.identityPrivate,
    IDENTITY_PUBLIC_KEYS_FILE: keys.identityPublic,
    SUBGRAPH_URLS: subgraphs.join(','),
    APOLLO_TELEMETRY_DISABLED: 'true',
  };
}
