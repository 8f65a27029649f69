import { CreateMessagingTables, CreatePurgedCustomers } from '@vedette/event-bus';
import type { MigrationClass } from '@vedette/service-kit';
import { CreateTenancy } from './20260101120000-create-tenancy.ts';
import { DescribeCustomers } from './20260301080000-describe-customers.ts';
import { CreatePrincipals } from './20260301090000-create-principals.ts';
import { CreateAuthority } from './20260301100000-create-authority.ts';
import { CreateDeeds } from './20260301110000-create-deeds.ts';
import { ReadTenantsOnce } from './20260301120000-read-tenants-once.ts';
import { IndexCustomersIssuers } from './20260301130000-index-customers-issuers.ts';
import { KnowEachConnector } from './20260301150000-know-each-connector.ts';
import { RewriteCustomerKeys } from './20260301140000-rewrite-customer-keys.ts';

/** In the order in which they run. */
export const tenancyMigrations: readonly MigrationClass[] = [
  CreateMessagingTables,
  CreateTenancy,
  DescribeCustomers,
  CreatePrincipals,
  CreateAuthority,
  CreateDeeds,
  CreatePurgedCustomers,
  ReadTenantsOnce,
  IndexCustomersIssuers,
  RewriteCustomerKeys,
  KnowEachConnector,
];
