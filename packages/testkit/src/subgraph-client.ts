import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { connectBus } from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import {
  connectDatabase,
  createHealth,
  createIdentitySigner,
  createLogger,
  createShutdown,
  identityHeader,
} from '@vedette/service-kit';
import type {
  DatabaseConnection,
  IdentityKeys,
  ServiceDependencies,
  ServiceSettings,
  Viewer,
} from '@vedette/service-kit';
import { findFreePort } from './server-process.ts';
import { createTestDatabase } from './test-database.ts';
import type { TestDatabase } from './test-database.ts';
import { startTestNats } from './test-nats.ts';
import type { TestNats } from './test-nats.ts';

/** What a subgraph answered. `data` is whatever the test asked for. */
export interface SubgraphAnswer {
  readonly status: number;
  // biome-ignore lint: see above
  readonly data: unknown;
  readonly errors: readonly SubgraphError[];
}

export interface SubgraphError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
}
