import { toError, UnavailableError } from '@vedette/service-kit';
import type { Database, Logger, TenantScope, Transaction } from '@vedette/service-kit';
import type { CredentialSafe } from '../connector/credential-safe.ts';
import type { JsonRecord } from '../connectors/index.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';
import { acceptRecords } from '../intake/accept-records.ts';
import type { DeliveredRecord, RejectedRecord } from '../intake/accept-records.ts';
import type { Quarantine } from '../intake/accept-records.ts';
import type { TelemetryPublisher } from '../telemetry/telemetry-publisher.ts';
import { feedsOf } from './poll-feeds.ts';
import type { PollPage } from './poll-page.ts';
import type { PollSource } from './poll-source.ts';
import { failPoll, finishPoll, keepProgress, LeaseLostError } from './poll-store.ts';
import type { ClaimedPoll, PollProgress } from './poll-store.ts';
import type { SeenRecords } from './seen-records.ts';

/** What polls work with. */
export interface PollingDependencies {
  readonly database: Database;
  readonly publisher: TelemetryPublisher;
  readonly quarantine: Quarantine;
  /** By type of connector. */
  readonly sources: Readonly<Record<string, PollSource>>;
  readonly credentialSafe: CredentialSafe;
  readonly seen: SeenRecords;
  readonly clock: () => Date;
  readonly logger: Logger;
  readonly recordGap: (tx: Transaction, gap: FoundGap) => Promise<void>;
  /** How long a process that says nothing keeps a feed. Longer than one page takes. */
  readonly leaseMs: number;
}

/** A time of which a source no longer had everything. */
export interface FoundGap {
  readonly customerId: string;
  readonly providerId: string;
  readonly connectorId: string;
  readonly from: Date;
  readonly to: Date;
  readonly reason: 'CURSOR_LOST';
}

/** Pages of one poll before others have their turn. */
const maxPages = 100;

/**
 * Fetches one feed to its end, or as far as it gets. After each page its records are stored first and the progress is
 * noted second: who is ended in between fetches the page once more, and derived ids make its records the same events.
 * Never throws: what went wrong is noted with the feed, and tried again later.
 */
export async function runPoll(
  poll: ClaimedPoll,
  deps: PollingDependencies,
  signal: AbortSignal,
): Promise<void> {
  try {
    await fetchFeed(poll, deps, signal);
  } catch (error) {
    if (error instanceof LeaseLostError) return;
    await noteFailure(poll, deps, error).catch((again: unknown) => {
      // The lease ends by itself, and another attempt follows.
      const noted = again instanceof LeaseLostError;
      if (!noted) deps.logger.warn({ err: toError(again) }, 'the failure of a poll was not noted');
    });
  }
}

async function fetchFeed(
  poll: ClaimedPoll,
  deps: PollingDependencies,
  signal: AbortSignal,
): Promise<void> {
  const { sensor, feed } = poll;
  const read = await sourceOf(sensor, deps).open({
    feed,
    settings: sensor.settings,
    credentials: deps.credentialSafe.open(sensor.connectorId, poll.credentialsSealed),
  });
  let progress: PollProgress = { cursor: poll.cursor, checkpointAt: poll.checkpointAt };
  let page: PollPage | null = null;
  for (let n = 0; n < maxPages && page?.isLast !== true && !signal.aborted; n += 1) {
    page = await read(progress, deps.clock());
    await storePage(poll, page, deps);
    await notePage(poll, page, deps);
    progress = page.progress;
  }
  const now = deps.clock();
  const isComplete = page?.isLast === true && page.waitMs === undefined;
  const usualMs =
    (feedsOf(sensor.connectorType).find(({ name }) => name === feed)?.everySeconds ?? 60) * 1_000;
  const waitMs = page?.isLast === true ? (page.waitMs ?? usualMs) : 0;
  const nextPollAt = new Date(now.getTime() + waitMs);
  await deps.database.transaction(scopeOfSensor(sensor), (tx) =>
    finishPoll(tx, poll, { now, nextPollAt, isComplete }),
  );
}

