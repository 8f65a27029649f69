import { join } from 'node:path';
import { Readable } from 'node:stream';
import { sendEvents } from '../replay/send-events.ts';
import { keepJson, readJson, writeJson } from './data-files.ts';
import type { Endpoints } from './endpoints.ts';
import { listAll, type Ask } from './gateway-client.ts';
import { credentialTheftChapter, rmmRansomwareChapters } from './scenarios/first-run-chapters.ts';
import type { Chapter } from './scenarios/first-run-chapters.ts';

/** What the demonstration sent, and for whom. */
export interface Replay {
  /** Epoch ms of the first event sent. */
  readonly startedAt: number;
  readonly customers: readonly ReplayedCustomer[];
}

export interface ReplayedCustomer extends Pick<Chapter, 'attack' | 'from' | 'until'> {
  readonly customerId: string;
  readonly name: string;
  /** Events that ingestion took. */
  readonly accepted: number;
}

/** The content of `demonstration.json`. */
interface Kept {
  /** Epoch ms of the newest event. It stays the same when a replay that was cut short is done again. */
  readonly until: number;
  /** ISO 8601; null until all is sent. */
  readonly doneAt: string | null;
}

const keptFile = (dataDir: string) => join(dataDir, 'demonstration.json');

/** Whether it was sent to its end once in the life of the data directory. */
export async function isDemonstrationDone(dataDir: string): Promise<boolean> {
  const kept = await readJson<Kept>(keptFile(dataDir));
  return kept !== null && kept.doneAt !== null;
}

/**
 * Sends the demonstration through the same HTTP door that every sensor uses. Its newest event is now.
 * When it was cut short before, the same events are sent again and make nothing twice: their ids
 * are derived from what they say.
 * @param eventsPerDay ordinary work of each customer, on average
 * @throws {Error} a customer of it is missing, or ingestion refuses
 */
export async function replayDemonstration(
  dataDir: string,
  endpoints: Endpoints,
  ask: Ask,
  eventsPerDay = 5_000,
): Promise<Replay> {
  const { until } = await keepJson<Kept>(keptFile(dataDir), () => ({
    ...{ until: Date.now(), doneAt: null },
  }));
  const known = await listAll<KnownCustomer>(ask, 'customers', 'id name externalReference');
  const send = (chapter: Chapter) => sendChapter(chapter, endpoints, known);
  const startedAt = Date.now();
  const chapters = rmmRansomwareChapters({ until, eventsPerDay });
  // The struck ones first, so that the attack is not seen last; all customers' events are in the order of time.
  const struck = await Promise.all(chapters.filter(({ attack }) => attack !== null).map(send));
  const spared = chapters.filter(({ attack }) => attack === null);
  const quiet = credentialTheftChapter({ until, eventsPerDay });
  const others = await Promise.all([quiet, ...spared].map(send));
  await writeJson(keptFile(dataDir), { until, doneAt: new Date().toISOString() } satisfies Kept);
  return { startedAt, customers: [...struck, ...others] };
}

interface KnownCustomer {
  readonly id: string;
  readonly name: string;
  readonly externalReference: string | null;
}

async function sendChapter(
  chapter: Chapter,
  { ingest, sensors }: Endpoints,
  known: readonly KnownCustomer[],
): Promise<ReplayedCustomer> {
  const { externalReference, attack, from, until } = chapter;
  const customer = known.find((each) => each.externalReference === externalReference);
  const sensor = sensors.find(
    ({ customerId, connectorType }) =>
      customerId === customer?.id && connectorType === 'windows-events',
  );
  if (!customer || !sensor) throw new Error(`there is no sensor for customer ${externalReference}`);
  const lines = Readable.from(toLines(chapter));
  const { accepted } = await sendEvents(lines, { url: ingest.http, key: sensor.key });
  return { customerId: customer.id, name: customer.name, attack, from, until, accepted };
}

function* toLines(chapter: Chapter): Generator<string> {
  for (const record of chapter.records()) yield JSON.stringify(record);
}
