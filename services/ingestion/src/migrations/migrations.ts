import { CreateMessagingTables, CreatePurgedCustomers } from '@vedette/event-bus';
import { CreateCustomerCopy } from '@vedette/service-kit';
import type { MigrationClass } from '@vedette/service-kit';
import { CreateIngestion } from './20260101120000-create-ingestion.ts';
import { CreateTelemetryHistory } from './20260101130000-create-telemetry-history.ts';
import { LetCustomersLeave } from './20260301010000-let-customers-leave.ts';
import { EndSensorKeys } from './20260301020000-end-sensor-keys.ts';
import { SettleConnectors } from './20260601010000-settle-connectors.ts';
import { CreatePolls } from './20260601020000-create-polls.ts';
import { SearchAndKeepHistory } from './20260601030000-search-and-keep-history.ts';
import { WatchConnectors } from './20260601040000-watch-connectors.ts';
import { MergeAssets } from './20260601050000-merge-assets.ts';
import { KnowSenders } from './20260601060000-know-senders.ts';

/** All migrations in order; two processes and the tests run them. */
export const migrations: readonly MigrationClass[] = [
  CreateMessagingTables,
  CreateCustomerCopy,
  CreateIngestion,
  CreateTelemetryHistory,
  CreatePurgedCustomers,
  LetCustomersLeave,
  EndSensorKeys,
  SettleConnectors,
  CreatePolls,
  SearchAndKeepHistory,
  WatchConnectors,
  MergeAssets,
  KnowSenders,
];
