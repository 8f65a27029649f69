import { join } from 'node:path';
import type { NatsUser } from '@vedette/event-bus';
import type { ServiceDatabase } from './databases.ts';
import type { KeyFiles } from './keys.ts';
import { audience, toIssuerUrl, toJwksUrl } from './openid-provider/application.ts';
import { firstAdministrator } from './people.ts';
import { portOffsets } from './ports.ts';

/** What the environment of a process is made from. */
export interface ProcessSurroundings {
  /** The checkout, absolute. */
  readonly root: string;
  /** Absolute. */
  readonly dataDir: string;
  readonly natsUrlOf: (user: NatsUser) => string;
  readonly keys: KeyFiles;
  readonly databases: Readonly<Record<string, ServiceDatabase>>;
  /** Folders with rules that run beside our own, absolute. */
  readonly rulesDirs: readonly string[];
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
  /** Folder of its schema's migrations, below the checkout; `--migrate-only` runs them. */
  readonly migrations?: string;
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
    migrations: 'services/tenancy/src/migrations',
    portOffset: portOffsets.tenancy,
    environment: ofTenancy,
  },
  {
    name: 'ingestion',
    entry: 'services/ingestion/src/main.ts',
    migrations: 'services/ingestion/src/migrations',
    portOffset: portOffsets.ingestion,
    doorOffsets: [
      portOffsets.ingestHttp,
      portOffsets.ingestSyslogTcp,
      portOffsets.ingestSyslogTls,
      portOffsets.ingestOsquery,
    ],
    environment: (surroundings) => ({
      ...ofService('ingestion', surroundings),
      // Its simulators are on this machine.
      POLLS_ALLOW_LOOPBACK: 'true',
      INGEST_HTTP_HOST: '127.0.0.1',
      INGEST_HTTP_PORT: String(surroundings.ownPort(portOffsets.ingestHttp)),
      INGEST_SYSLOG_UDP_PORT: String(surroundings.ownPort(portOffsets.ingestSyslogUdp)),
      INGEST_SYSLOG_TCP_PORT: String(surroundings.ownPort(portOffsets.ingestSyslogTcp)),
      INGEST_SYSLOG_TLS_PORT: String(surroundings.ownPort(portOffsets.ingestSyslogTls)),
      INGEST_OSQUERY_PORT: String(surroundings.ownPort(portOffsets.ingestOsquery)),
      INGEST_TLS_CERT_FILE: surroundings.keys.tls.certificate,
      INGEST_TLS_KEY_FILE: surroundings.keys.tls.key,
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
    migrations: 'services/hunting/src/migrations',
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
    migrations: 'services/cases/src/migrations',
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
  { dataDir, natsUrlOf, keys, databases }: ProcessSurroundings,
): Readonly<Record<string, string>> {
  const database = databases[service];
  if (database === undefined) throw new Error(`the database of ${service} was not prepared`);
  return {
    DATABASE_URL: database.runtimeUrl,
    NATS_URL: natsUrlOf(service),
    IDENTITY_PUBLIC_KEYS_FILE: keys.identityPublic,
    SECRETS_KEY_FILE: keys.secrets,
    EXPORTS_DIR: join(dataDir, 'exports'),
  };
}

/** It lets the operator's first administrator in, who invites everybody else. */
function ofTenancy(surroundings: ProcessSurroundings): Readonly<Record<string, string>> {
  const providerUrl = `http://127.0.0.1:${surroundings.port(portOffsets.oidc)}`;
  const issuer = toIssuerUrl(providerUrl, firstAdministrator.issuer);
  return {
    ...ofService('tenancy', surroundings),
    OPERATOR_ISSUER: issuer,
    OPERATOR_JWKS_URL: toJwksUrl(issuer),
    OPERATOR_AUDIENCE: audience,
    OPERATOR_ADMIN_SUBJECT: firstAdministrator.subject,
    ISSUERS_ALLOW_LOOPBACK: 'true',
  };
}

function ofHunting(surroundings: ProcessSurroundings): Readonly<Record<string, string>> {
  const ours = join(surroundings.root, 'services/hunting/rules');
  return {
    ...ofService('hunting', surroundings),
    HUNTING_RULES_DIRS: [ours, ...surroundings.rulesDirs].join(','),
  };
}

function ofGateway({
  natsUrlOf,
  keys,
  port,
}: ProcessSurroundings): Readonly<Record<string, string>> {
  const subgraphs = databaseServices.map(
    (service) => `${service}=http://127.0.0.1:${port(portOffsets[service])}`,
  );
  return {
    NATS_URL: natsUrlOf('gateway'),
    JWKS_ALLOW_LOOPBACK: 'true',
    GRAPHQL_INTROSPECTION: 'true',
    GRAPHIQL: 'true',
    IDENTITY_PRIVATE_KEY_FILE: keys.identityPrivate,
    IDENTITY_PUBLIC_KEYS_FILE: keys.identityPublic,
    SUBGRAPH_URLS: subgraphs.join(','),
    APOLLO_TELEMETRY_DISABLED: 'true',
  };
}
