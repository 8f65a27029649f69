import type { ConsumerInfo } from '@nats-io/jetstream';
import { isAhead, streams } from '@vedette/event-bus';
import type { Bus } from '@vedette/event-bus';
import { toError, UnavailableError } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';

/**
 * The consumers without which the telemetry stream acknowledges a message and keeps it nowhere
 * (interest retention). Nothing may be called stored unless all of them existed when it was published.
 */
export interface RequiredDurables {
  /**
   * Which durables there are, as the latest look saw them. It changes when one is made anew.
   * @throws {UnavailableError} one is missing, or nobody knows at the moment
   */
  current(): string;
  /**
   * The same by a look that begins after this call. Those who ask at about the same time share one.
   * @throws {UnavailableError} one is missing, or NATS does not answer
   */
  look(): Promise<string>;
  stop(): void;
}

const pollMissingMs = 1_000;
const pollPresentMs = 5_000;

/** Starts watching. Resolves after the first look, whatever it saw. */
export async function watchRequiredDurables(bus: Bus, logger: Logger): Promise<RequiredDurables> {
  let seen: string | Error = unavailable('nobody has looked yet');
  let underWay: Promise<string> | undefined;
  let following: Promise<string> | undefined;
  const lookOnce = async (): Promise<string> => {
    const before = seen;
    try {
      seen = await listDurables(bus);
      return seen;
    } catch (error) {
      seen = error instanceof UnavailableError ? error : unavailable(error);
      throw seen;
    } finally {
      logChange(logger, before, seen);
    }
  };
  // A look under way may have begun before what it must see: whoever asks gets the one after it.
  const look = (): Promise<string> => {
    following ??= (underWay ?? Promise.resolve()).then(nothing, nothing).then(() => {
      underWay = following;
      following = undefined;
      return lookOnce();
    });
    return following;
  };
  const poll = async (): Promise<void> => {
    await look().catch(nothing);
    timer = setTimeout(() => void poll(), seen instanceof Error ? pollMissingMs : pollPresentMs);
    if (isStopped) clearTimeout(timer);
  };
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  await poll();
  return {
    current: () => {
      if (seen instanceof Error) throw seen;
      return seen;
    },
    look,
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
async function listDurables(bus: Bus): Promise<string> {
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
  return requiredDurables.map((name) => durables.get(name)?.created).join();
}

function unavailable(cause: unknown): UnavailableError {
  return new UnavailableError('telemetry durables', { retryAfterSeconds: 2, cause });
}

function logChange(logger: Logger, before: string | Error, after: string | Error): void {
  if (after instanceof Error && !(before instanceof Error)) {
    logger.warn(
      { cause: toError(after.cause) },
      'telemetry is refused: not all of its consumers exist',
    );
  }
  if (before instanceof Error && !(after instanceof Error)) logger.info('telemetry is taken');
}

function nothing(): void {
  // The failure is in `seen`, where those who ask find it.
}
