import { connectBus, ensureStream, startConsumer, startRelay } from '@vedette/event-bus';
import { connectDatabase, createHttpServer } from '@vedette/service-kit';
import type { ServiceDependencies } from '@vedette/service-kit';
import type { HistoryConfig } from './config.ts';
import { storeTelemetry } from './consumers/store-telemetry.ts';
import { startSettling } from './identity/settle-facts.ts';

/** Starts the writer of telemetry history, apart from the door so that neither slows the other down. */
export async function startHistoryService(
  config: HistoryConfig,
  { logger, health, shutdown }: ServiceDependencies,
): Promise<void> {
  const database = await connectDatabase({
    url: config.DATABASE_URL,
    schema: 'ingestion',
    applicationName: 'ingestion-history',
    poolSize: config.DATABASE_POOL_SIZE,
    entities: [],
  });
  shutdown.add('database', 'postgres', database.close);
  health.addCheck('postgres', database.ping);

  const bus = await connectBus({ url: config.NATS_URL, name: 'ingestion-history', logger });
  shutdown.add('bus', 'nats', bus.close);
  health.addCheck('nats', bus.ping);
  for (const stream of ['INGESTION', 'TELEMETRY'] as const) await ensureStream(bus.manager, stream);
  const relay = startRelay({ service: 'ingestion', stream: 'INGESTION', database, bus, logger });
  shutdown.add('relay', 'outbox', relay.stop);
  const consumer = await startConsumer(storeTelemetry, { bus, database, logger });
  shutdown.add('consumers', storeTelemetry.name, consumer.stop);

  const settling = startSettling({ database, logger, clock: () => new Date() });
  shutdown.add('jobs', 'assets and identities', settling.stop);

  const server = createHttpServer({ health });
  await server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT });
  shutdown.add('servers', 'http', () => server.close());
}
