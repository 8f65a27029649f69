import { CreateMessagingTables } from '@vedette/event-bus';
import type { MigrationClass } from '@vedette/service-kit';
import { CreateDetections } from './20260101120000-create-detections.ts';
import { CreateCustomers } from './20260102120000-create-customers.ts';

/** In the order in which they run; both processes of the service bring the schema up to date. */
export const huntingMigrations: readonly MigrationClass[] = [
  CreateMessagingTables,
  CreateDetections,
  CreateCustomers,
];
