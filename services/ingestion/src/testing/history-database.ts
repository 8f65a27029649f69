import { connectDatabase, migrate, newId } from '@vedette/service-kit';
import type { DatabaseConnection, TenantScope } from '@vedette/service-kit';
import { createTestDatabase } from '@vedette/testkit';
import { migrations } from '../migrations/migrations.ts';
import { insertTelemetry, telemetryRows } from '../telemetry/telemetry-store.ts';
import type { NewTelemetryRow } from '../telemetry/telemetry-store.ts';

/** Telemetry history alone, without any process of ingestion. */
export interface TestHistory {
  /** As the service sees it. */
  readonly database: DatabaseConnection;
  /** Adds events of a customer in its own scope. */
  insert(customerId: string, rows: readonly NewTelemetryRow[]): Promise<void>;
  /** Rows as the superuser sees them. */
  select<Row>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  stop(): Promise<void>;
}

export async function startTestHistory(): Promise<TestHistory> {
  const server = await createTestDatabase({
    service: 'ingestion',
    migrate: (ownerUrl) => migrate({ ownerUrl, schema: 'ingestion', migrations }),
  });
  const connect = (url: string) =>
    connectDatabase({
      url,
      schema: 'ingestion',
      applicationName: 'test',
      poolSize: 2,
      entities: [telemetryRows],
    });
  const database = await connect(server.runtimeUrl);
  const behind = await connect(server.adminUrl);
  return {
    database,
    insert: async (customerId, rows) => {
      await database.transaction(scopeOf(customerId), (tx) =>
        insertTelemetry(tx, customerId, rows),
      );
    },
    select: (sql, parameters = []) => behind.infrastructure((tx) => tx.query(sql, [...parameters])),
    stop: async () => {
      await database.close();
      await behind.close();
      await server.drop();
    },
  };
}

export function scopeOf(...customerIds: readonly string[]): TenantScope {
  return { kind: 'CUSTOMERS', customerIds };
}

/** An event that has just occurred, on no host. */
export function aTelemetryRow(changes: Partial<NewTelemetryRow> = {}): NewTelemetryRow {
  return {
    ...{ occurredAt: new Date(), receivedAt: new Date(0), eventId: newId(), connectorId: newId() },
    ...{ classUid: 1007, activityId: 1, severityId: 1 },
    ...{ assetId: null, hostName: null, userName: null, fields: '{}', raw: '{}' },
    ...changes,
  };
}
