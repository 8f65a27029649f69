import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connectDatabase,
  createLogger,
  createSecretBox,
  migrate,
  newId,
} from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { createTestDatabase, startTestService } from '@vedette/testkit';
import type { TestDatabase, TestService } from '@vedette/testkit';
import { onboardCustomer } from '../customer/customer-operations.ts';
import type { OnboardCustomerInput } from '../customer/customer-operations.ts';
import type { CustomerRow } from '../customer/customer-store.ts';
import { createDeedBook } from '../deed/deed-book.ts';
import type { AccountableContext } from '../deed/deed-book.ts';
import { tenancyMigrations } from '../migrations/all.ts';
import { onboardProvider } from '../provider/provider-operations.ts';
import type { ProviderRow } from '../provider/provider-store.ts';
import { startTenancyService, tenancyRows } from '../service.ts';

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

/** What tenancy is told besides what every service is; the folder goes with the machine's others. */
const configuration = createConfiguration();

/** Where the service of this test file writes exports. */
export const { EXPORTS_DIR: exportsDir } = configuration;

function createConfiguration() {
  const folder = mkdtempSync(join(tmpdir(), 'vedette-tenancy-'));
  const ring = { currentKeyId: 'test', keys: { test: randomBytes(32).toString('base64') } };
  const keyFile = join(folder, 'secrets.json');
  writeFileSync(keyFile, JSON.stringify(ring), { mode: 0o600 });
  return {
    SECRETS_KEY_FILE: keyFile,
    EXPORTS_DIR: join(folder, 'exports'),
    ISSUERS_ALLOW_LOOPBACK: false,
    OPERATOR_ISSUER: 'https://id.operator.example',
    OPERATOR_JWKS_URL: 'https://id.operator.example/jwks',
    OPERATOR_AUDIENCE: 'vedette',
    OPERATOR_ADMIN_SUBJECT: 'first-administrator',
  };
}

/** The whole service, with a broker. */
export function startTestTenancy(): Promise<TestService> {
  return startTestService({
    service: 'tenancy',
    migrate: migrateTenancy,
    start: (settings, dependencies) =>
      startTenancyService({ ...settings, ...configuration }, dependencies),
  });
}

/** The service's tables and its operations, without the service. */
export interface TenancyTables {
  contextFor(viewer: Viewer, now?: Date): AccountableContext;
  /** Onboards as the operator does, under a name of its own unless one is given. */
  aProvider(name?: string): Promise<ProviderRow>;
  aCustomer(
    provider: ProviderRow,
    input?: Partial<OnboardCustomerInput>,
    now?: Date,
  ): Promise<CustomerRow>;
  /** Names of all events in the outbox under this customer, in order. */
  toldUnder(customerId: string): Promise<string[]>;
  /** Subjects of the events in the outbox about these aggregates, in order. */
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
    entities: tenancyRows,
  });
  const logger = createLogger({ service: 'tenancy', level: 'silent' });
  const deeds = createDeedBook(createSecretBox(configuration.SECRETS_KEY_FILE));
  const contextFor: TenancyTables['contextFor'] = (
    viewer,
    now = new Date('2026-03-01T08:00:00Z'),
  ) => ({
    ...{ viewer, db, logger, deeds },
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
    toldUnder: (customerId) =>
      db.infrastructure(async (tx) => {
        const rows: { name: string }[] = await tx.query(
          `select split_part(subject, '.', 3) as name from outbox
           where subject like '%.' || $1 order by position`,
          [customerId],
        );
        return rows.map(({ name }) => name);
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
