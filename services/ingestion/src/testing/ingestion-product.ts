import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampNow } from '@bufbuild/protobuf/wkt';
import { detectorDurable, domainSubject, telemetryShardCount } from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import { CaseEventSchema } from '@vedette/proto-schemas/cases/v1/case_event';
import {
  CustomerChangedSchema,
  CustomerExportRequestedSchema,
  CustomerMovedSchema,
  CustomerOffboardedSchema,
  CustomerOnboardedSchema,
  CustomerPurgeRequestedSchema,
  Plan,
  TenancyEventSchema,
} from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { createHealth, createShutdown, migrate, newId } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { startTestService, waitFor } from '@vedette/testkit';
import type { RedeliveredEvent, TestService } from '@vedette/testkit';
import { findFreePort } from '@vedette/testkit/servers';
import { startHistoryService } from '../history-service.ts';
import { migrations } from '../migrations/migrations.ts';
import { startIngestionService } from '../service.ts';

export interface TestCustomer {
  readonly customerId: string;
  readonly providerId: string;
}

/** The process `ingestion` inside a test, with a database and a broker of its own. */
export interface TestIngestion extends TestService {
  readonly eventsUrl: string;
  /** Whether the process says that it takes work. */
  isReady(): Promise<boolean>;
  /** Makes every detector's durable; without them no telemetry is taken. */
  createDetectors(): Promise<void>;
  /** Starts the process `ingestion-history` beside it. */
  startHistory(): Promise<void>;
  /** Tells of a customer as tenancy does, and waits until ingestion knows it. */
  onboardCustomer(): Promise<TestCustomer>;
  /** Sets up a connector and answers its key. */
  createSensor(customer: TestCustomer): Promise<string>;
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

/** Where the service of this test file writes exports. */
export const exportsDir = join(tmpdir(), `vedette-test-exports-${randomUUID()}`);

/** Starts the process `ingestion`. History and detectors are started by the test that needs them. */
export async function startTestIngestion(): Promise<TestIngestion> {
  const door = {
    INGEST_HTTP_HOST: '127.0.0.1',
    INGEST_HTTP_PORT: await findFreePort(),
    INGEST_EVENTS_PER_CONNECTOR: 25_000,
    INGEST_EVENTS_PER_CUSTOMER: 50_000,
    SECRETS_KEY_FILE: await writeKeyRing(),
    POLLS_ALLOW_LOOPBACK: true,
  };
  const service = await startTestService({
    service: 'ingestion',
    migrate: migrateIngestion,
    start: (config, dependencies) =>
      startIngestionService({ ...config, ...door, EXPORTS_DIR: exportsDir }, dependencies),
  });
  const history = createShutdown(service.logger);
  return {
    ...service,
    eventsUrl: `http://127.0.0.1:${door.INGEST_HTTP_PORT}/v1/events`,
    isReady: async () => (await fetch(`${service.origin}/health/ready`)).ok,
    createDetectors: () => createDetectors(service.bus),
    startHistory: async () => {
      const settings = { ...service.settings, SERVICE_PORT: await findFreePort() };
      const { logger } = service;
      await startHistoryService(settings, { logger, health: createHealth(), shutdown: history });
    },
    onboardCustomer: () => onboardCustomer(service),
    createSensor: (customer) => createSensor(service, customer),
    stop: async () => {
      await history.run();
      await service.stop();
      await rm(exportsDir, { recursive: true, force: true });
      await rm(dirname(door.SECRETS_KEY_FILE), { recursive: true, force: true });
    },
  };
}

/** Writes a key ring of this test's own, and answers where. */
async function writeKeyRing(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'vedette-test-keys-')), 'secrets.json');
  const ring = { currentKeyId: 'test', keys: { test: randomBytes(32).toString('base64') } };
  await writeFile(file, JSON.stringify(ring), { mode: 0o600 });
  return file;
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

