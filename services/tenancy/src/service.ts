import { readFileSync } from 'node:fs';
import { connectBus, ensureStream, purgeMessagingTables, startRelay } from '@vedette/event-bus';
import {
  addSubgraph,
  connectDatabase,
  createHttpServer,
  createSecretBox,
  dateTimeScalar,
  jsonScalar,
  startJobs,
} from '@vedette/service-kit';
import type { DatabaseOptions, OperationContext, ServiceDependencies } from '@vedette/service-kit';
import DataLoader from 'dataloader';
import { apiKeyResolvers } from './api-key/api-key-resolvers.ts';
import { apiKeyRows, apiKeySecretRows } from './api-key/api-key-store.ts';
import { createAuthorityLoaders } from './authority-loaders.ts';
import type { AuthorityLoaders } from './authority-loaders.ts';
import type { TenancyConfig } from './config.ts';
import { contactResolvers } from './contact/contact-resolvers.ts';
import { contactRows } from './contact/contact-store.ts';
import { customerImportResolvers } from './customer-import/customer-import-resolvers.ts';
import { customerLeavingResolvers } from './customer-leaving/customer-leaving-resolvers.ts';
import { createCustomerLoaders } from './customer-loaders.ts';
import type { CustomerLoaders } from './customer-loaders.ts';
import { customerResolvers } from './customer/customer-resolvers.ts';
import { customerRows } from './customer/customer-store.ts';
import { createDeedBook } from './deed/deed-book.ts';
import { deedResolvers } from './deed/deed-resolvers.ts';
import { deedRows } from './deed/deed-store.ts';
import { loadGrants } from './grant/grant-operations.ts';
import { grantResolvers } from './grant/grant-resolvers.ts';
import { grantRows } from './grant/grant-store.ts';
import type { GrantRow } from './grant/grant-store.ts';
import type { IssuerContext } from './issuer/issuer-operations.ts';
import { issuerResolvers } from './issuer/issuer-resolvers.ts';
import { issuerRows } from './issuer/issuer-store.ts';
import { mandateResolvers } from './mandate/mandate-resolvers.ts';
import { mandateRows } from './mandate/mandate-store.ts';
import { ensureOperator } from './principal/ensure-operator.ts';
import { providerResolvers } from './provider/provider-resolvers.ts';
import { providerRows } from './provider/provider-store.ts';
import { readinessResolvers } from './readiness/readiness-resolvers.ts';
import { republishDuePolicies } from './response-policy/republish-policies.ts';
import { responsePolicyResolvers } from './response-policy/response-policy-resolvers.ts';
import { policyRows } from './response-policy/response-policy-store.ts';
import { serviceContactResolvers } from './service-contact/service-contact-resolvers.ts';
import { serviceContactRows } from './service-contact/service-contact-store.ts';
import { startConsumers } from './start-consumers.ts';
import { userResolvers } from './user/user-resolvers.ts';
import { userRows } from './user/user-store.ts';
import { addGatewayRoutes } from './viewer/gateway-routes.ts';
import { viewerResolvers } from './viewer/viewer-resolvers.ts';

/** What resolvers get: the operation's context, and loaders that batch within one request. */
export interface TenancyContext extends IssuerContext, CustomerLoaders, AuthorityLoaders {
  readonly grants: DataLoader<string, readonly GrantRow[]>;
  /**
   * Lets the viewer reach customers that this request has made. By its identity token it does so once
   * the gateway has asked again who it is.
   */
  reachNew(customerIds: readonly string[]): void;
}

/** Every table that is read as rows. */
export const tenancyRows: DatabaseOptions['entities'] = [
  providerRows,
  customerRows,
  issuerRows,
  userRows,
  grantRows,
  apiKeyRows,
  apiKeySecretRows,
  mandateRows,
  policyRows,
  contactRows,
  serviceContactRows,
  deedRows,
];

/** What the service does by itself it does for all customers at once. */
const byItself: Pick<OperationContext, 'viewer' | 'clock'> = {
  viewer: { principalId: 'system:tenancy', role: 'SERVICE', customerIds: 'ALL' },
  clock: () => new Date(),
};

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
    entities: tenancyRows,
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
    tasks: {
      'purge-messaging-tables': () => purgeMessagingTables(database),
      'republish-due-policies': () => republishDuePolicies({ ...byItself, db: database, logger }),
    },
    crontab: '17 * * * * purge-messaging-tables\n* * * * * republish-due-policies',
  });
  shutdown.add('jobs', 'graphile-worker', jobs.stop);

  const deeds = createDeedBook(createSecretBox(config.SECRETS_KEY_FILE));
  const consumers = await startConsumers(
    { exportsDir: config.EXPORTS_DIR, deeds },
    { bus, database, logger },
  );
  shutdown.add('consumers', 'all', consumers.stop);
  const clock = (): Date => new Date();
  await ensureOperator({ db: database, clock, logger, deeds }, config);
  const identityKeys = config.IDENTITY_PUBLIC_KEYS_FILE;
  const server = createHttpServer({ health });
  addGatewayRoutes(server, { database, clock, logger, identityKeys });
  await addSubgraph<TenancyContext>(server, {
    name: 'tenancy',
    typeDefs: readFileSync(new URL('../schema.graphql', import.meta.url), 'utf8'),
    resolvers: createResolvers(),
    identityKeys,
    logger,
    createContext: (viewer) =>
      withLoaders({
        ...{ viewer, db: database, clock, logger, deeds },
        allowsLoopbackIssuers: config.ISSUERS_ALLOW_LOOPBACK,
      }),
  });
  await server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT });
  shutdown.add('servers', 'http', () => server.close());
}

/** Every noun's resolvers as one map; each type is described in one place, the roots in all. */
function createResolvers(): object {
  const merged: Record<string, object> = { DateTime: dateTimeScalar, JSON: jsonScalar };
  for (const resolvers of [
    viewerResolvers,
    providerResolvers,
    customerResolvers,
    customerImportResolvers,
    customerLeavingResolvers,
    readinessResolvers,
    issuerResolvers,
    userResolvers,
    grantResolvers,
    apiKeyResolvers,
    mandateResolvers,
    responsePolicyResolvers,
    contactResolvers,
    serviceContactResolvers,
    deedResolvers,
  ]) {
    for (const [type, fields] of Object.entries<object>(resolvers)) {
      merged[type] = { ...merged[type], ...fields };
    }
  }
  return merged;
}

function withLoaders({ viewer, ...given }: IssuerContext): TenancyContext {
  const customerIds: 'ALL' | string[] =
    viewer.customerIds === 'ALL' ? 'ALL' : [...viewer.customerIds];
  const ctx = { ...given, viewer: { ...viewer, customerIds } };
  return {
    ...ctx,
    grants: new DataLoader((ids) => loadGrants(ctx, ids)),
    ...createCustomerLoaders(ctx),
    ...createAuthorityLoaders(ctx),
    reachNew: (made) => {
      if (customerIds !== 'ALL') customerIds.push(...made);
    },
  };
}
