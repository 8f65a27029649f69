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
import type { DatabaseConnection, ServiceDependencies } from '@vedette/service-kit';
import DataLoader from 'dataloader';
import type { AssetDetails } from './asset/asset-key-store.ts';
import { loadAssets, loadDetails } from './asset/asset-operations.ts';
import { assetResolvers } from './asset/asset-resolvers.ts';
import { assetRows } from './asset/asset-store.ts';
import type { AssetRow } from './asset/asset-store.ts';
import type { IngestionConfig } from './config.ts';
import { loadConnectors } from './connector/connector-operations.ts';
import type { ConnectorContext } from './connector/connector-operations.ts';
import { connectorResolvers } from './connector/connector-resolvers.ts';
import { connectorRows } from './connector/connector-store.ts';
import type { ConnectorRow } from './connector/connector-store.ts';
import { createCredentialSafe } from './connector/credential-safe.ts';
import { holdTelemetryOnCaseChanged } from './consumers/hold-telemetry-on-case-changed.ts';
import { exportCustomerOnCustomerExportRequested } from './consumers/export-customer-on-customer-export-requested.ts';
import { purgeCustomerOnCustomerPurgeRequested } from './consumers/purge-customer-on-customer-purge-requested.ts';
import { recordCustomerOnCustomerMoved } from './consumers/record-customer-on-customer-moved.ts';
import { recordCustomerOnCustomerOnboarded } from './consumers/record-customer-on-customer-onboarded.ts';
import { recordPlanOnCustomerChanged } from './consumers/record-plan-on-customer-changed.ts';
import { refuseSensorsOnCustomerOffboarded } from './consumers/refuse-sensors-on-customer-offboarded.ts';
import type { ConnectorHealth } from './health/connector-health.ts';
import { purgeCounts } from './health/event-count-store.ts';
import { loadHealth } from './health/health-operations.ts';
import { healthResolvers } from './health/health-resolvers.ts';
import { createHistoryProgress, lookAtHistory } from './health/history-progress.ts';
import { markSilent } from './health/mark-silent.ts';
import { startFurtherDoors } from './further-doors.ts';
import { loadAliases, loadIdentities } from './identity/identity-operations.ts';
import { identityResolvers } from './identity/identity-resolvers.ts';
import { identityRows } from './identity/identity-store.ts';
import type { IdentityRow } from './identity/identity-store.ts';
import { createByteBudget } from './intake/byte-budget.ts';
import { createEventRates } from './intake/event-rates.ts';
import type { EventRate } from './intake/event-rates.ts';
import { purgeIdempotencyKeys } from './intake/idempotency-store.ts';
import { createIntakeServer } from './intake/intake-server.ts';
import type { Intake } from './intake/intake-parts.ts';
import { createSensorAuthenticator } from './intake/sensor-authenticator.ts';
import { loadPolls } from './polling/poll-operations.ts';
import type { ShownPoll } from './polling/poll-store.ts';
import { startPolling } from './polling/start-polling.ts';
import { quarantineResolvers } from './quarantine/quarantine-resolvers.ts';
import { purgeQuarantine } from './quarantine/quarantine-store.ts';
import { createQuarantine } from './quarantine/create-quarantine.ts';
import type { ReplayContext } from './quarantine/replay-operations.ts';
import { watchRequiredDurables } from './telemetry/required-durables.ts';
import {
  ensureTelemetryPartitions,
  indexTelemetryTexts,
  purgeUndatedEvents,
} from './telemetry/telemetry-housekeeping.ts';
import { createTelemetryPublisher } from './telemetry/telemetry-publisher.ts';
import { retainTelemetry } from './telemetry/telemetry-retention.ts';
import { telemetryResolvers } from './telemetry/telemetry-resolvers.ts';
import { telemetryRows } from './telemetry/telemetry-store.ts';

/** What resolvers get: the operation's context, and loaders that batch within one request. */
export interface IngestionContext extends ConnectorContext, ReplayContext {
  readonly connectors: DataLoader<string, ConnectorRow | null>;
  readonly assets: DataLoader<string, AssetRow | null>;
  readonly assetDetails: DataLoader<string, AssetDetails>;
  readonly identities: DataLoader<string, IdentityRow | null>;
  readonly identityAliases: DataLoader<string, readonly string[]>;
  readonly polls: DataLoader<string, readonly ShownPoll[]>;
  readonly health: DataLoader<string, ConnectorHealth>;
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
    entities: [connectorRows, assetRows, identityRows, telemetryRows],
  });
  shutdown.add('database', 'postgres', database.close);
  health.addCheck('postgres', database.ping);
  await ensureTelemetryPartitions(database, new Date());

  const bus = await connectBus({ url: config.NATS_URL, name: 'ingestion', logger });
  shutdown.add('bus', 'nats', bus.close);
  for (const stream of ['TENANCY', 'INGESTION', 'TELEMETRY', 'CASES'] as const) {
    await ensureStream(bus.manager, stream);
  }
  const relay = startRelay({ service: 'ingestion', stream: 'INGESTION', database, bus, logger });
  shutdown.add('relay', 'outbox', relay.stop);
  await startConsumers(config, database, bus, dependencies);
  await startHousekeeping(config, database, bus, dependencies);
  const intake = await prepareIntake(config, database, bus, dependencies);
  await startSubgraph(config, intake, dependencies);
  await startHttpDoor(config, intake, dependencies);
  await startFurtherDoors(config, intake, dependencies);
  startPolling(config, intake, dependencies);
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
    startConsumer(recordPlanOnCustomerChanged, dependencies),
    startConsumer(refuseSensorsOnCustomerOffboarded, dependencies),
    startConsumer(holdTelemetryOnCaseChanged, dependencies),
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
  bus: Bus,
  { logger, shutdown }: ServiceDependencies,
): Promise<void> {
  const clock = (): Date => new Date();
  const knownUntil = createHistoryProgress(() => lookAtHistory(bus), clock);
  const jobs = await startJobs({
    url: config.DATABASE_URL,
    service: 'ingestion',
    logger,
    tasks: {
      'purge-messaging-tables': () => purgeMessagingTables(database),
      'purge-idempotency-keys': () => purgeIdempotencyKeys(database),
      'purge-undated-events': () => purgeUndatedEvents(database),
      'purge-quarantine': () => purgeQuarantine(database),
      'purge-counts': () => purgeCounts(database),
      'mark-silent': () => markSilent({ database, clock, logger, knownUntil }),
      'ensure-telemetry-partitions': () => ensureTelemetryPartitions(database, new Date()),
      'index-telemetry-texts': async () => {
        await indexTelemetryTexts(database, new Date());
      },
      'retain-telemetry': async () => {
        logger.info(await retainTelemetry(database, new Date()), 'telemetry retained');
      },
    },
    crontab: [
      '19 * * * * purge-messaging-tables',
      '29 * * * * purge-idempotency-keys',
      '39 * * * * purge-undated-events',
      '9 * * * * purge-quarantine',
      '14 3 * * * purge-counts',
      '* * * * * mark-silent',
      '49 1 * * * ensure-telemetry-partitions',
      '17 * * * * index-telemetry-texts',
      '9 2 * * * retain-telemetry',
    ].join('\n'),
  });
  shutdown.add('jobs', 'graphile-worker', jobs.stop);
}

