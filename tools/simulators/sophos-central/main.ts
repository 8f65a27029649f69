// Plays Sophos Central on this machine until it is ended, and prints its addresses as one line of JSON.
import process from 'node:process';
import { parseArgs } from 'node:util';
import { createSophosCentral } from './sophos-central.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    seed: { type: 'string', default: 'vedette' },
    'items-per-feed': { type: 'string', default: '30' },
    'endpoints-per-tenant': { type: 'string', default: '12' },
    'calls-per-minute': { type: 'string', default: '100' },
    'delay-ms': { type: 'string', default: '500' },
    'token-seconds': { type: 'string', default: '3600' },
  },
});

for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.on(signal, () => process.exit(0));

const central = createSophosCentral({
  port: Number(values.port),
  seed: values.seed,
  itemsPerFeed: Number(values['items-per-feed']),
  endpointsPerTenant: Number(values['endpoints-per-tenant']),
  callsPerMinute: Number(values['calls-per-minute']),
  delayMs: Number(values['delay-ms']),
  tokenSeconds: Number(values['token-seconds']),
});
const addresses = await central.listen();
process.stdout.write(`${JSON.stringify({ simulated: true, ...addresses })}\n`);
