import { readFileSync } from 'node:fs';
import {
  connectBus,
  ensureStream,
  purgeMessagingTables,
  startConsumer,
  startRelay,
} from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import {
  addSubgraph,
  connectDatabase,
  createHttpServer,
  dateTimeScalar,
  jsonScalar,
  startJobs,
} from '@vedette/service-kit';
import type {
  DatabaseConnection,
  OperationContext,
  ServiceDependencies,
} from '@vedette/service-kit';
import DataLoader from 'dataloader';
import { loadAssets } from './asset/asset-operations.ts';
import { assetResolvers } from './asset/asset-resolvers.ts';
import { assetRows } from './asset/asset-store.ts';
import type { AssetRow } from './asset/asset-store.ts';
import type { IngestionConfig } from './config.ts';
import { loadConnectors } from './connector/connector-operations.ts';
import { connectorResolvers } from './connector/connector-resolvers.ts';
import { connectorRows } from './connector/connector-store.ts';
import type { ConnectorRow } from './connector/connector-store.ts';
import { exportCustomerOnCustomerExportRequested } from './consumers/export-customer-on-customer-export-requested.ts';
import { purgeCustomerOnCustomerPurgeRequested } from './consumers/purge-customer-on-customer-purge-requested.ts';
import { recordCustomerOnCustomerMoved } from './consumers/record-customer-on-customer-moved.ts';
import { recordCustomerOnCustomerOnboarded } from './consumers/record-customer-on-customer-onboarded.ts';
import { refuseSensorsOnCustomerOffboarded } from './consumers/refuse-sensors-on-customer-offboarded.ts';
import { createByteBudget } from './intake/byte-budget.ts';
import { purgeIdempotencyKeys } from './intake/idempotency-store.ts';
import { createIntakeServer } from './intake/intake-server.ts';
import { createSensorAuthenticator } from './intake/sensor-authenticator.ts';
import { watchRequiredDurables } from './telemetry/required-durables.ts';
import {
  ensureTelemetryPartitions,
  purgeUndatedEvents,
} from './telemetry/telemetry-housekeeping.ts';
import { createTelemetryPublisher } from './telemetry/telemetry-publisher.ts';
import { telemetryResolvers } from './telemetry/telemetry-resolvers.ts';
import { telemetryRows } from './telemetry/telemetry-store.ts';

/** What resolvers get: the operation's context, and loaders that batch within one request. */
export interface IngestionContext extends OperationContext {
  readonly connectors: DataLoader<string, ConnectorRow | null>;
  readonly assets: DataLoader<string, AssetRow | null>;
}

/** Bytes of request bodies between the door and their acknowledgement. */
const bodyBudget = { total: 64 * 1024 * 1024, perCustomer: 16 * 1024 * 1024 } as const;

/** Starts ingestion: consumer, relay, housekeeping, the subgraph, and the door that sensors send to. */
export async function startIngestionService(
  config: IngestionConfig,
  dependencies: ServiceDependencies,
): Promise<void> {
  const { logger, health, shutdown } = dependencies;
  const database = await connectDatabase({
    url: config.DATABASE_URL,
    schema: 'ingestion',
    applicationName: 'ingestion',
    poolSize: config.DATABASE_POOL_SIZE,
    entities: [connectorRows, assetRows, telemetryRows],
  });
  shutdown.add('database', 'postgres', database.close);
  health.addCheck('postgres', database.ping);
  await ensureTelemetryPartitions(database, new Date());

  const bus = await connectBus({ url: config.NATS_URL, name: 'ingestion', logger });
  shutdown.add('bus', 'nats', bus.close);
  for (const stream of ['TENANCY', 'INGESTION', 'TELEMETRY'] as const) {
    await ensureStream(bus.manager, stream);
  }
  const relay = startRelay({ service: 'ingestion', stream: 'INGESTION', database, bus, logger });
  shutdown.add('relay', 'outbox', relay.stop);
  await startConsumers(config, database, bus, dependencies);
  await startHousekeeping(config, database, dependencies);
  await startSubgraph(config, database, dependencies);
  await startIntake(config, database, bus, dependencies);
}

