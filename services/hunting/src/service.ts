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
  startJobs,
} from '@vedette/service-kit';
import type {
  DatabaseConnection,
  OperationContext,
  ServiceDependencies,
  ServiceSettings,
} from '@vedette/service-kit';
import type { RuleHead } from '@vedette/sigma';
import DataLoader from 'dataloader';
import type { HuntingConfig } from './config.ts';
import { exportCustomerOnCustomerExportRequested } from './consumers/export-customer-on-customer-export-requested.ts';
import { purgeCustomerOnCustomerPurgeRequested } from './consumers/purge-customer-on-customer-purge-requested.ts';
import { recordCustomerOnCustomerMoved } from './consumers/record-customer-on-customer-moved.ts';
import { recordCustomerOnCustomerOnboarded } from './consumers/record-customer-on-customer-onboarded.ts';
import type { Detection } from './detection/detection.ts';
import { loadDetections } from './detection/detection-operations.ts';
import { detectionResolvers } from './detection/detection-resolvers.ts';
import { detectionRows } from './detection/detection-store.ts';
import { loadRules } from './rule/load-rules.ts';
import { ruleResolvers } from './rule/rule-resolvers.ts';

/** What resolvers get: the operation's context, loaders of one request, and the rules that run. */
export interface HuntingContext extends OperationContext {
  readonly detections: DataLoader<string, Detection | null>;
  readonly findRule: (id: string) => RuleHead | undefined;
}

/** Starts `hunting`: database, relay, consumer, housekeeping, subgraph. `shutdown` lets go of them. */
export async function startHuntingService(
  config: HuntingConfig,
  dependencies: ServiceDependencies,
): Promise<void> {
  const { logger, health, shutdown } = dependencies;
  const { database, bus } = await connect('hunting', config, dependencies);
  await ensureStream(bus.manager, 'TENANCY');
  await startConsumers(config, database, bus, dependencies);
  const jobs = await startJobs({
    url: config.DATABASE_URL,
    service: 'hunting',
    logger,
    tasks: { 'purge-messaging-tables': () => purgeMessagingTables(database) },
    crontab: '17 * * * * purge-messaging-tables',
  });
  shutdown.add('jobs', 'graphile-worker', jobs.stop);

  const { rules, correlations } = loadRules(config.HUNTING_RULES_DIRS, logger);
  const ruleById = new Map<string, RuleHead>(
    [...rules, ...correlations].map((rule) => [rule.id, rule]),
  );
  const server = createHttpServer({ health });
  await addSubgraph<HuntingContext>(server, {
    name: 'hunting',
    typeDefs: readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'),
    resolvers: { DateTime: dateTimeScalar, ...detectionResolvers, ...ruleResolvers },
    identityKeys: config.IDENTITY_PUBLIC_KEYS_FILE,
    logger,
    createContext: (viewer) => {
      const ctx = { viewer, db: database, clock: () => new Date(), logger };
      return {
        ...ctx,
        findRule: (id) => ruleById.get(id),
        detections: new DataLoader((ids: readonly string[]) => loadDetections(ctx, ids)),
      };
    },
  });
  await server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT });
  shutdown.add('servers', 'http', () => server.close());
}

async function startConsumers(
  { EXPORTS_DIR }: HuntingConfig,
  database: DatabaseConnection,
  bus: Bus,
  { logger, shutdown }: ServiceDependencies,
): Promise<void> {
  const dependencies = { bus, database, logger };
  const running = await Promise.all([
    startConsumer(recordCustomerOnCustomerOnboarded, dependencies),
    startConsumer(recordCustomerOnCustomerMoved, dependencies),
    startConsumer(exportCustomerOnCustomerExportRequested(EXPORTS_DIR), dependencies),
    startConsumer(purgeCustomerOnCustomerPurgeRequested(EXPORTS_DIR), dependencies),
  ]);
  shutdown.add('consumers', 'all', async () => {
    await Promise.all(running.map((consumer) => consumer.stop()));
  });
}

/** Connects a process of this service to database and broker, and publishes the service's outbox. */
export async function connect(
  name: string,
  config: Pick<ServiceSettings, 'DATABASE_URL' | 'DATABASE_POOL_SIZE' | 'NATS_URL'>,
  { logger, health, shutdown }: ServiceDependencies,
): Promise<{ database: DatabaseConnection; bus: Bus }> {
  const database = await connectDatabase({
    url: config.DATABASE_URL,
    schema: 'hunting',
    applicationName: name,
    poolSize: config.DATABASE_POOL_SIZE,
    entities: [detectionRows],
  });
  shutdown.add('database', 'postgres', database.close);
  health.addCheck('postgres', database.ping);
  const bus = await connectBus({ url: config.NATS_URL, name, logger });
  shutdown.add('bus', 'nats', bus.close);
  await ensureStream(bus.manager, 'HUNTING');
  const relay = startRelay({ service: 'hunting', stream: 'HUNTING', database, bus, logger });
  shutdown.add('relay', 'outbox', relay.stop);
  return { database, bus };
}
