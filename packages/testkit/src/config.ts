import process from 'node:process';

/** Servers that somebody else runs for the tests, taken instead of starting our own. */
export interface ExternalServers {
  /** `VEDETTE_TEST_POSTGRES_URL`: a superuser's URL; roles and databases are made through it. */
  readonly postgresAdminUrl?: string;
  /** `VEDETTE_TEST_NATS_URL`: shared by all test files, so run them one after another (`-w 1`). */
  readonly natsUrl?: string;
}

export function loadExternalServers(): ExternalServers {
  const { VEDETTE_TEST_POSTGRES_URL, VEDETTE_TEST_NATS_URL } = process.env;
  return {
    ...(VEDETTE_TEST_POSTGRES_URL ? { postgresAdminUrl: VEDETTE_TEST_POSTGRES_URL } : {}),
    ...(VEDETTE_TEST_NATS_URL ? { natsUrl: VEDETTE_TEST_NATS_URL } : {}),
  };
}
