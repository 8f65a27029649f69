import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject, telemetrySubject } from '@vedette/event-bus';
import { TelemetryBatchSchema } from '@vedette/proto-schemas/telemetry/v1/telemetry_batch';
import type {
  TelemetryBatch,
  TelemetryEventSchema,
} from '@vedette/proto-schemas/telemetry/v1/telemetry_batch';
import {
  CustomerExportRequestedSchema,
  CustomerMovedSchema,
  CustomerOnboardedSchema,
  CustomerPurgeRequestedSchema,
  Plan,
  TenancyEventSchema,
} from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import type { TenancyEvent } from '@vedette/proto-schemas/tenancy/v1/tenancy_event';
import { migrate, newId } from '@vedette/service-kit';
import type { Viewer } from '@vedette/service-kit';
import { createTestDatabase, startTestService, waitFor } from '@vedette/testkit';
import type { RedeliveredEvent, RowOwner, TestDatabase, TestService } from '@vedette/testkit';
import { findFreePort } from '@vedette/testkit/servers';
import { startDetector } from '../detector.ts';
import { huntingMigrations } from '../migrations/all.ts';
import { startHuntingService } from '../service.ts';
import { assetId, customerId, occurredAt, providerId, receivedAt } from './detection-builders.ts';

export const analyst: Viewer = {
  principalId: newId(),
  role: 'OPERATOR_ANALYST',
  customerIds: 'ALL',
};

/** A provider's admin who reaches these customers and no others. */
export function adminOf(...customerIds: readonly string[]): Viewer {
  return { principalId: newId(), role: 'PROVIDER_ADMIN', providerId, customerIds };
}

function migrateHunting(ownerUrl: string): Promise<void> {
  return migrate({ ownerUrl, schema: 'hunting', migrations: huntingMigrations });
}

export function createHuntingDatabase(): Promise<TestDatabase> {
  return createTestDatabase({ service: 'hunting', migrate: migrateHunting });
}

/** Where the service of this test file writes exports. */
export const exportsDir = join(tmpdir(), `vedette-test-exports-${newId()}`);

const builtInRules = fileURLToPath(new URL('../../rules', import.meta.url));

/** Both processes of hunting, with the rules that Vedette brings along unless others are given. */
export async function startTestHunting(
  rules = builtInRules,
  processes: 'BOTH' | 'WITHOUT_DETECTOR' = 'BOTH',
): Promise<TestService> {
  const service = await startTestService({
    service: 'hunting',
    migrate: migrateHunting,
    start: async (config, dependencies) => {
      const settings = { ...config, EXPORTS_DIR: exportsDir, HUNTING_RULES_DIRS: [rules] };
      await startHuntingService(settings, dependencies);
      if (processes === 'WITHOUT_DETECTOR') return;
      await startDetector({ ...settings, SERVICE_PORT: await findFreePort() }, dependencies);
    },
  });
  return {
    ...service,
    stop: async () => {
      await service.stop();
      await rm(exportsDir, { recursive: true, force: true });
    },
  };
}

/** Fields by which a rule of ours sees that the security log was cleared. */
export const logCleared = {
  Channel: 'Security',
  EventID: 1102,
  Provider_Name: 'Microsoft-Windows-Eventlog',
};

/** An event that no rule matches unless its fields say so. */
export function aTelemetryEvent(
  fields: Readonly<Record<string, unknown>>,
  changes: MessageInitShape<typeof TelemetryEventSchema> = {},
): MessageInitShape<typeof TelemetryEventSchema> {
  return {
    eventId: newId(),
    connectorId: newId(),
    occurredAt: timestampFromDate(occurredAt),
    receivedAt: timestampFromDate(receivedAt),
    assetId,
    hostName: 'WS-17',
    userName: 'EXAMPLE\\jo',
    rawFields: JSON.stringify(fields),
    rawRecord: JSON.stringify(fields),
    ...changes,
  };
}

export function aBatch(
  events: readonly MessageInitShape<typeof TelemetryEventSchema>[],
  customer = customerId,
): TelemetryBatch {
  return create(TelemetryBatchSchema, {
    ...{ batchId: newId(), providerId, customerId: customer },
    events: [...events],
  });
}

/** A batch as ingestion sends it. */
export function telemetryOf(batch: TelemetryBatch): RedeliveredEvent {
  return {
    stream: 'TELEMETRY',
    subject: telemetrySubject(batch.customerId),
    payload: toBinary(TelemetryBatchSchema, batch),
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
