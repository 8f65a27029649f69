import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { inventedEstates } from '../local-stack/activity/invented-estates.ts';
import { backgroundOf } from '../local-stack/activity/background/background.ts';
import type { Endpoints } from '../local-stack/endpoints.ts';
import { createSensor } from '../local-stack/first-run/sensors.ts';
import { askGateway } from '../local-stack/gateway-client.ts';
import type { Ask } from '../local-stack/gateway-client.ts';

/** Bodies that are ready to be sent: nothing of theirs is made while something is measured. */
export interface Batch {
  readonly body: Buffer;
  readonly events: number;
}

export const eventsPerBatch = 500;
const dayMs = 24 * 60 * 60 * 1_000;

export function askAsOperator({ gateway, principals }: Endpoints): Ask {
  const token = principals['operatorAdmin']?.token ?? '';
  return (query, variables) => askGateway(gateway.http, token, query, variables);
}

/** Customers of a provider of their own with a connector each. @returns the sensor keys */
export async function onboardSensors(
  ask: Ask,
  count: number,
  connectorType = 'windows-events',
): Promise<readonly { readonly customerId: string; readonly key: string }[]> {
  const { onboardProvider } = await ask<{ onboardProvider: { provider: { id: string } } }>(
    'mutation ($input: OnboardProviderInput!) { onboardProvider(input: $input) { provider { id } } }',
    { input: { name: 'Bench Provider' } },
  );
  const providerId = onboardProvider.provider.id;
  const sensors: { customerId: string; key: string }[] = [];
  for (let n = 1; n <= count; n += 1) {
    const { onboardCustomer } = await ask<{ onboardCustomer: { customer: { id: string } } }>(
      'mutation ($input: OnboardCustomerInput!) { onboardCustomer(input: $input) { customer { id } } }',
      { input: { providerId, name: `Bench Customer ${n}`, plan: 'ADVANCED' } },
    );
    const customerId = onboardCustomer.customer.id;
    const { key } = await createSensor(ask, customerId, providerId, connectorType, 'DEMO');
    sensors.push({ customerId, key });
  }
  return sensors;
}

const templateLines = 10_000;
const compress = promisify(gzip);

/**
 * Batches of ordinary activity of an invented company, without end: after the last record the first comes again as
 * a new one, since each line has a number of its own.
 */
export function freshBatches(company: number, seed: string): () => Promise<Batch> {
  const lines = templateOf(company, seed);
  let next = 0;
  return async () => {
    let text = '';
    for (let n = 0; n < eventsPerBatch; n += 1) {
      text += `${lines[next % lines.length] ?? ''}${next}}\n`;
      next += 1;
    }
    return { body: await compress(text, { level: 1 }), events: eventsPerBatch };
  };
}

/** Lines of the last day that lack the number at their end. */
function templateOf(company: number, seed: string): string[] {
  const estate = inventedEstates(company + 1, seed)[company];
  if (!estate) throw new RangeError(`no company ${company}`);
  const to = Date.now();
  const activity = { estate, from: to - dayMs, to, seed, eventsPerDay: 2 * templateLines };
  const lines: string[] = [];
  for (const record of backgroundOf(activity)) {
    // Without its own number the record is known by its text.
    const text = JSON.stringify({ ...record, RecordNumber: undefined });
    lines.push(`${text.slice(0, -1)},"BenchNumber":`);
    if (lines.length >= templateLines) break;
  }
  return lines;
}

/** Microseconds of processor time for each event, by process. */
export function cpuPerEvent(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  events: number,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(after).map(([name, seconds]) => [
      name,
      Math.round(((seconds - (before[name] ?? 0)) * 1e7) / events) / 10,
    ]),
  );
}

/** What a door answered over time. */
export interface SendFigures {
  accepted: number;
  refused: number;
  readonly latenciesMs: number[];
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Sends one batch until it is accepted; a refusal for the moment is counted, waited for and sent again. */
export async function sendUntilAccepted(
  url: string,
  key: string,
  batch: Batch,
  figures: SendFigures,
): Promise<void> {
  for (;;) {
    const startedAt = performance.now();
    const { status, retryAfter } = await post(url, key, batch.body);
    if (status === 200) {
      figures.latenciesMs.push(performance.now() - startedAt);
      figures.accepted += batch.events;
      return;
    }
    if (status !== 429 && status !== 503) throw new Error(`ingestion refuses: ${status}`);
    figures.refused += 1;
    await sleep(retryAfter * 1_000);
  }
}

function post(
  url: string,
  key: string,
  body: Buffer,
): Promise<{ readonly status: number; readonly retryAfter: number }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    retryAfter: number;
  }>();
  const sent = request(
    `${url}/v1/events`,
    {
      agent,
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/x-ndjson',
        'content-encoding': 'gzip',
        'content-length': body.length,
      },
    },
    (response) => {
      response.resume();
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: Number(response.headers['retry-after'] ?? 1),
        }),
      );
      response.on('error', reject);
    },
  );
  sent.on('error', reject);
  sent.end(body);
  return promise;
}

export function closeConnections(): void {
  agent.destroy();
}
