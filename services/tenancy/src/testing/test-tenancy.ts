import { connectDatabase, createLogger, migrate, newId } from '@vedette/service-kit';
import type { OperationContext, Viewer } from '@vedette/service-kit';
import { createTestDatabase, startTestService } from '@vedette/testkit';
import type { TestDatabase, TestService } from '@vedette/testkit';
import { onboardCustomer } from '../customer/customer-operations.ts';
import type { OnboardCustomerInput } from '../customer/customer-operations.ts';
import { customerRows } from '../customer/customer-store.ts';
import type { CustomerRow } from '../customer/customer-store.ts';
import { tenancyMigrations } from '../migrations/all.ts';
import { onboardProvider } from '../provider/provider-operations.ts';
import { providerRows } from '../provider/provider-store.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { startTenancyService } from '../service.ts';

export const operatorAdmin: Viewer = {
  principalId: '0197ee00-0000-7000-8000-000000000001',
  role: 'OPERATOR_ADMIN',
  customerIds: 'ALL',
};

/** A provider's admin who reaches its own estate and these customers. */
export function adminOf(provider: ProviderRow, ...customers: readonly CustomerRow[]): Viewer {
  return {
    principalId: newId(),
    role: 'PROVIDER_ADMIN',
    providerId: provider.providerId,
    customerIds: [provider.ownEstateId, ...customers.map(({ customerId }) => customerId)],
  };
}

function migrateTenancy(ownerUrl: string): Promise<void> {
  return migrate({ ownerUrl, schema: 'tenancy', migrations: tenancyMigrations });
}

export function createTenancyDatabase(): Promise<TestDatabase> {
  return createTestDatabase({ service: 'tenancy', migrate: migrateTenancy });
}

/** The whole service, with a broker. */
export function startTestTenancy(): Promise<TestService> {
  return startTestService({
    service: 'tenancy',
    migrate: migrateTenancy,
    start: startTenancyService,
  });
}

/** The service's tables and its operations, without the service. */
export interface TenancyTables {
  contextFor(viewer: Viewer, now?: Date): OperationContext;
  /** Onboards as the operator does, under a name of its own unless one is given. */
  aProvider(name?: string): Promise<ProviderRow>;
  aCustomer(
    provider: ProviderRow,
    input?: Partial<OnboardCustomerInput>,
    now?: Date,
  ): Promise<CustomerRow>;
  /** Names of the events in the outbox about these aggregates, in order. */
  toldOf(...aggregateIds: readonly string[]): Promise<string[]>;
  stop(): Promise<void>;
}

/** @param url of a database that somebody else made, such as a running service's */
export async function connectTenancyTables(url: string): Promise<TenancyTables> {
  const db = await connectDatabase({
    url,
    schema: 'tenancy',
    applicationName: 'test',
    poolSize: 4,
    entities: [providerRows, customerRows],
  });
  const logger = createLogger({ service: 'tenancy', level: 'silent' });
  const contextFor: TenancyTables['contextFor'] = (
    viewer,
    now = new Date('2026-03-01T08:00:00Z'),
  ) => ({
    ...{ viewer, db, logger },
    clock: () => now,
  });
  return {
    contextFor,
    aProvider: (name = `Provider ${newId()}`) =>
      onboardProvider(contextFor(operatorAdmin), { name }),
    aCustomer: ({ providerId }, input = {}, now) =>
      onboardCustomer(contextFor(operatorAdmin, now), {
        name: `Customer ${newId()}`,
        ...input,
        providerId,
      }),
    toldOf: (...aggregateIds) =>
      db.infrastructure(async (tx) => {
        const rows: { subject: string }[] = await tx.query(
          'select subject from outbox where aggregate_id = any ($1) order by position',
          [aggregateIds],
        );
        return rows.map(({ subject }) => subject);
      }),
    stop: db.close,
  };
}

export async function startTenancyTables(): Promise<TenancyTables> {
  const postgres = await createTenancyDatabase();
  const tables = await connectTenancyTables(postgres.runtimeUrl);
  return {
    ...tables,
    stop: async () => {
      await tables.stop();
      await postgres.drop();
    },
  };
}
