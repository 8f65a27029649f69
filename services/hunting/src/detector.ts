import { ensureStream, startConsumer, telemetryShardCount } from '@vedette/event-bus';
import { createHttpServer } from '@vedette/service-kit';
import type { ServiceDependencies } from '@vedette/service-kit';
import type { DetectorConfig } from './config.ts';
import { detectOnTelemetry } from './consumers/detect-on-telemetry.ts';
import { CorrelatorCache } from './correlation/correlator-cache.ts';
import { loadRules } from './rule/load-rules.ts';
import { connect } from './service.ts';

/** Starts `hunting-detector`: rules, and one consumer for each shard of telemetry. */
export async function startDetector(
  config: DetectorConfig,
  dependencies: ServiceDependencies,
): Promise<void> {
  const { logger, health, shutdown } = dependencies;
  const rules = loadRules(config.HUNTING_RULES_DIRS, logger);
  const { database, bus } = await connect('hunting-detector', config, dependencies);
  health.addCheck('nats', bus.ping);
  await ensureStream(bus.manager, 'TELEMETRY');
  const correlators = new CorrelatorCache(rules);
  const shards = Array.from({ length: telemetryShardCount }, (_, shard) => shard);
  const consumers = await Promise.all(
    shards.map((shard) =>
      startConsumer(detectOnTelemetry(shard, rules, correlators), { bus, database, logger }),
    ),
  );
  shutdown.add('consumers', 'shards', async () => {
    await Promise.all(consumers.map((consumer) => consumer.stop()));
  });
  const server = createHttpServer({ health });
  await server.listen({ host: config.SERVICE_HOST, port: config.SERVICE_PORT });
  shutdown.add('servers', 'http', () => server.close());
}
