import { CreateMessagingTables } from '@vedette/event-bus';
import type { MigrationClass } from '@vedette/service-kit';
import { CreateCases } from './20260101120000-create-cases.ts';
import { CreateCustomers } from './20260102120000-create-customers.ts';

/** In the order in which they run. */
export const casesMigrations: readonly MigrationClass[] = [
  CreateMessagingTables,
  CreateCases,
  CreateCustomers,
];
