import { readFileSync } from 'node:fs';
import process from 'node:process';
import { runProcess } from '@vedette/service-kit';
import { loadConfig } from './config.ts';
import { createGateway } from './gateway.ts';

await runProcess({
  name: 'gateway',
  env: process.env,
  argv: process.argv,
  loadConfig,
  start: async (config, { logger, health, shutdown }) => {
    const supergraphSdl = readFileSync(config.SUPERGRAPH_FILE, 'utf8');
    const gateway = createGateway(config, supergraphSdl, { logger, health });
    shutdown.add('servers', 'gateway', gateway.stop);
    await gateway.start();
  },
});
