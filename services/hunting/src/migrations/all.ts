import { CreateMessagingTables, CreatePurgedCustomers } from '@vedette/event-bus';
import { CreateCustomerCopy } from '@vedette/service-kit';
import type { MigrationClass } from '@vedette/service-kit';
import { CreateDetections } from './20260101120000-create-detections.ts';
import { LetCustomersLeave } from './20260301010000-let-customers-leave.ts';
import { AddSignalStrength } from './20260401010000-add-signal-strength.ts';
import { CreateCorrelationStates } from './20260501010000-create-correlation-states.ts';

/** In the order in which they run; both processes of the service bring the schema up to date. */
export const huntingMigrations: readonly MigrationClass[] = [
  CreateMessagingTables,
  CreateCustomerCopy,
  CreateDetections,
  CreatePurgedCustomers,
  LetCustomersLeave,
  AddSignalStrength,
  CreateCorrelationStates,
];
