import { CreateMessagingTables, CreatePurgedCustomers } from '@vedette/event-bus';
import { CreateCustomerCopy } from '@vedette/service-kit';
import type { MigrationClass } from '@vedette/service-kit';
import { CreateIngestion } from './20260101120000-create-ingestion.ts';
import { CreateTelemetryHistory } from './20260101130000-create-telemetry-history.ts';
import { LetCustomersLeave } from './20260301010000-let-customers-leave.ts';
import { EndSensorKeys } from './20260301020000-end-sensor-keys.ts';

/** All migrations in order; two processes and the tests run them. */
export const migrations: readonly MigrationClass[] = [
  CreateMessagingTables,
  CreateCustomerCopy,
  CreateIngestion,
  CreateTelemetryHistory,
  CreatePurgedCustomers,
  LetCustomersLeave,
  EndSensorKeys,
];
