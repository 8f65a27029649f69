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
  INGEST_SYSLOG_UDP_PORT: portSetting
    .optional()
    .describe('port for syslog over UDP; no such door without it'),
  INGEST_SYSLOG_TCP_PORT: portSetting.optional().describe('the same over TCP'),
  INGEST_SYSLOG_TLS_PORT: portSetting
    .optional()
    .describe('the same over TLS; needs the certificate'),
  INGEST_OSQUERY_PORT: portSetting
    .optional()
    .describe("port for osquery's agents, over TLS; no such door without it"),
  INGEST_TLS_CERT_FILE: z
    .string()
    .optional()
    .describe('PEM file with the certificate chain of the doors that speak TLS'),
  INGEST_TLS_KEY_FILE: z.string().optional().describe('PEM file with its private key'),
  INGEST_EVENTS_PER_CONNECTOR: z.coerce
    .number()
    .int()
    .positive()
    .default(25_000)
    .describe('events a second that a connector may send for long; twenty seconds of it at once'),
  INGEST_EVENTS_PER_CUSTOMER: z.coerce
    .number()
    .int()
    .positive()
    .default(50_000)
    .describe('the same for all connectors of a customer together'),
  SECRETS_KEY_FILE: z
    .string()
    .optional()
    .describe(
      "JSON key ring that seals connectors' credentials; without it none are taken or polled",
    ),
  POLLS_ALLOW_LOOPBACK: z
    .enum(['true', 'false'])
    .default('false')
    .transform((text) => text === 'true')
    .describe('whether a connector may be set to poll a simulator on this machine'),
  EXPORTS_DIR: exportsDirSetting,
});

/** What the process `ingestion-history` reads: it has no subgraph, so it verifies nobody's identity. */
export const historySettings = serviceSettings.omit({ IDENTITY_PUBLIC_KEYS_FILE: true });

export type IngestionConfig = z.output<typeof ingestionSettings>;

export type HistoryConfig = z.output<typeof historySettings>;

/** @throws {ConfigError} all problems at once */
export function loadConfig(env: Environment): IngestionConfig {
  return readEnvironment(ingestionSettings.superRefine(requireCertificate), env);
}

const tlsPorts = ['INGEST_SYSLOG_TLS_PORT', 'INGEST_OSQUERY_PORT'] as const;
const certificateFiles = ['INGEST_TLS_CERT_FILE', 'INGEST_TLS_KEY_FILE'] as const;

/** A door that speaks TLS is nothing without a certificate. */
function requireCertificate(config: IngestionConfig, context: z.RefinementCtx): void {
  if (tlsPorts.every((name) => config[name] === undefined)) return;
  for (const name of certificateFiles) {
    if (config[name] !== undefined) continue;
    context.addIssue({ code: 'custom', path: [name], message: 'is not set' });
  }
}

/** @throws {ConfigError} all problems at once */
export function loadHistoryConfig(env: Environment): HistoryConfig {
  return readEnvironment(historySettings, env);
}
