import { CreateMessagingTables, CreatePurgedCustomers } from '@vedette/event-bus';
import { CreateCustomerCopy } from '@vedette/service-kit';
import type { MigrationClass } from '@vedette/service-kit';
import { CreateCases } from './20260101120000-create-cases.ts';
import { LetCustomersLeave } from './20260301010000-let-customers-leave.ts';

/** In the order in which they run. */
export const casesMigrations: readonly MigrationClass[] = [
  CreateMessagingTables,
  CreateCustomerCopy,
  CreateCases,
  CreatePurgedCustomers,
  LetCustomersLeave,
];
