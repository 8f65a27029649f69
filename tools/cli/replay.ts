import { parseArgs } from 'node:util';
import { readEndpoints } from '../local-stack/endpoints.ts';
import { askGateway } from '../local-stack/gateway-client.ts';
import {
  readPrincipals,
  readSensors,
  signAccessToken,
  writeSensors,
} from '../local-stack/principals.ts';
import type { Sensor } from '../local-stack/principals.ts';
import { createSensor } from '../local-stack/tenants.ts';
import { replayLines } from '../replay/replay-lines.ts';
import { sendEvents } from '../replay/send-events.ts';
import { dataDirOption, toDataDir } from './data-dir.ts';

const HELP = `vedette replay FILE… --customer ID [--connector TYPE] [--rate N] [--rebase-time now] [--repeat N] [--data-dir D]
    Sends NDJSON(.gz) records through HTTP ingestion and prints {accepted, rejected, seconds}.
    --customer ID        whose sensor sends; a connector that is missing is made
    --connector TYPE     default windows-events
    --rate N             events a second at most
    --rebase-time now    shift all times by one amount so that the newest event is now
    --repeat N           send the files N times, each round later than the one before
`;

const replayOptions = {
  ...dataDirOption,
  help: { type: 'boolean', short: 'h', default: false },
  customer: { type: 'string' },
  connector: { type: 'string', default: 'windows-events' },
  rate: { type: 'string' },
  'rebase-time': { type: 'string' },
  repeat: { type: 'string', default: '1' },
} as const;

export async function replay(args: readonly string[]): Promise<number> {
  const { values, positionals: files } = parseArgs({
    args: [...args],
    options: replayOptions,
    allowPositionals: true,
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (!values.customer || files.length === 0) {
    process.stderr.write(HELP);
    return 2;
  }
  const rebase = values['rebase-time'];
  if (rebase !== undefined && rebase !== 'now') throw new Error("--rebase-time knows only 'now'");
  const dataDir = toDataDir(values['data-dir']);
  const endpoints = await readEndpoints(dataDir);
  if (!endpoints) throw new Error(`nothing is running for ${dataDir}: run 'up' first`);
  const sensor = await findSensor(
    dataDir,
    endpoints.gateway.http,
    values.customer,
    values.connector,
  );
  const startedAt = performance.now();
  const lines = replayLines(files, {
    rebaseTo: rebase ? Date.now() : null,
    rounds: toCount('--repeat', values.repeat),
  });
  const { accepted, rejected, errors } = await sendEvents(lines, {
    url: endpoints.ingest.http,
    key: sensor.key,
    ...(values.rate ? { rate: toCount('--rate', values.rate) } : {}),
  });
  for (const { line, code, message } of errors)
    process.stderr.write(`vedette: line ${line}: ${code} ${message}\n`);
  const seconds = Math.round(performance.now() - startedAt) / 1_000;
  process.stdout.write(`${JSON.stringify({ accepted, rejected, seconds })}\n`);
  return 0;
}

async function findSensor(
  dataDir: string,
  gatewayUrl: string,
  customerId: string,
  connectorType: string,
): Promise<Sensor> {
  const sensors = await readSensors(dataDir);
  const known = sensors.find(
    (each) => each.customerId === customerId && each.connectorType === connectorType,
  );
  if (known) return known;
  const { operatorAdmin } = await readPrincipals(dataDir);
  if (!operatorAdmin) throw new Error(`there are no principals in ${dataDir}: run 'up' first`);
  const { token } = await signAccessToken(dataDir, operatorAdmin);
  const { customer } = await askGateway<{ customer: { provider: { id: string } } }>(
    gatewayUrl,
    token,
    'query ($id: ID!) { customer(id: $id) { provider { id } } }',
    { id: customerId },
  );
  const sensor = await createSensor(
    (query, variables) => askGateway(gatewayUrl, token, query, variables),
    customerId,
    customer.provider.id,
    connectorType,
    'DEMO',
  );
  await writeSensors(dataDir, [...sensors, sensor]);
  return sensor;
}

/** @throws {Error} not a whole number from 1 */
function toCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new Error(`${option} must be a whole number from 1, not '${text}'`);
  return count;
}
