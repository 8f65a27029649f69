import { join } from 'node:path';
import { inventedEstates } from '../local-stack/activity/invented-estates.ts';
import { backgroundOf } from '../local-stack/activity/background/background.ts';
import type { Estate } from '../local-stack/activity/estate.ts';
import type { Endpoints } from '../local-stack/endpoints.ts';
import { createSensor } from '../local-stack/first-run/sensors.ts';
import { askGateway, listAll } from '../local-stack/gateway-client.ts';
import type { Ask } from '../local-stack/gateway-client.ts';
import { sendEvents } from '../replay/send-events.ts';
import { withBenchStack } from './bench-stack.ts';
import { compileFolder, tabulateCaptures } from './capture-table.ts';
import type { CaptureResult } from './capture-table.ts';

export interface PackFigures {
  readonly rules: number;
  /** Recorded attacks, and how many give a detection of MEDIUM or above; null where none are at hand. */
  readonly captures: {
    readonly all: number;
    readonly detected: number;
    readonly share: number;
  } | null;
  /** Ordinary activity, sent through the whole product. */
  readonly background: {
    readonly customers: number;
    readonly days: number;
    readonly events: number;
    readonly eventsPerSecond: number;
    readonly cases: number;
    readonly casesPer10kEvents: number;
    readonly detectionsByRule: Readonly<Record<string, number>>;
  };
}

export interface PackOptions {
  /** Folder with recorded Windows attacks and their `INDEX.json`. */
  readonly captures?: string;
  readonly customers: number;
  readonly days: number;
}

/**
 * What the built-in rules find, and what they cry wolf about: recorded attacks, event by event, and
 * weeks of ordinary activity of invented companies through the running product.
 */
export async function benchPack(
  root: string,
  onProgress: (message: string) => void,
  options: PackOptions,
): Promise<PackFigures> {
  const rules = await compileFolder(join(root, 'services/hunting/rules'));
  const captures =
    options.captures === undefined ? null : await tabulateCaptures(rules, options.captures);
  for (const row of captures ?? []) onProgress(toLine(row));
  const background = await withBenchStack(root, onProgress, async ({ start, waitUntilDrained }) => {
    const { endpoints } = await start();
    return measureBackground(endpoints, options, waitUntilDrained, onProgress);
  });
  return { rules: rules.rules.length, captures: captures && toShare(captures), background };
}

function toLine({ capture, events, level, rules }: CaptureResult): string {
  const found = rules.length > 0 ? rules.join('; ') : '–';
  return `${(level ?? '–').padEnd(13)} ${String(events).padStart(6)}  ${capture}: ${found}`;
}

function toShare(captures: readonly CaptureResult[]): NonNullable<PackFigures['captures']> {
  const detected = captures.filter(
    ({ level }) => level && !['informational', 'low'].includes(level),
  );
  const share = Math.round((detected.length / captures.length) * 1_000) / 1_000;
  return { all: captures.length, detected: detected.length, share };
}

/** The generator's whole hours; one seed, so that the same events come every time. */
const until = Date.parse('2026-11-02T00:00:00Z');
const seed = 'pack';
const dayMs = 24 * 60 * 60 * 1_000;
const eventsPerDay = 5_000;
const sendersAtOnce = 4;

async function measureBackground(
  endpoints: Endpoints,
  { customers, days }: PackOptions,
  waitUntilDrained: () => Promise<void>,
  onProgress: (message: string) => void,
): Promise<PackFigures['background']> {
  const ask: Ask = (query, variables) =>
    askGateway(
      endpoints.gateway.http,
      endpoints.principals['operatorAdmin']?.token ?? '',
      query,
      variables,
    );
  const keyOf = await onboard(ask, inventedEstates(customers, seed));
  const startedAt = performance.now();
  let events = 0;
  const waiting = [...keyOf];
  const sender = async (): Promise<void> => {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [estate, key] = next;
      const records = backgroundOf({
        estate,
        from: until - days * dayMs,
        to: until,
        seed,
        eventsPerDay,
      });
      const { accepted } = await sendEvents(toLines(records), { url: endpoints.ingest.http, key });
      events += accepted;
      onProgress(`${estate.company}: ${accepted} events`);
    }
  };
  await Promise.all(Array.from({ length: sendersAtOnce }, sender));
  onProgress('until all of it is looked at');
  await waitUntilDrained();
  const seconds = (performance.now() - startedAt) / 1_000;
  const cases = await listAll(ask, 'cases', 'id');
  const detections = await listAll<{ ruleTitle: string }>(ask, 'detections', 'ruleTitle');
  return {
    ...{ customers, days, events, eventsPerSecond: Math.round(events / seconds) },
    cases: cases.length,
    casesPer10kEvents: Math.round((cases.length / events) * 10_000 * 1_000) / 1_000,
    detectionsByRule: countByTitle(detections),
  };
}

/** Each company is a customer of a provider of their own, with one sensor. */
async function onboard(ask: Ask, estates: readonly Estate[]): Promise<ReadonlyMap<Estate, string>> {
  const { onboardProvider } = await ask<{ onboardProvider: { provider: { id: string } } }>(
    'mutation ($input: OnboardProviderInput!) { onboardProvider(input: $input) { provider { id } } }',
    { input: { name: 'Bench Provider' } },
  );
  const providerId = onboardProvider.provider.id;
  const keyOf = new Map<Estate, string>();
  for (const estate of estates) {
    const { onboardCustomer } = await ask<{ onboardCustomer: { customer: { id: string } } }>(
      'mutation ($input: OnboardCustomerInput!) { onboardCustomer(input: $input) { customer { id } } }',
      { input: { providerId, name: estate.company } },
    );
    const customerId = onboardCustomer.customer.id;
    const { key } = await createSensor(ask, customerId, providerId, 'windows-events', 'DEMO');
    keyOf.set(estate, key);
  }
  return keyOf;
}

async function* toLines(records: Iterable<object>): AsyncGenerator<string> {
  for (const record of records) yield JSON.stringify(record);
}

function countByTitle(detections: readonly { ruleTitle: string }[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { ruleTitle } of detections) counts.set(ruleTitle, (counts.get(ruleTitle) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
