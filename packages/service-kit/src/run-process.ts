import { setPriority } from 'node:os';
import { parseArgs } from 'node:util';
import { ConfigError } from './config.ts';
import type { Environment, ServiceSettings } from './config.ts';
import { toError } from './errors.ts';
import { createHealth } from './health.ts';
import type { Health } from './health.ts';
import { createLogger } from './logger.ts';
import type { Logger } from './logger.ts';
import { migrate } from './migrate.ts';
import type { MigrationClass } from './migrate.ts';
import { createShutdown } from './shutdown.ts';
import type { Shutdown } from './shutdown.ts';
import { startTelemetry } from './telemetry.ts';

/** What a service is made of besides its configuration. */
export interface ServiceDependencies {
  readonly logger: Logger;
  readonly health: Health;
  readonly shutdown: Shutdown;
}

type ProcessSettings = Pick<ServiceSettings, 'LOG_LEVEL' | 'OTEL_EXPORTER_OTLP_ENDPOINT'> &
  Partial<Pick<ServiceSettings, 'DATABASE_OWNER_URL'>>;

export interface ProcessOptions<Config extends ProcessSettings> {
  /** Name of the process in logs and traces, such as `ingestion-history`. */
  readonly name: string;
  readonly env: Environment;
  readonly argv: readonly string[];
  readonly loadConfig: (env: Environment) => Config;
  /** The schema this process's service owns; absent for a process without a database. */
  /**
   * Its work waits in a stream and may wait longer: where cores are short, those who answer somebody go first.
   * Default false.
   */
  readonly isBackground?: boolean;
  readonly schema?: { readonly name: string; readonly migrations: readonly MigrationClass[] };
  /** Starts the service; it registers what must be let go of with `shutdown`. */
  readonly start: (config: Config, dependencies: ServiceDependencies) => Promise<void>;
}

/** Of 19; a process of the usual priority gets about ten times as much of a core (setpriority(2)). */
const backgroundPriority = 10;

/**
 * The life of a process, from `main.ts`: configuration (all problems at once, exit 1), tracing,
 * migrations where an owner URL is given, start, and an ordered stop at SIGTERM or SIGINT or when
 * the supervisor that holds its IPC channel is gone. `--migrate-only` migrates and ends.
 */
export async function runProcess<Config extends ProcessSettings>(
  options: ProcessOptions<Config>,
): Promise<void> {
  const config = loadOrExit(options);
  if (options.isBackground === true) setPriority(backgroundPriority);
  const logger = createLogger({ service: options.name, level: config.LOG_LEVEL });
  const health = createHealth();
  const shutdown = createShutdown(logger);
  let exitCode = 0;
  const stop = async (reason: string): Promise<void> => {
    logger.info({ reason }, 'stopping');
    health.markStopping();
    await shutdown.run();
    process.exit(exitCode);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal));
  process.on('disconnect', () => void stop('supervisor gone'));
  process.on('unhandledRejection', (reason) => {
    logger.error({ err: toError(reason) }, 'unhandled rejection');
    process.exit(1);
  });

  try {
    const telemetry = await startTelemetry({
      service: options.name,
      ...(config.OTEL_EXPORTER_OTLP_ENDPOINT
        ? { otlpEndpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT }
        : {}),
    });
    shutdown.add('telemetry', 'tracing', telemetry.stop);
    const { values } = parseArgs({
      args: [...options.argv.slice(2)],
      options: { 'migrate-only': { type: 'boolean', default: false } },
    });
    // Told to end before it is done, it must not look as if it was.
    if (values['migrate-only']) exitCode = 1;
    if (options.schema && config.DATABASE_OWNER_URL) {
      const { name, migrations } = options.schema;
      await migrate({ ownerUrl: config.DATABASE_OWNER_URL, schema: name, migrations, logger });
    }
    if (values['migrate-only']) {
      await shutdown.run();
      // By itself it would not end while a supervisor holds its IPC channel.
      process.exit(0);
    }
    await options.start(config, { logger, health, shutdown });
    health.markStarted();
    logger.info('started');
  } catch (error) {
    logger.error({ err: toError(error) }, 'could not start');
    process.exit(1);
  }
}

function loadOrExit<Config extends ProcessSettings>(options: ProcessOptions<Config>): Config {
  try {
    return options.loadConfig(options.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${options.name}: ${error.message}\n`);
    process.exit(1);
  }
}