async function startSubgraph(
  config: IngestionConfig,
  { database: db, publisher, clock }: Intake,
  { logger, health, shutdown }: ServiceDependencies,
): Promise<void> {
  const server = createHttpServer({ health });
  const credentialSafe = createCredentialSafe(config.SECRETS_KEY_FILE);
  await addSubgraph<IngestionContext>(server, {
    name: 'ingestion',
    typeDefs: readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'),
    resolvers: createResolvers(),
    identityKeys: config.IDENTITY_PUBLIC_KEYS_FILE,
    logger,
    createContext: (viewer) =>
      withLoaders({ viewer, db, clock, logger, credentialSafe, publisher }),
  });
  await server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT });
  shutdown.add('servers', 'http', () => server.close());
}

/** What all ways into the stream go through. */
async function prepareIntake(
  config: IngestionConfig,
  database: DatabaseConnection,
  bus: Bus,
  { logger, health, shutdown }: ServiceDependencies,
): Promise<Intake> {
  const durables = await watchRequiredDurables(bus, logger);
  shutdown.add('jobs', 'telemetry durables', async () => durables.stop());
  health.addCheck('telemetry durables', async () => void durables.current());
  const clock = (): Date => new Date();
  return {
    budget: createByteBudget(bodyBudget),
    rates: createEventRates(toRates(config)),
    durables,
    publisher: createTelemetryPublisher(bus, durables),
    quarantine: createQuarantine(database, clock),
    database,
    clock,
    logger,
  };
}

async function startHttpDoor(
  config: IngestionConfig,
  intake: Intake,
  { shutdown }: ServiceDependencies,
): Promise<void> {
  const authenticate = createSensorAuthenticator(intake.database, intake.clock);
  const server = createIntakeServer({ ...intake, authenticate });
  await server.listen(config.INGEST_HTTP_PORT, config.INGEST_HTTP_HOST);
  shutdown.add('servers', 'intake', server.close);
}

/** What a sender kept while it could not reach us may come at once. */
const burstSeconds = 20;

function toRates(config: IngestionConfig): Record<'perConnector' | 'perCustomer', EventRate> {
  return {
    perConnector: { eventsPerSecond: config.INGEST_EVENTS_PER_CONNECTOR, burstSeconds },
    perCustomer: { eventsPerSecond: config.INGEST_EVENTS_PER_CUSTOMER, burstSeconds },
  };
}

function createResolvers(): object {
  return {
    DateTime: dateTimeScalar,
    JSON: jsonScalar,
    Query: {
      ...connectorResolvers.Query,
      ...assetResolvers.Query,
      ...identityResolvers.Query,
      ...telemetryResolvers.Query,
      ...healthResolvers.Query,
      ...quarantineResolvers.Query,
    },
    Mutation: {
      ...connectorResolvers.Mutation,
      ...quarantineResolvers.Mutation,
      ...assetResolvers.Mutation,
      ...identityResolvers.Mutation,
    },
    Connector: { ...connectorResolvers.Connector, ...healthResolvers.Connector },
    ConnectorEventCount: healthResolvers.ConnectorEventCount,
    TelemetryGap: healthResolvers.TelemetryGap,
    QuarantinedRecord: quarantineResolvers.QuarantinedRecord,
    Asset: assetResolvers.Asset,
    Identity: identityResolvers.Identity,
    TelemetryEvent: telemetryResolvers.TelemetryEvent,
  };
}

function withLoaders(ctx: ConnectorContext & ReplayContext): IngestionContext {
  return {
    ...ctx,
    connectors: new DataLoader((ids) => loadConnectors(ctx, ids)),
    assets: new DataLoader((ids) => loadAssets(ctx, ids)),
    assetDetails: new DataLoader((ids) => loadDetails(ctx, ids)),
    identities: new DataLoader((ids) => loadIdentities(ctx, ids)),
    identityAliases: new DataLoader((ids) => loadAliases(ctx, ids)),
    polls: new DataLoader((ids) => loadPolls(ctx, ids)),
    health: new DataLoader<string, ConnectorHealth>((ids) => loadHealth(ctx, ids)),
  };
}
