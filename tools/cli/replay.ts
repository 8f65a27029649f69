import { parseArgs } from 'node:util';
import { readEndpoints } from '../local-stack/endpoints.ts';
import { askGateway } from '../local-stack/gateway-client.ts';
import { readSensors, writeSensors } from '../local-stack/principals.ts';
import type { Sensor } from '../local-stack/principals.ts';
import { createSensor } from '../local-stack/first-run/sensors.ts';
import { obtainToken } from '../local-stack/tokens.ts';
import { replayLines } from '../replay/replay-lines.ts';
import { sendEvents } from '../replay/send-events.ts';
import { dataDirHelp, dataDirOption, toDataDir } from './data-dir.ts';
import { UsageError } from './usage-error.ts';

const HELP = `vedette replay FILE… --customer ID [--connector TYPE] [--rate N] [--rebase-time now] [--repeat N] [--data-dir D]
    Sends NDJSON(.gz) records through HTTP ingestion and prints {accepted, rejected, seconds}.
    Exits with 1 when nothing was accepted.
    --customer ID        whose sensor sends; a connector that is missing is made
    --connector TYPE     default windows-events
    --rate N             events a second at most
    --rebase-time now    shift all times by one amount so that the newest event is now
    --repeat N           send the files N times, each round later than the one before
${dataDirHelp}`;

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
  if (files.length === 0) throw new UsageError('FILE is missing: what is to be sent?');
  const customerId = toCustomerId(values.customer);
  const rounds = toCount('--repeat', values.repeat);
  const rate = values.rate === undefined ? {} : { rate: toCount('--rate', values.rate) };
  const rebase = values['rebase-time'];
  if (rebase !== undefined && rebase !== 'now')
    throw new UsageError("--rebase-time knows only 'now'");
  const dataDir = toDataDir(values['data-dir']);
  const endpoints = await readEndpoints(dataDir);
  if (!endpoints) throw new Error(`nothing is running for ${dataDir}: run 'up' first`);
  const sensor = await findSensor(dataDir, endpoints.gateway.http, customerId, values.connector);
  const startedAt = performance.now();
  const lines = replayLines(files, {
    rebaseTo: rebase ? Date.now() : null,
    rounds,
  });
  const { accepted, rejected, errors } = await sendEvents(lines, {
    url: endpoints.ingest.http,
    key: sensor.key,
    ...rate,
  });
  for (const { origin, code, message } of errors)
    process.stderr.write(`vedette: ${origin}: ${code} ${message}\n`);
  const seconds = Math.round(performance.now() - startedAt) / 1_000;
  process.stdout.write(`${JSON.stringify({ accepted, rejected, seconds })}\n`);
  return accepted > 0 ? 0 : 1;
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
  const token = await obtainToken(dataDir, 'operatorAdmin');
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

const uuidShape = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws {UsageError} missing, or not an id */
function toCustomerId(text: string | undefined): string {
  if (text === undefined) throw new UsageError('--customer is missing: whose sensor sends?');
  if (!uuidShape.test(text)) throw new UsageError(`--customer must be an id (UUID), not '${text}'`);
  return text.toLowerCase();
}

/** @throws {UsageError} not a whole number from 1 */
function toCount(option: string, text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1)
    throw new UsageError(`${option} must be a whole number from 1, not '${text}'`);
  return count;
}
