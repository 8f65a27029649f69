import type { ConsumerInfo } from '@nats-io/jetstream';
import {
  detectorDurable,
  historyDurable,
  isAhead,
  streams,
  telemetryShard,
} from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import { toError, UnavailableError } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';

/**
 * The consumers without which the telemetry stream acknowledges a message and keeps it nowhere
 * (interest retention). Nothing may be called stored unless all of them existed when it was published.
 */
export interface RequiredDurables {
  /**
   * The durables as the latest look saw them.
   * @throws {UnavailableError} one is missing, or nobody knows at the moment
   */
  current(): Durables;
  /**
   * Makes sure that the durables which a customer's message needs stood when it was stored: those of `before` still
   * stand, and so they stood in between.
   * @param before what `current` said before the message was published
   * @throws {UnavailableError} one is missing or was made anew, or NATS was started anew or does not answer
   */
  confirm(before: Durables, customerId: string): Promise<void>;
  stop(): void;
}

/** What a look saw. */
export interface Durables {
  /**
   * The life of the server that was asked. One that was killed may come back with a stream that is behind its durables
   * and gives their next numbers to messages that they never get: what was seen before says nothing about it.
   */
  readonly serverId: string | undefined;
  /** When each of the durables was made, by name: one that is made anew has another time. */
  readonly createdAt: ReadonlyMap<string, string>;
}

const pollMissingMs = 1_000;
const pollPresentMs = 5_000;

/** Starts watching. Resolves after the first look, whatever it saw. */
export async function watchRequiredDurables(bus: Bus, logger: Logger): Promise<RequiredDurables> {
  let seen: Durables | Error = unavailable('nobody has looked yet');
  const look = async (): Promise<void> => {
    const before = seen;
    try {
      seen = await listDurables(bus);
    } catch (error) {
      seen = error instanceof UnavailableError ? error : unavailable(error);
    }
    logChange(logger, before, seen);
  };
  let looking: Promise<void> | undefined;
  const poll = async (): Promise<void> => {
    await look();
    timer = setTimeout(() => void poll(), seen instanceof Error ? pollMissingMs : pollPresentMs);
    if (isStopped) clearTimeout(timer);
  };
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const lookAgain = (): Promise<void> => (looking ??= look().finally(() => (looking = undefined)));
  bus.onReconnect(() => void lookAgain());
  await poll();
  return {
    current: () => {
      if (seen instanceof Error) throw seen;
      requireSameServer(bus, seen);
      return seen;
    },
    confirm: async (before, customerId) => {
      const names = [historyDurable, detectorDurable(telemetryShard(customerId))];
      try {
        await Promise.all(names.map((name) => requireSame(bus, name, before)));
        requireSameServer(bus, before);
      } catch (error) {
        // Whoever sends again must not be judged by what was seen before.
        await lookAgain();
        throw error instanceof UnavailableError ? error : unavailable(error);
      }
    },
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}

/**
 * The required durables with the times they were made at.
 * @throws {UnavailableError} one is missing, or cannot receive what the stream gets now
 */
async function listDurables(bus: Bus): Promise<Durables> {
  const serverId = bus.connection.info?.server_id;
  const durables = new Map<string, ConsumerInfo>();
  for await (const durable of bus.manager.consumers.list('TELEMETRY')) {
    durables.set(durable.name, durable);
  }
  // Asked last: what came meanwhile must not make a durable look as if it were ahead.
  const { state } = await bus.manager.streams.info('TELEMETRY');
  const { requiredDurables } = streams.TELEMETRY;
  const missing = requiredDurables.filter((name) => !durables.has(name));
  if (missing.length > 0) throw unavailable(`missing: ${missing.join(', ')}`);
  // They would never be given what is published now; their owners make them anew.
  const ahead = [...durables.values()].filter((durable) => isAhead(durable, state.last_seq));
  if (ahead.length > 0) {
    throw unavailable(`ahead of the stream: ${ahead.map(({ name }) => name).join(', ')}`);
  }
  const createdAt = new Map([...durables].map(([name, { created }]) => [name, created]));
  const seen = { serverId, createdAt };
  requireSameServer(bus, seen);
  return seen;
}

function requireSameServer(bus: Bus, { serverId }: Durables): void {
  if (bus.connection.info?.server_id !== serverId) throw unavailable('NATS was started anew');
}

async function requireSame(bus: Bus, name: string, { createdAt }: Durables): Promise<void> {
  const durable = await bus.manager.consumers.info('TELEMETRY', name);
  if (durable.created !== createdAt.get(name)) throw unavailable(`made anew: ${name}`);
}

function unavailable(cause: unknown): UnavailableError {
  return new UnavailableError('telemetry durables', { retryAfterSeconds: 2, cause });
}

function logChange(logger: Logger, before: Durables | Error, after: Durables | Error): void {
  if (after instanceof Error && !(before instanceof Error)) {
    logger.warn(
      { cause: toError(after.cause) },
      'telemetry is refused: not all of its consumers exist',
    );
  }
  if (before instanceof Error && !(after instanceof Error)) logger.info('telemetry is taken');
}
