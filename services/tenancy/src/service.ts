import { readFileSync } from 'node:fs';
import { connectBus, ensureStream, purgeMessagingTables, startRelay } from '@vedette/event-bus';
import {
  addSubgraph,
  connectDatabase,
  createHttpServer,
  dateTimeScalar,
  startJobs,
} from '@vedette/service-kit';
import type { OperationContext, ServiceDependencies } from '@vedette/service-kit';
import DataLoader from 'dataloader';
import type { TenancyConfig } from './config.ts';
import { loadCustomers } from './customer/customer-operations.ts';
import { customerResolvers } from './customer/customer-resolvers.ts';
import { customerRows } from './customer/customer-store.ts';
import type { CustomerRow } from './customer/customer-store.ts';
import { loadProviders } from './provider/provider-operations.ts';
import { providerResolvers } from './provider/provider-resolvers.ts';
import { providerRows } from './provider/provider-store.ts';
import type { ProviderRow } from './provider/provider-store.ts';
import { viewerResolvers } from './viewer/viewer-resolvers.ts';
import { addViewerRoute } from './viewer/viewer-route.ts';

/** What resolvers get: the operation's context, and loaders that batch within one request. */
export interface TenancyContext extends OperationContext {
  readonly customers: DataLoader<string, CustomerRow | null>;
  readonly providers: DataLoader<string, ProviderRow | null>;
}

/** Starts tenancy: database, relay, housekeeping, subgraph. What it holds is let go of by `shutdown`. */
export async function startTenancyService(
  config: TenancyConfig,
  { logger, health, shutdown }: ServiceDependencies,
): Promise<void> {
  const database = await connectDatabase({
    url: config.DATABASE_URL,
    schema: 'tenancy',
    applicationName: 'tenancy',
    poolSize: config.DATABASE_POOL_SIZE,
    entities: [providerRows, customerRows],
  });
  shutdown.add('database', 'postgres', database.close);
  health.addCheck('postgres', database.ping);

  const bus = await connectBus({ url: config.NATS_URL, name: 'tenancy', logger });
  shutdown.add('bus', 'nats', bus.close);
  await ensureStream(bus.manager, 'TENANCY');
  const relay = startRelay({ service: 'tenancy', stream: 'TENANCY', database, bus, logger });
  shutdown.add('relay', 'outbox', relay.stop);
  const jobs = await startJobs({
    url: config.DATABASE_URL,
    service: 'tenancy',
    logger,
    tasks: { 'purge-messaging-tables': () => purgeMessagingTables(database) },
    crontab: '17 * * * * purge-messaging-tables',
  });
  shutdown.add('jobs', 'graphile-worker', jobs.stop);

  const server = createHttpServer({ health });
  addViewerRoute(server, { database, identityKeys: config.IDENTITY_PUBLIC_KEYS_FILE, logger });
  await addSubgraph<TenancyContext>(server, {
    name: 'tenancy',
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

function createResolvers(): object {
  return {
    DateTime: dateTimeScalar,
    Query: { ...viewerResolvers.Query, ...providerResolvers.Query, ...customerResolvers.Query },
    Mutation: { ...providerResolvers.Mutation, ...customerResolvers.Mutation },
    ViewerInfo: viewerResolvers.ViewerInfo,
    Provider: providerResolvers.Provider,
    Customer: customerResolvers.Customer,
  };
}

function withLoaders(ctx: OperationContext): TenancyContext {
  return {
    ...ctx,
    customers: new DataLoader((ids) => loadCustomers(ctx, ids)),
    providers: new DataLoader((ids) => loadProviders(ctx, ids)),
  };
}