/** What tenancy tells of a customer. */
function toldByTenancy(
  name: string,
  owner: TestCustomer,
  event: TenancyEvent['event'],
  version = 1n,
): RedeliveredEvent {
  const message = create(TenancyEventSchema, {
    meta: {
      eventId: newId(),
      ...owner,
      aggregateId: owner.customerId,
      aggregateVersion: version,
      actor: 'system:tenancy',
    },
    event,
  });
  return {
    stream: 'TENANCY',
    subject: domainSubject('tenancy', name, owner),
    payload: toBinary(TenancyEventSchema, message),
  };
}

export function customerOnboarded(
  owner: TestCustomer = { customerId: newId(), providerId: newId() },
  plan = Plan.ADVANCED,
): RedeliveredEvent {
  const value = create(CustomerOnboardedSchema, { name: 'Harbour Bank', plan });
  return toldByTenancy('customer_onboarded', owner, { case: 'customerOnboarded', value });
}

/** A customer that has another plan now. */
export function customerChanged(
  owner: TestCustomer,
  version: bigint,
  plan = Plan.STANDARD,
): RedeliveredEvent {
  const value = create(CustomerChangedSchema, { name: 'Harbour Bank', plan });
  return toldByTenancy('customer_changed', owner, { case: 'customerChanged', value }, version);
}

/** A customer at its new provider. */
export function customerMoved(owner: TestCustomer, version: bigint): RedeliveredEvent {
  const value = create(CustomerMovedSchema, { fromProviderId: newId() });
  return toldByTenancy('customer_moved', owner, { case: 'customerMoved', value }, version);
}

export function customerOffboarded(owner: TestCustomer, version: bigint): RedeliveredEvent {
  const value = create(CustomerOffboardedSchema, { reason: 'The contract has ended' });
  return toldByTenancy(
    'customer_offboarded',
    owner,
    { case: 'customerOffboarded', value },
    version,
  );
}

export function exportRequested(
  owner: TestCustomer,
  exportId: string,
  asked: { readonly service?: string; readonly isLast?: boolean } = {},
): RedeliveredEvent {
  const value = create(CustomerExportRequestedSchema, { exportId, ...asked });
  return toldByTenancy('customer_export_requested', owner, {
    case: 'customerExportRequested',
    value,
  });
}

export function purgeRequested(owner: TestCustomer, purgeId: string): RedeliveredEvent {
  const value = create(CustomerPurgeRequestedSchema, { purgeId });
  return toldByTenancy('customer_purge_requested', owner, {
    case: 'customerPurgeRequested',
    value,
  });
}

/** A case of the customer that was just opened on some asset. */
export function caseOpened(owner: TestCustomer): RedeliveredEvent {
  const message = create(CaseEventSchema, {
    meta: {
      ...{ eventId: newId(), ...owner, aggregateId: newId(), aggregateVersion: 1n },
      ...{ occurredAt: timestampNow(), actor: 'system:cases' },
    },
    event: {
      case: 'caseOpened',
      value: { title: 'A case', detectionId: newId(), assetId: newId() },
    },
  });
  return {
    stream: 'CASES',
    subject: domainSubject('cases', 'case_opened', owner),
    payload: toBinary(CaseEventSchema, message),
  };
}

async function onboardCustomer({ bus, select }: TestService): Promise<TestCustomer> {
  const customer = { providerId: newId(), customerId: newId() };
  const { subject, payload } = customerOnboarded(customer);
  await bus.client.publish(subject, payload);
  const sql = 'select from customers where customer_id = $1';
  await waitFor(async () => (await select(sql, [customer.customerId])).length === 1);
  return customer;
}

async function createSensor({ ask }: TestService, { customerId }: TestCustomer): Promise<string> {
  const { data } = await ask<{ createConnector: { key: string } }>(
    operator,
    `mutation ($customerId: ID!) {
       createConnector(input: { customerId: $customerId, type: "windows-events" }) { key }
     }`,
    { customerId },
  );
  return data?.createConnector.key ?? '';
}
