import { connectBus } from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import {
  connectDatabase,
  createHealth,
  createLogger,
  createShutdown,
  identityHeader,
} from '@vedette/service-kit';
import type {
  DatabaseConnection,
  Logger,
  ServiceDependencies,
  ServiceSettings,
  Viewer,
} from '@vedette/service-kit';
import { findFreePort } from './server-process.ts';
import { createTestDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';
import { createTestIdentity } from './test-identity.ts';
import type { TestIdentity } from './test-identity.ts';
import { startTestNats } from './test-nats.ts';
import type { TestNats } from './test-nats.ts';

export interface SubgraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}

export interface SubgraphAnswer<Data = Readonly<Record<string, unknown>>> {
  readonly status: number;
  readonly data: Data | null;
  /** Empty when there are none. */
  readonly errors: readonly SubgraphError[];
}

/** Asks a subgraph as the gateway does: with an identity token that says who the viewer is. */
export type AskSubgraph = <Data = Readonly<Record<string, unknown>>>(
  viewer: Viewer,
  document: string,
  variables?: Readonly<Record<string, unknown>>,
) => Promise<SubgraphAnswer<Data>>;

export interface SubgraphClient {
  readonly url: string;
  readonly ask: AskSubgraph;
  /** Signs a token for this subgraph; `claims` replace what the gateway would say. */
  readonly signIdentity: (
    viewer: Viewer,
    claims?: Readonly<Record<string, unknown>>,
  ) => Promise<string>;
}

/** Talks to the subgraph `name` at `url`, wherever it came from. */
export function createSubgraphClient(options: {
  readonly name: string;
  readonly url: string;
  readonly identity: TestIdentity;
}): SubgraphClient {
  const { name, url, identity } = options;
  return {
    url,
    signIdentity: (viewer, claims) => identity.sign(viewer, name, claims),
    ask: async (viewer, document, variables = {}) => {
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          [identityHeader]: await identity.sign(viewer, name),
        },
        body: JSON.stringify({ query: document, variables }),
      });
      const { data = null, errors = [] } = (await response.json()) as Partial<
        SubgraphAnswer<never>
      >;
      return { status: response.status, data, errors };
    },
  };
}

/** A service's process inside the test, with a database and a broker of its own. */
export interface TestService extends SubgraphClient {
  readonly postgres: TestDatabase;
  readonly nats: TestNats;
  readonly bus: Bus;
  readonly logger: Logger;
  /** Address of the service's HTTP server, without a path. */
  readonly origin: string;
  readonly settings: ServiceSettings;
  /** Rows as the superuser sees them, past row-level security. */
  select<Row = Readonly<Record<string, unknown>>>(
    sql: string,
    parameters?: readonly unknown[],
  ): Promise<readonly Row[]>;
  /** Connects to the service's database as its runtime role does; ends with the service. */
  connect(entities: Parameters<typeof connectDatabase>[0]['entities']): Promise<DatabaseConnection>;
  stop(): Promise<void>;
}

export interface TestServiceOptions {
  readonly service: string;
  readonly migrate: (ownerUrl: string) => Promise<void>;
  readonly start: (config: ServiceSettings, dependencies: ServiceDependencies) => Promise<void>;
}

/** Starts a service in this process on a free port. `stop` lets go of everything, servers included. */
export async function startTestService(options: TestServiceOptions): Promise<TestService> {
  const { service } = options;
  const [postgres, nats] = await Promise.all([createTestDatabase(options), startTestNats()]);
  const identity = await createTestIdentity();
  const logger = createLogger({ service, level: 'silent' });
  const shutdown = createShutdown(logger);
  const health = createHealth();
  const settings = await createSettings(service, { postgres, nats, identity });
  await options.start(settings, { logger, health, shutdown });
  health.markStarted();

  const connect: TestService['connect'] = async (entities) => {
    const database = await connectDatabase({
      url: postgres.runtimeUrl,
      schema: service,
      applicationName: 'test',
      poolSize: 4,
      entities,
    });
    shutdown.add('database', 'of the test', database.close);
    return database;
  };
  const behind = await connectBehind(postgres, service);
  shutdown.add('database', 'behind row security', behind.close);
  const bus = await connectBus({ url: nats.url, name: 'test', logger });
  shutdown.add('bus', 'of the test', bus.close);
  const origin = `http://127.0.0.1:${settings.SERVICE_PORT}`;
  return {
    ...createSubgraphClient({ name: service, url: `${origin}/graphql`, identity }),
    ...{ postgres, nats, bus, logger, origin, settings, connect },
    select: (sql, parameters = []) => behind.infrastructure((tx) => tx.query(sql, [...parameters])),
    stop: async () => {
      await shutdown.run();
      await nats.stop();
      await postgres.drop();
    },
  };
}

function connectBehind(postgres: TestDatabase, schema: string): Promise<DatabaseConnection> {
  const url = postgres.adminUrl;
  return connectDatabase({ url, schema, applicationName: 'test', poolSize: 2, entities: [] });
}

async function createSettings(
  service: string,
  given: {
    readonly postgres: TestDatabase;
    readonly nats: TestNats;
    readonly identity: TestIdentity;
  },
): Promise<ServiceSettings> {
  return {
    SERVICE_HOST: '127.0.0.1',
    SERVICE_PORT: await findFreePort(),
    DATABASE_URL: given.postgres.runtimeUrl,
    DATABASE_POOL_SIZE: 4,
    NATS_URL: given.nats.urlOf(service),
    IDENTITY_PUBLIC_KEYS_FILE: given.identity.identityKeys,
    LOG_LEVEL: 'error',
  };
}
