import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { UnavailableError } from '@vedette/service-kit';
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
  /** Sends what is under way, then closes. */
  close(): Promise<void>;
}

/** The largest message we publish; the server must allow it. A telemetry batch ends at 768 KiB. */
const neededPayloadBytes = 4 * 1024 * 1024;

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
  const allowed = connection.info?.max_payload ?? 0;
  if (allowed < neededPayloadBytes) {
    await connection.close();
    throw new Error(
      `NATS allows messages of ${allowed} bytes; set max_payload to ${neededPayloadBytes} or more`,
    );
  }
  const listeners: (() => void)[] = [];
  void followStatus(connection, options.logger, () => listeners.forEach((listener) => listener()));
  const manager = await jetstreamManager(connection);
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
    close: async () => {
      if (!connection.isClosed()) await connection.drain();
    },
  };
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
