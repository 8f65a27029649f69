import {
  exportsDirSetting,
  portSetting,
  readEnvironment,
  serviceSettings,
} from '@vedette/service-kit';
import type { Environment } from '@vedette/service-kit';
import { z } from 'zod';

/** What the process `ingestion` reads from its environment. */
export const ingestionSettings = serviceSettings.extend({
  INGEST_HTTP_HOST: z.string().default('127.0.0.1').describe('address that sensors send to'),
  INGEST_HTTP_PORT: portSetting.describe('port that sensors send to'),
  SECRETS_KEY_FILE: z
    .string()
    .optional()
    .describe("JSON key ring that seals connectors' credentials; unused until there are any"),
  EXPORTS_DIR: exportsDirSetting,
});

/** What the process `ingestion-history` reads: it has no subgraph, so it verifies nobody's identity. */
export const historySettings = serviceSettings.omit({ IDENTITY_PUBLIC_KEYS_FILE: true });

export type IngestionConfig = z.output<typeof ingestionSettings>;

export type HistoryConfig = z.output<typeof historySettings>;

/** @throws {ConfigError} all problems at once */
export function loadConfig(env: Environment): IngestionConfig {
  return readEnvironment(ingestionSettings, env);
}

/** @throws {ConfigError} all problems at once */
export function loadHistoryConfig(env: Environment): HistoryConfig {
  return readEnvironment(historySettings, env);
}
