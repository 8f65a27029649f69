import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { toError, UnavailableError } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';
import { inboxPrefixOf, isNatsUser } from './nats-permissions.ts';

/** A process's connection to NATS. It reconnects for ever; what needs the broker fails meanwhile. */
export interface Bus {
  readonly connection: NatsConnection;
  readonly client: JetStreamClient;
  readonly manager: JetStreamManager;
  /** Calls back after each reconnection: the server may have come back with less than it had. */
  onReconnect(listener: () => void): void;
  /** @throws {UnavailableError} not connected at the moment */
  ping(): Promise<void>;
  /** Sends what is under way, then closes. When NATS is away, or silent for three seconds, it just closes. */
  close(): Promise<void>;
}

/** The largest message we publish; the server must allow it. A telemetry batch ends at 768 KiB. */
const neededPayloadBytes = 4 * 1024 * 1024;

/** How long to wait for what is under way: a server that hangs never says that it has it all. */
const drainMs = 3_000;

/** @throws {Error} the server allows smaller messages than the product sends */
export async function connectBus(options: {
  readonly url: string;
  readonly name: string;
  readonly logger: Logger;
}): Promise<Bus> {
  const { username, password, host } = new URL(options.url);
  const user = decodeURIComponent(username);
  const connection = await connect({
    servers: host,
    name: options.name,
    ...(user ? { user, pass: decodeURIComponent(password) } : {}),
    // A user that is not of ours may be bound to the usual prefix.
    ...(isNatsUser(user) ? { inboxPrefix: inboxPrefixOf(user) } : {}),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    waitOnFirstConnect: true,
    timeout: 5_000,
  });
  const manager = await openManager(connection).catch(async (error: unknown) => {
    // It would reconnect for ever, and whoever tries again opens another.
    await connection.close();
    throw error;
  });
  const listeners: (() => void)[] = [];
  void followStatus(connection, options.logger, () => listeners.forEach((listener) => listener()));
  return {
    connection,
    client: jetstream(connection),
    manager,
    onReconnect: (listener) => void listeners.push(listener),
    ping: async () => {
      if (connection.isClosed()) throw new UnavailableError('nats');
      try {
        await connection.rtt();
      } catch (cause) {
        throw new UnavailableError('nats', { cause });
      }
    },
    close: () => drainOrClose(connection, options.logger),
  };
}

async function openManager(connection: NatsConnection): Promise<JetStreamManager> {
  const allowed = connection.info?.max_payload ?? 0;
  if (allowed < neededPayloadBytes) {
    throw new Error(
      `NATS allows messages of ${allowed} bytes; set max_payload to ${neededPayloadBytes} or more`,
    );
  }
  return jetstreamManager(connection);
}

async function drainOrClose(connection: NatsConnection, logger: Logger): Promise<void> {
  if (connection.isClosed()) return;
  const { promise: tooLong, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no end within ${drainMs} ms`)), drainMs);
  try {
    await Promise.race([connection.drain(), tooLong]);
  } catch (error) {
    logger.warn({ err: toError(error) }, 'closed without an answer from NATS');
    await connection.close();
  } finally {
    clearTimeout(timer);
  }
}

async function followStatus(
  connection: NatsConnection,
  logger: Logger,
  onReconnect: () => void,
): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') logger.warn('disconnected from NATS');
    // A refused acknowledgement shows nowhere else.
    if (status.type === 'error') logger.error({ err: status.error }, 'refused by NATS');
    if (status.type !== 'reconnect') continue;
    logger.info('connected to NATS again');
    onReconnect();
  }
}
