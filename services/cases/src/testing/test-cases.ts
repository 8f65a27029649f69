import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import {
  DetectionRaisedSchema,
  HuntingEventSchema,
  Severity,
} from '@vedette/proto-schemas/hunting/v1/hunting_event';
import {
  CustomerExportRequestedSchema,
  CustomerMovedSchema,
  CustomerOnboardedSchema,
  CustomerPurgeRequestedSchema,
  Plan,
  TenancyEventSchema,
} from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import {
  connectDatabase,
  createLogger,
  keepCustomer,
  migrate,
  newId,
  systemViewer,
} from '@vedette/service-kit';
import type { DatabaseConnection, OperationContext, Viewer } from '@vedette/service-kit';
import { createTestDatabase, startTestService, waitFor } from '@vedette/testkit';
import type { RedeliveredEvent, RowOwner, TestDatabase, TestService } from '@vedette/testkit';
import type { DetectionFacts } from '../case/case.ts';
import { caseRows } from '../case/case-store.ts';
import { timelineRows } from '../case/case-timeline-store.ts';
import { casesMigrations } from '../migrations/all.ts';
import { startCasesService } from '../service.ts';
import { aDetection, customerId, providerId } from './case-builders.ts';

export const analyst: Viewer = {
  principalId: '0197ee00-0000-7000-8000-000000000001',
  role: 'OPERATOR_ANALYST',
  customerIds: 'ALL',
};

/** A provider's admin who reaches these customers and no others. */
export function adminOf(...customerIds: readonly string[]): Viewer {
  return { principalId: newId(), role: 'PROVIDER_ADMIN', providerId, customerIds };
}

function migrateCases(ownerUrl: string): Promise<void> {
  return migrate({ ownerUrl, schema: 'cases', migrations: casesMigrations });
}

export function createCasesDatabase(): Promise<TestDatabase> {
  return createTestDatabase({ service: 'cases', migrate: migrateCases });
}

/** Where the service of this test file writes exports. */
export const exportsDir = join(tmpdir(), `vedette-test-exports-${newId()}`);

/** The whole service, with a broker. */
export async function startTestCases(): Promise<TestService> {
  const service = await startTestService({
    service: 'cases',
    migrate: migrateCases,
    start: (config, dependencies) =>
      startCasesService({ ...config, EXPORTS_DIR: exportsDir }, dependencies),
  });
  return {
    ...service,
    stop: async () => {
      await service.stop();
      await rm(exportsDir, { recursive: true, force: true });
    },
  };
}

/** The service's tables with one customer and without the service, for operations that are called directly. */
export interface CasesTables {
  readonly postgres: TestDatabase;
  /** What an operation takes first; the time stands still unless it is told. */
  contextFor(viewer: Viewer, now?: Date): OperationContext;
  /** The context of the consumer that a customer's detections reach. */
  systemContext(now?: Date): OperationContext;
  stop(): Promise<void>;
}

export async function startCasesTables(): Promise<CasesTables> {
  const postgres = await createCasesDatabase();
  const db: DatabaseConnection = await connectDatabase({
    url: postgres.runtimeUrl,
    schema: 'cases',
    applicationName: 'test',
    poolSize: 6,
    entities: [caseRows, timelineRows],
  });
  await db.transaction({ kind: 'CUSTOMERS', customerIds: [customerId] }, (tx) =>
    keepCustomer(tx, { customerId, providerId, version: 1n }),
  );
  const logger = createLogger({ service: 'cases', level: 'silent' });
  const contextFor: CasesTables['contextFor'] = (
    viewer,
    now = new Date('2026-03-01T08:00:00Z'),
  ) => ({
    ...{ viewer, db, logger },
    clock: () => now,
  });
  return {
    postgres,
    contextFor,
    systemContext: (now) => contextFor(systemViewer('cases', { customerId, providerId }), now),
    stop: async () => {
      await db.close();
      await postgres.drop();
    },
  };
}

/** What tenancy tells of a customer. */
function toldByTenancy(
  name: string,
  owner: RowOwner,
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
  owner: RowOwner = { customerId: newId(), providerId },
): RedeliveredEvent {
  const value = create(CustomerOnboardedSchema, { name: 'Harbour Bank', plan: Plan.STANDARD });
  return toldByTenancy('customer_onboarded', owner, { case: 'customerOnboarded', value });
}

/** A customer at its new provider. */
export function customerMoved(owner: RowOwner, version: bigint): RedeliveredEvent {
  const value = create(CustomerMovedSchema, { fromProviderId: providerId });
  return toldByTenancy('customer_moved', owner, { case: 'customerMoved', value }, version);
}

export function exportRequested(owner: RowOwner, exportId: string): RedeliveredEvent {
  const value = create(CustomerExportRequestedSchema, { exportId });
  return toldByTenancy('customer_export_requested', owner, {
    case: 'customerExportRequested',
    value,
  });
}

export function purgeRequested(owner: RowOwner, purgeId: string): RedeliveredEvent {
  const value = create(CustomerPurgeRequestedSchema, { purgeId });
  return toldByTenancy('customer_purge_requested', owner, {
    case: 'customerPurgeRequested',
    value,
  });
}

/** Tells of a customer and waits until the service knows it. */
export async function onboardCustomer(service: TestService, customer: string): Promise<void> {
  const { subject, payload } = customerOnboarded({ customerId: customer, providerId });
  await service.bus.client.publish(subject, payload);
  const sql = 'select from customers where customer_id = $1';
  await waitFor(async () => (await service.select(sql, [customer])).length === 1);
}

/** A detection of something else than any before: another id, and another asset unless it is given. */
export function anotherDetection(changes: Partial<DetectionFacts> = {}): DetectionFacts {
  return aDetection({ detectionId: newId(), assetId: newId(), ...changes });
}

/** A detection as hunting tells of it. */
export function detectionRaised(detection: DetectionFacts): RedeliveredEvent {
  const { detectionId, severity, occurredAt, ...facts } = detection;
  const event = create(HuntingEventSchema, {
    meta: {
      eventId: newId(),
      ...{ providerId: facts.providerId, customerId: facts.customerId },
      aggregateId: detectionId,
      aggregateVersion: 1n,
      actor: 'system:hunting',
    },
    event: {
      case: 'detectionRaised',
      value: create(DetectionRaisedSchema, {
        ruleId: facts.ruleId,
        ruleTitle: facts.ruleTitle,
        severity: Severity[severity],
        techniqueIds: [...facts.techniqueIds],
        assetId: facts.assetId ?? '',
        hostName: facts.hostName ?? '',
        occurredAt: timestampFromDate(occurredAt),
      }),
    },
  });
  return {
    stream: 'HUNTING',
    subject: domainSubject('hunting', 'detection_raised', facts),
    payload: toBinary(HuntingEventSchema, event),
  };
}
