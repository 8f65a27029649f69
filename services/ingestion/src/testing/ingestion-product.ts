import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { connectBus, detectorDurable, domainSubject, telemetryShardCount } from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import { TenancyEventSchema } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import {
  connectDatabase,
  createHealth,
  createIdentitySigner,
  createLogger,
  createShutdown,
  identityHeader,
  migrate,
  newId,
} from '@vedette/service-kit';
import type {
  DatabaseConnection,
  Health,
  ServiceDependencies,
  ServiceSettings,
  Viewer,
} from '@vedette/service-kit';
import { createTestDatabase, startTestNats, waitFor } from '@vedette/testkit';
import type { TestDatabase, TestNats } from '@vedette/testkit';
import { findFreePort } from '@vedette/testkit/servers';
import { startHistoryService } from '../history-service.ts';
import { migrations } from '../migrations/migrations.ts';
import { startIngestionService } from '../service.ts';

export interface TestCustomer {
  readonly customerId: string;
  readonly providerId: string;
}

/** Both processes of ingestion, with a database and a broker of their own. */
export interface TestIngestion {
  readonly bus: Bus;
  readonly nats: TestNats;
  readonly database: TestDatabase;
  /** The superuser's view, past row-level security. */
  readonly behind: DatabaseConnection;
  readonly eventsUrl: string;
  readonly health: Health;
  /** Makes every detector's durable; without them no telemetry is taken. */
  createDetectors(): Promise<void>;
  startHistory(): Promise<{ stop(): Promise<void> }>;
  /** Tells of a customer as tenancy does, and waits until ingestion knows it. */
  onboardCustomer(providerId?: string): Promise<TestCustomer>;
  query(viewer: Viewer, text: string, variables?: object): Promise<GraphqlAnswer>;
  /** Sets up a connector and answers its key. */
  createSensor(customer: TestCustomer): Promise<string>;
  stop(): Promise<void>;
}

export interface GraphqlAnswer {
  // Answers are whatever a test asked for.
  readonly data: Readonly<Record<string, never>> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions: { readonly code: string };
  }[];
}

export const operator: Viewer = {
  principalId: randomUUID(),
  role: 'OPERATOR_ADMIN',
  customerIds: 'ALL',
};

export function adminOf(customer: TestCustomer): Viewer {
  return {
    principalId: randomUUID(),
    role: 'PROVIDER_ADMIN',
    providerId: customer.providerId,
    customerIds: [customer.customerId],
  };
}

export function migrateIngestion(ownerUrl: string): Promise<void> {
  return migrate({ ownerUrl, schema: 'ingestion', migrations });
}