async function startConsumers(
  { EXPORTS_DIR }: IngestionConfig,
  database: DatabaseConnection,
  bus: Bus,
  { logger, shutdown }: ServiceDependencies,
): Promise<void> {
  const dependencies = { bus, database, logger };
  const running = await Promise.all([
    startConsumer(recordCustomerOnCustomerOnboarded, dependencies),
    startConsumer(recordCustomerOnCustomerMoved, dependencies),
    startConsumer(refuseSensorsOnCustomerOffboarded, dependencies),
    startConsumer(exportCustomerOnCustomerExportRequested(EXPORTS_DIR), dependencies),
    startConsumer(purgeCustomerOnCustomerPurgeRequested(EXPORTS_DIR), dependencies),
  ]);
  shutdown.add('consumers', 'all', async () => {
    await Promise.all(running.map((consumer) => consumer.stop()));
  });
}

async function startHousekeeping(
  config: IngestionConfig,
  database: DatabaseConnection,
  { logger, shutdown }: ServiceDependencies,
): Promise<void> {
  const jobs = await startJobs({
    url: config.DATABASE_URL,
    service: 'ingestion',
    logger,
    tasks: {
      'purge-messaging-tables': () => purgeMessagingTables(database),
      'purge-idempotency-keys': () => purgeIdempotencyKeys(database),
      'purge-undated-events': () => purgeUndatedEvents(database),
      'ensure-telemetry-partitions': () => ensureTelemetryPartitions(database, new Date()),
    },
    crontab: [
      '19 * * * * purge-messaging-tables',
      '29 * * * * purge-idempotency-keys',
      '39 * * * * purge-undated-events',
      '49 1 * * * ensure-telemetry-partitions',
    ].join('\n'),
  });
  shutdown.add('jobs', 'graphile-worker', jobs.stop);
}

async function startSubgraph(
  config: IngestionConfig,
  database: DatabaseConnection,
  { logger, health, shutdown }: ServiceDependencies,
): Promise<void> {
  const server = createHttpServer({ health });
  await addSubgraph<IngestionContext>(server, {
    name: 'ingestion',
    typeDefs: readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'),
    resolvers: createResolvers(),
    identityKeys: config.IDENTITY_PUBLIC_KEYS_FILE,
    logger,
    createContext: (viewer) =>
      withLoaders({ viewer, db: database, clock: () => new Date(), logger }),
  });
  await server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT });
  shutdown.add('servers', 'http', () => server.close());
}

async function startIntake(
  config: IngestionConfig,
  database: DatabaseConnection,
  bus: Bus,
  { logger, health, shutdown }: ServiceDependencies,
): Promise<void> {
  const durables = await watchRequiredDurables(bus, logger);
  shutdown.add('jobs', 'telemetry durables', async () => durables.stop());
  health.addCheck('telemetry durables', async () => void durables.current());
  const clock = (): Date => new Date();
  const intake = createIntakeServer({
    authenticate: createSensorAuthenticator(database, clock),
    budget: createByteBudget(bodyBudget),
    durables,
    publisher: createTelemetryPublisher(bus, durables),
    database,
    clock,
    logger,
  });
  await intake.listen(config.INGEST_HTTP_PORT, config.INGEST_HTTP_HOST);
  shutdown.add('servers', 'intake', intake.close);
}

function createResolvers(): object {
  return {
    DateTime: dateTimeScalar,
    JSON: jsonScalar,
    Query: { ...connectorResolvers.Query, ...assetResolvers.Query, ...telemetryResolvers.Query },
    Mutation: connectorResolvers.Mutation,
    Connector: connectorResolvers.Connector,
    Asset: assetResolvers.Asset,
    TelemetryEvent: telemetryResolvers.TelemetryEvent,
  };
}

function withLoaders(ctx: OperationContext): IngestionContext {
  return {
    ...ctx,
    connectors: new DataLoader((ids) => loadConnectors(ctx, ids)),
    assets: new DataLoader((ids) => loadAssets(ctx, ids)),
  };
}