function sourceOf({ connectorType }: Sensor, { sources }: PollingDependencies): PollSource {
  const source = sources[connectorType];
  if (!source) throw new Error(`connectors of the type '${connectorType}' are not polled`);
  return source;
}

/** Resolves once every record is in the stream, or in quarantine. */
async function storePage(
  { sensor, feed }: ClaimedPoll,
  { records }: PollPage,
  { publisher, quarantine, seen, clock }: PollingDependencies,
): Promise<void> {
  const key = `${sensor.connectorId} ${feed}`;
  const fresh = seen.unseen(key, records.map(toDelivered));
  if (fresh.length === 0) return;
  await acceptRecords(sensor, fresh, {
    publisher,
    quarantine,
    receivedAt: clock().getTime(),
    // What a source gives twice is the same record twice, never another that is just like it.
    occurrenceOf: () => 0,
  });
  seen.add(key, fresh);
}

type Delivered = (DeliveredRecord | RejectedRecord) & { readonly raw: string };

function toDelivered(item: unknown, index: number): Delivered {
  const raw = JSON.stringify(item);
  const line = index + 1;
  if (typeof item === 'object' && item !== null && !Array.isArray(item)) {
    return { line, raw, record: item as JsonRecord };
  }
  return { line, raw, code: 'NOT_AN_OBJECT', message: 'The record is not a JSON object.' };
}

async function notePage(
  poll: ClaimedPoll,
  { progress, gap }: PollPage,
  { database, clock, recordGap, leaseMs }: PollingDependencies,
): Promise<void> {
  const { sensor } = poll;
  const leaseUntil = new Date(clock().getTime() + leaseMs);
  await database.transaction(scopeOfSensor(sensor), async (tx) => {
    await keepProgress(tx, poll, progress, leaseUntil);
    if (!gap) return;
    const { customerId, providerId, connectorId } = sensor;
    await recordGap(tx, { customerId, providerId, connectorId, ...gap, reason: 'CURSOR_LOST' });
  });
}

function scopeOfSensor({ customerId, providerId }: Sensor): TenantScope {
  return { kind: 'CUSTOMERS', customerIds: [customerId], providerId };
}

const firstPauseMs = 5_000;
const longestPauseMs = 900_000;

/** Twice as long after each failure, and between half of it and all of it, so that not all come back at once. */
export function pauseAfter(failures: number, random: number): number {
  const whole = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 20));
  return Math.round(whole * (0.5 + random / 2));
}

async function noteFailure(
  poll: ClaimedPoll,
  deps: PollingDependencies,
  thrown: unknown,
): Promise<void> {
  const { sensor, feed, failures } = poll;
  const known = deps.sources[sensor.connectorType]?.explain(thrown) ?? null;
  const { message, notBeforeSeconds } = known ?? {
    ...{ message: describeOwn(thrown), notBeforeSeconds: 0 },
  };
  const about = { connectorId: sensor.connectorId, feed, err: toError(thrown) };
  if (known || thrown instanceof UnavailableError) deps.logger.warn(about, 'a poll failed');
  else deps.logger.error(about, 'a poll failed for a reason of our own');
  const pauseMs = Math.max(pauseAfter(failures, Math.random()), notBeforeSeconds * 1_000);
  const nextPollAt = new Date(deps.clock().getTime() + pauseMs);
  await deps.database.transaction(scopeOfSensor(sensor), (tx) =>
    failPoll(tx, poll, { error: message, nextPollAt }),
  );
}

/** Of what went wrong here, people are told no more than they can use. */
function describeOwn(thrown: unknown): string {
  return thrown instanceof UnavailableError
    ? 'What was fetched could not be stored; it will be fetched again.'
    : 'Fetching failed inside this installation; its log says why.';
}
