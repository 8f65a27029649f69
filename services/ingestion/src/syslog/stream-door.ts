import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { normaliseAddress, normaliseFingerprint } from './sender-identity.ts';
import { takeConnection } from './stream-connection.ts';
import type { SeenSender, StreamConnection, StreamDependencies } from './stream-connection.ts';

/** Certificate chain and key of a server, PEM. */
export interface DoorCertificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface StreamDoors {
  /** @throws {Error} the port is in use, or not ours to take */
  listenTcp(port: number, host: string): Promise<void>;
  listenTls(port: number, host: string, certificate: DoorCertificate): Promise<void>;
  /** Takes no more connections, and resolves once all that was read is stored. */
  close(): Promise<void>;
}

const maxPerAddress = 64;
const maxConnections = 1_024;
/** Of them, those of which nobody knows yet whose they are. */
const maxStrangers = 256;
const handshakeMs = 10_000;
const sweepMs = 2_000;

/** The doors for lines over TCP and TLS; all connections together share the bounds. */
export function createStreamDoors(dependencies: StreamDependencies): StreamDoors {
  const { strangers } = dependencies;
  const servers: Server[] = [];
  const connections = new Set<StreamConnection>();
  const entrance = createEntrance(() => countStrangers(connections));
  const take = (socket: Socket, sender: SeenSender): void => {
    const connection = takeConnection(socket, sender, dependencies);
    connections.add(connection);
    void connection.done.finally(() => connections.delete(connection));
  };
  /** Counts the connection; a TLS one before its handshake, which costs the most. */
  const admit = (socket: Socket): boolean => {
    const address = addressOf(socket);
    if (address !== null && entrance.enter(socket, address)) return true;
    strangers.note('TOO_MANY_CONNECTIONS', address ?? 'unknown');
    socket.destroy();
    return false;
  };
  const sweep = setInterval(() => {
    const now = Date.now();
    for (const connection of connections) connection.checkTime(now);
  }, sweepMs);
  const listen = async (server: Server, port: number, host: string): Promise<void> => {
    server.listen(port, host);
    await once(server, 'listening');
    servers.push(server);
  };
  return {
    listenTcp: (port, host) => {
      const server = createTcpServer((socket) => {
        if (admit(socket)) take(socket, seenOf(socket));
      });
      return listen(server, port, host);
    },
    listenTls: (port, host, { cert, key }) => {
      const server = createTlsServer({
        ...{ cert, key, minVersion: 'TLSv1.2', handshakeTimeout: handshakeMs },
        // Who the sender is, its certificate's fingerprint says; no authority has to vouch for it.
        ...{ requestCert: true, rejectUnauthorized: false },
      });
      server.on('connection', (socket: Socket) => void admit(socket));
      server.on('secureConnection', (socket) => take(socket, seenOf(socket)));
      server.on('tlsClientError', (_, socket: TLSSocket) => {
        strangers.note('TLS_FAILED', addressOf(socket) ?? 'unknown');
      });
      return listen(server, port, host);
    },
    close: async () => {
      const closed = servers.map((server) => once(server, 'close'));
      for (const server of servers) server.close();
      await Promise.all([...connections].map((connection) => connection.stop()));
      await Promise.all([...connections].map(({ done }) => done));
      clearInterval(sweep);
      entrance.closeAll();
      await Promise.all(closed);
    },
  };
}

function countStrangers(connections: ReadonlySet<StreamConnection>): number {
  let count = 0;
  for (const { isIdentified } of connections) if (!isIdentified) count += 1;
  return count;
}

interface Entrance {
  /** Whether one more connection may be held open. */
  enter(socket: Socket, address: string): boolean;
  closeAll(): void;
}

function createEntrance(strangers: () => number): Entrance {
  const open = new Set<Socket>();
  const perAddress = new Map<string, number>();
  return {
    enter: (socket, address) => {
      const count = perAddress.get(address) ?? 0;
      if (count >= maxPerAddress || open.size >= maxConnections || strangers() >= maxStrangers) {
        return false;
      }
      open.add(socket);
      perAddress.set(address, count + 1);
      socket.once('close', () => {
        open.delete(socket);
        const left = (perAddress.get(address) ?? 1) - 1;
        if (left > 0) perAddress.set(address, left);
        else perAddress.delete(address);
      });
      return true;
    },
    closeAll: () => {
      for (const socket of open) socket.destroy();
    },
  };
}

function addressOf({ remoteAddress }: Socket): string | null {
  return remoteAddress === undefined ? null : normaliseAddress(remoteAddress.replace(/%.*$/, ''));
}

function seenOf(socket: Socket | TLSSocket): SeenSender {
  const address = addressOf(socket) ?? 'unknown';
  const fingerprint =
    'getPeerCertificate' in socket ? socket.getPeerCertificate().fingerprint256 : undefined;
  const certificate = fingerprint === undefined ? null : normaliseFingerprint(fingerprint);
  return {
    address,
    identities: [
      ...(certificate === null ? [] : [{ kind: 'CERTIFICATE', value: certificate } as const]),
      { kind: 'ADDRESS', value: address },
    ],
  };
}
