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
} from '@vedette/service-kit';
import DataLoader from 'dataloader';
import type { Case } from './case/case.ts';
import type { CaseContents } from './case/case-contents-store.ts';
import { loadCases, loadContents } from './case/case-operations.ts';
import { caseResolvers } from './case/case-resolvers.ts';
import { caseRows } from './case/case-store.ts';
import { timelineRows } from './case/case-timeline-store.ts';
import type { CasesConfig } from './config.ts';
import { exportCustomerOnCustomerExportRequested } from './consumers/export-customer-on-customer-export-requested.ts';
import { openCaseOnDetection } from './consumers/open-case-on-detection.ts';
import { purgeCustomerOnCustomerPurgeRequested } from './consumers/purge-customer-on-customer-purge-requested.ts';
import { recordCustomerOnCustomerMoved } from './consumers/record-customer-on-customer-moved.ts';
import { recordCustomerOnCustomerOnboarded } from './consumers/record-customer-on-customer-onboarded.ts';

/** What resolvers get: the operation's context, and loaders that batch within one request. */
export interface CasesContext extends OperationContext {
  readonly cases: DataLoader<string, Case | null>;
  readonly contents: DataLoader<string, CaseContents | null>;
}

/** Starts cases: database, relay, consumers, housekeeping, subgraph. `shutdown` lets go of them. */
export async function startCasesService(
  config: CasesConfig,
  { logger, health, shutdown }: ServiceDependencies,
): Promise<void> {
  const database = await connectDatabase({
    url: config.DATABASE_URL,
    schema: 'cases',
    applicationName: 'cases',
    poolSize: config.DATABASE_POOL_SIZE,
    entities: [caseRows, timelineRows],
  });
  shutdown.add('database', 'postgres', database.close);
  health.addCheck('postgres', database.ping);

  const bus = await connectBus({ url: config.NATS_URL, name: 'cases', logger });
  shutdown.add('bus', 'nats', bus.close);
  for (const stream of ['TENANCY', 'HUNTING', 'CASES'] as const) {
    await ensureStream(bus.manager, stream);
  }
  const relay = startRelay({ service: 'cases', stream: 'CASES', database, bus, logger });
  shutdown.add('relay', 'outbox', relay.stop);
  await startConsumers(config, database, bus, { logger, shutdown });
  const jobs = await startJobs({
    url: config.DATABASE_URL,
    service: 'cases',
    logger,
    tasks: { 'purge-messaging-tables': () => purgeMessagingTables(database) },
    crontab: '17 * * * * purge-messaging-tables',
  });
  shutdown.add('jobs', 'graphile-worker', jobs.stop);

  const server = createHttpServer({ health });
  await addSubgraph<CasesContext>(server, {
    name: 'cases',
    typeDefs: readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'),
    resolvers: { DateTime: dateTimeScalar, ...caseResolvers },
    identityKeys: config.IDENTITY_PUBLIC_KEYS_FILE,
    logger,
    createContext: (viewer) =>
      withLoaders({ viewer, db: database, clock: () => new Date(), logger }),
  });
  await server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT });
  shutdown.add('servers', 'http', () => server.close());
}

async function startConsumers(
  { EXPORTS_DIR }: CasesConfig,
  database: DatabaseConnection,
  bus: Bus,
  { logger, shutdown }: Pick<ServiceDependencies, 'logger' | 'shutdown'>,
): Promise<void> {
  const dependencies = { bus, database, logger };
  const running = await Promise.all([
    startConsumer(recordCustomerOnCustomerOnboarded, dependencies),
    startConsumer(recordCustomerOnCustomerMoved, dependencies),
    startConsumer(exportCustomerOnCustomerExportRequested(EXPORTS_DIR), dependencies),
    startConsumer(purgeCustomerOnCustomerPurgeRequested(EXPORTS_DIR), dependencies),
    startConsumer(openCaseOnDetection, dependencies),
  ]);
  shutdown.add('consumers', 'all', async () => {
    await Promise.all(running.map((consumer) => consumer.stop()));
  });
}

function withLoaders(ctx: OperationContext): CasesContext {
  return {
    ...ctx,
    cases: new DataLoader((ids) => loadCases(ctx, ids)),
    contents: new DataLoader((ids) => loadContents(ctx, ids)),
  };
}
