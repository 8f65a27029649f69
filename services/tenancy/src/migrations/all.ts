import { CreateMessagingTables } from '@vedette/event-bus';
import type { MigrationClass } from '@vedette/service-kit';
import { CreateTenancy } from './20260101120000-create-tenancy.ts';

/** In the order in which they run. */
export const tenancyMigrations: readonly MigrationClass[] = [CreateMessagingTables, CreateTenancy];
