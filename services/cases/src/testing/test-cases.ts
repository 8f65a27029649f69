import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import {
  DetectionRaisedSchema,
  HuntingEventSchema,
  Severity,
} from '@vedette/proto-schemas/hunting/v1/hunting_event';
import {
  CustomerOnboardedSchema,
  Plan,
  TenancyEventSchema,
} from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
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
import type { RedeliveredEvent, TestDatabase, TestService } from '@vedette/testkit';
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

/** The whole service, with a broker. */
export function startTestCases(): Promise<TestService> {
  return startTestService({ service: 'cases', migrate: migrateCases, start: startCasesService });
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

/** A customer as tenancy tells of it. */
export function customerOnboarded(customer: string = newId()): RedeliveredEvent {
  const event = create(TenancyEventSchema, {
    meta: {
      eventId: newId(),
      ...{ providerId, customerId: customer },
      aggregateId: customer,
      aggregateVersion: 1n,
      actor: 'system:tenancy',
    },
    event: {
      case: 'customerOnboarded',
      value: create(CustomerOnboardedSchema, { name: 'Harbour Bank', plan: Plan.STANDARD }),
    },
  });
  return {
    stream: 'TENANCY',
    subject: domainSubject('tenancy', 'customer_onboarded', { providerId, customerId: customer }),
    payload: toBinary(TenancyEventSchema, event),
  };
}

/** Tells of a customer and waits until the service knows it. */
export async function onboardCustomer(service: TestService, customer: string): Promise<void> {
  const { subject, payload } = customerOnboarded(customer);
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