/** Starts the process `ingestion`. History and detectors are started by the test that needs them. */
export async function startTestIngestion(): Promise<TestIngestion> {
  const [database, nats] = await Promise.all([
    createTestDatabase({ service: 'ingestion', migrate: migrateIngestion }),
    startTestNats(),
  ]);
  const keys = generateKeyPairSync('ed25519');
  const sign = await createIdentitySigner({ ...keys.privateKey.export({ format: 'jwk' }), kid: 'test' });
  const publicKey = { ...keys.publicKey.export({ format: 'jwk' }), kid: 'test', kty: 'OKP' };
  const dependencies = createDependencies('ingestion');
  const config = await createSettings(database, nats);
  const intakePort = await findFreePort();
  await startIngestionService(
    {
      ...config,
      INGEST_HTTP_HOST: '127.0.0.1',
      INGEST_HTTP_PORT: intakePort,
      identityKeys: { keys: [publicKey] },
    },
    dependencies,
  );
  dependencies.health.markStarted();
  const logger = createLogger({ service: 'test', level: 'error' });
  const bus = await connectBus({ url: nats.url, name: 'test', logger });
  const behind = await connectDatabase({
    url: database.adminUrl,
    schema: 'ingestion',
    applicationName: 'test',
    poolSize: 2,
    entities: [],
  });

  const query: TestIngestion['query'] = async (viewer, text, variables = {}) => {
    const response = await fetch(`http://127.0.0.1:${config.SERVICE_PORT}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        [identityHeader]: await sign(viewer, 'ingestion'),
      },
      body: JSON.stringify({ query: text, variables }),
    });
    return (await response.json()) as GraphqlAnswer;
  };
  const histories: { stop(): Promise<void> }[] = [];
  return {
    bus,
    nats,
    database,
    behind,
    eventsUrl: `http://127.0.0.1:${intakePort}/v1/events`,
    health: dependencies.health,
    createDetectors: () => createDetectors(bus),
    startHistory: async () => {
      const history = await startHistory(database, nats);
      histories.push(history);
      return history;
    },
    onboardCustomer: (providerId = newId()) => onboardCustomer(bus, behind, providerId),
    query,
    createSensor: (customer) => createSensor(query, customer),
    stop: async () => {
      await Promise.all(histories.map((history) => history.stop()));
      await dependencies.shutdown.run();
      await bus.close();
      await behind.close();
      await nats.stop();
      await database.drop();
    },
  };
}

function createDependencies(service: string): ServiceDependencies {
  const logger = createLogger({ service, level: 'error' });
  return { logger, health: createHealth(), shutdown: createShutdown(logger) };
}

async function createSettings(database: TestDatabase, nats: TestNats): Promise<ServiceSettings> {
  return {
    SERVICE_HOST: '127.0.0.1',
    SERVICE_PORT: await findFreePort(),
    DATABASE_URL: database.runtimeUrl,
    DATABASE_POOL_SIZE: 4,
    NATS_URL: nats.url,
    IDENTITY_PUBLIC_KEYS_FILE: 'given as keys',
    LOG_LEVEL: 'error',
  };
}

async function startHistory(
  database: TestDatabase,
  nats: TestNats,
): Promise<{ stop(): Promise<void> }> {
  const dependencies = createDependencies('ingestion-history');
  await startHistoryService(await createSettings(database, nats), dependencies);
  return { stop: () => dependencies.shutdown.run() };
}

async function createDetectors(bus: Bus): Promise<void> {
  for (let shard = 0; shard < telemetryShardCount; shard += 1) {
    await bus.manager.consumers.add('TELEMETRY', {
      durable_name: detectorDurable(shard),
      filter_subject: `vedette.telemetry.${shard}.*`,
      ack_policy: 'explicit',
    });
  }
}

async function onboardCustomer(
  bus: Bus,
  behind: DatabaseConnection,
  providerId: string,
): Promise<TestCustomer> {
  const customer = { providerId, customerId: newId() };
  const event = create(TenancyEventSchema, {
    meta: { eventId: newId(), ...customer, aggregateId: customer.customerId, aggregateVersion: 1n },
    event: {
      case: 'customerOnboarded',
      value: { $typeName: 'vedette.tenancy.v1.CustomerOnboarded', name: 'A', isOwnEstate: false, plan: 1 },
    },
  });
  const subject = domainSubject('tenancy', 'customer_onboarded', customer);
  await bus.client.publish(subject, toBinary(TenancyEventSchema, event));
  await waitFor(async () => {
    const rows = await select(behind, 'select from customers where customer_id = $1', [
      customer.customerId,
    ]);
    return rows.length === 1;
  });
  return customer;
}

async function createSensor(
  query: TestIngestion['query'],
  { customerId }: TestCustomer,
): Promise<string> {
  const answer = await query(
    operator,
    `mutation ($customerId: ID!) {
       createConnector(input: { customerId: $customerId, type: "windows-events" }) { key }
     }`,
    { customerId },
  );
  return (answer.data as unknown as { createConnector: { key: string } }).createConnector.key;
}

/** Rows as the superuser sees them. */
export function select<Row = Readonly<Record<string, unknown>>>(
  behind: DatabaseConnection,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<readonly Row[]> {
  return behind.infrastructure((tx) => tx.query(sql, [...parameters]));
}
