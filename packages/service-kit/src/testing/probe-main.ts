import { runProcess } from '../run-process.ts';
import { readEnvironment, serviceSettings } from '../config.ts';
import { CreateNotes } from './probe-migrations.ts';

const settings = serviceSettings.pick({
  LOG_LEVEL: true,
  OTEL_EXPORTER_OTLP_ENDPOINT: true,
  DATABASE_OWNER_URL: true,
});

/** A made-up service, run as a process: each step of its end is a line of the log. */
await runProcess({
  name: 'probe',
  env: process.env,
  argv: process.argv,
  loadConfig: (env) => readEnvironment(settings, env),
  schema: { name: 'kit', migrations: [CreateNotes] },
  start: async (_config, { logger, shutdown, health }) => {
    if (process.env['PROBE'] === 'FAILS') throw new Error('the port is in use');
    if (process.env['PROBE'] === 'FORGETS') void Promise.reject(new Error('forgotten'));
    for (const phase of ['database', 'consumers', 'bus', 'servers'] as const) {
      shutdown.add(phase, phase, async () => {
        const { failing } = await health.readiness();
        logger.info({ failing }, `let go of ${phase}`);
      });
    }
    // Whatever a service waits for keeps it alive.
    setInterval(() => undefined, 60_000);
  },
});
