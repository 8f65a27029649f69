import { headers as createHeaders } from '@nats-io/transport-node';
import { toError } from '@vedette/service-kit';
import type { DatabaseConnection, LockSession, Logger } from '@vedette/service-kit';
import type { Bus } from './bus.ts';
import { ensureStream } from './streams.ts';
import type { StreamName } from './streams.ts';

interface OutboxRow {
  readonly position: string;
  readonly event_id: string;
  readonly subject: string;
  readonly aggregate_id: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

export interface RelayOptions {
  readonly service: string;
  readonly stream: StreamName;
  readonly database: DatabaseConnection;
  readonly bus: Bus;
  readonly logger: Logger;
}

const batchSize = 256;
const minPollMs = 50;
const maxPollMs = 500;
/** How long a standby waits before it asks for the lock again. */
const standbyMs = 1_000;

/**
 * Publishes the service's outbox. One relay per service is active, by advisory lock; the others stand
 * by. Rows are marked instead of kept behind a cursor: a position is taken before its transaction
 * commits, so "after the last position" would skip what commits late.
 */
export function startRelay(options: RelayOptions): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const running = run(options, stopping.signal);
  return {
    stop: () => {
      stopping.abort();
      return running;
    },
  };
}

async function run(options: RelayOptions, stopping: AbortSignal): Promise<void> {
  const lockName = `${options.service} relay`;
  while (!stopping.aborted) {
    try {
      await options.database.tryWithLock(lockName, (session) =>
        publishUntil(stopping, session, options),
      );
    } catch (error) {
      options.logger.warn({ err: toError(error) }, 'relay lost its database connection');
    }
    await pause(standbyMs, stopping);
  }
}

async function publishUntil(
  stopping: AbortSignal,
  session: LockSession,
  options: RelayOptions,
): Promise<void> {
  let pollMs = minPollMs;
  while (!stopping.aborted) {
    const { found, published } = await publishBatch(session, options);
    if (found > 0 && published === 0) await restoreStream(options);
    // Work found means more is likely; a batch that could not be published waits like an idle one.
    pollMs = published > 0 ? minPollMs : Math.min(pollMs * 2, maxPollMs);
    if (published < batchSize || published < found) await pause(pollMs, stopping);
  }
}

/** Nothing could be published: the broker is away, or it has lost the stream. */
async function restoreStream({ bus, stream, logger }: RelayOptions): Promise<void> {
  try {
    await ensureStream(bus.manager, stream);
  } catch (error) {
    logger.warn({ err: toError(error), stream }, 'the stream cannot be reached');
  }
}

/** Publishes one batch: lanes side by side, each lane in order and only up to its first failure. */
export async function publishBatch(
  session: LockSession,
  options: Pick<RelayOptions, 'bus' | 'stream' | 'logger'>,
): Promise<{ found: number; published: number }> {
  const rows = await session.query<OutboxRow>(
    `select position, event_id, subject, aggregate_id, headers, payload
     from outbox where published_at is null order by position limit $1`,
    [batchSize],
  );
  const lanes = Map.groupBy(rows, (row) => row.aggregate_id);
  const published = await Promise.all(
    [...lanes.values()].map((lane) => publishLane(lane, options)),
  );
  const positions = published.flat();
  if (positions.length > 0) {
    await session.query(
      'update outbox set published_at = now() where position = any ($1::bigint[])',
      [positions],
    );
  }
  return { found: rows.length, published: positions.length };
}

async function publishLane(
  lane: readonly OutboxRow[],
  { bus, stream, logger }: Pick<RelayOptions, 'bus' | 'stream' | 'logger'>,
): Promise<string[]> {
  const positions: string[] = [];
  for (const row of lane) {
    try {
      await bus.client.publish(row.subject, row.payload, {
        msgID: row.event_id,
        headers: toNatsHeaders(row.headers),
        // A missing stream is an error then, and not silence.
        expect: { streamName: stream },
      });
    } catch (error) {
      logger.warn(
        { err: toError(error), eventId: row.event_id },
        'not published, will be tried again',
      );
      break;
    }
    positions.push(row.position);
  }
  return positions;
}

function toNatsHeaders(pairs: Readonly<Record<string, string>>): ReturnType<typeof createHeaders> {
  const result = createHeaders();
  for (const [name, value] of Object.entries(pairs)) result.set(name, value);
  return result;
}

/** Waits, or less when it is time to stop. */
function pause(ms: number, stopping: AbortSignal): Promise<void> {
  if (stopping.aborted) return Promise.resolve();
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => {
    clearTimeout(timer);
    stopping.removeEventListener('abort', end);
    resolve();
  };
  const timer = setTimeout(end, ms);
  stopping.addEventListener('abort', end);
  return promise;
}
