import { resolve } from 'node:path';
import process from 'node:process';

export interface StackSettings {
  /** `VEDETTE_POSTGRES_ADMIN_URL`: a superuser of a PostgreSQL that already runs. */
  readonly postgresAdminUrl?: string;
  /** `VEDETTE_NATS_URL`: a NATS with JetStream that already runs. */
  readonly natsUrl?: string;
  /** `VEDETTE_RULES_DIRS`: folders with Sigma rules that run beside our own, separated by commas. */
  readonly rulesDirs?: readonly string[];
  /** Passed on to every process, below what the stack sets itself. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export function loadStackSettings(): StackSettings {
  const { VEDETTE_POSTGRES_ADMIN_URL, VEDETTE_NATS_URL, VEDETTE_RULES_DIRS } = process.env;
  return {
    ...(VEDETTE_POSTGRES_ADMIN_URL ? { postgresAdminUrl: VEDETTE_POSTGRES_ADMIN_URL } : {}),
    ...(VEDETTE_NATS_URL ? { natsUrl: VEDETTE_NATS_URL } : {}),
    rulesDirs: VEDETTE_RULES_DIRS ? VEDETTE_RULES_DIRS.split(',').map((each) => resolve(each)) : [],
    environment: process.env,
  };
}
