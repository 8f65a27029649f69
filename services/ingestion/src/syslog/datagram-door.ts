import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { toError } from '@vedette/service-kit';
import type { Intake } from '../intake/intake-parts.ts';
import { createCopyCounter } from './copy-counter.ts';
import type { HeldBytes } from './held-bytes.ts';
import { createLineFramer } from './line-framer.ts';
import { createLineLane } from './line-lane.ts';
import type { LineLane, LineSender } from './line-lane.ts';
import type { LineSenders } from './line-senders.ts';
import type { OverflowLog } from './overflow-log.ts';
import { normaliseAddress } from './sender-identity.ts';
import type { StrangerLog } from './stranger-log.ts';
import { maxSyslogLineBytes, readSyslogLine } from './syslog-line.ts';
import type { ReadLine } from './syslog-line.ts';

export interface DatagramDependencies {
  readonly intake: Intake;
  readonly senders: LineSenders;
  readonly strangers: StrangerLog;
  /** Datagrams cannot wait with their sender: what is over this bound is dropped. */
  readonly held: HeldBytes;
  readonly overflow: OverflowLog;
  readonly giveUp: AbortSignal;
}

export interface DatagramDoor {
  /** @throws {Error} the port is in use, or not ours to take */
  listen(port: number, host: string): Promise<void>;
  /** Takes no more datagrams, and resolves once those taken are stored. */
  close(): Promise<void>;
}

/** Asked of the system, which may give less: room for bursts while the process is busy. */
const receiveBufferBytes = 8 * 1024 * 1024;
const maxKeyLookups = 32;
const maxKnownKeys = 1_000;
const keyKnownMs = 10_000;
const laneIdleMs = 30_000;

/** The door for lines in datagrams. */
export function createDatagramDoor(dependencies: DatagramDependencies): DatagramDoor {
  const { intake, strangers } = dependencies;
  const lanes = createLanes(dependencies);
  const keys = createKeyring(dependencies.senders, intake);
  const takeLine = (address: string, { line, key }: ReadLine): void => {
    if (key === null) {
      const sender = dependencies.senders.peek({ kind: 'ADDRESS', value: address });
      if (sender) lanes.add(address, sender, line);
      else strangers.note('UNKNOWN_SENDER', address);
      return;
    }
    keys.use(key, (sender) => {
      if (sender) lanes.add(`${address} ${key}`, sender, line);
      else strangers.note('UNKNOWN_SENDER', address);
    });
  };
  const take = (datagram: Buffer, from: string): void => {
    const address = normaliseAddress(from.replace(/%.*$/, '')) ?? 'unknown';
    let number = 0;
    for (const line of linesOf(datagram)) {
      number += 1;
      takeLine(address, readSyslogLine(line, number));
    }
  };
  let socket: ReturnType<typeof createSocket> | undefined;
  const sweep = setInterval(() => lanes.forgetIdle(), laneIdleMs);
  return {
    listen: async (port, host) => {
      const type = isIPv6(host) ? 'udp6' : 'udp4';
      socket = createSocket({ type, recvBufferSize: receiveBufferBytes });
      socket.on('message', (datagram, { address }) => take(datagram, address));
      socket.bind(port, host);
      await once(socket, 'listening');
      socket.on('error', (error) => intake.logger.error({ err: error }, 'a syslog door broke'));
    },
    close: async () => {
      clearInterval(sweep);
      if (socket) {
        const closed = once(socket, 'close');
        socket.close();
        await closed;
      }
      await keys.settled();
      await lanes.drained();
    },
  };
}

/** A datagram is one message; some senders put several lines into one. */
function linesOf(datagram: Buffer): Parameters<typeof readSyslogLine>[0][] {
  const lines: Parameters<typeof readSyslogLine>[0][] = [];
  // A count is none here: the first byte decides the framing, and a newline is never a digit.
  const framer = createLineFramer(maxSyslogLineBytes, 'LINES');
  framer.push(datagram, (line) => lines.push(line));
  framer.end(true, (line) => lines.push(line));
  return lines;
}

interface Lanes {
  add(name: string, sender: LineSender, line: ReadLine['line']): void;
  forgetIdle(): void;
  drained(): Promise<void>;
}

/** A lane for each sender, since exact copies are counted for each. Only known senders have one. */
function createLanes({ intake, held, overflow, giveUp, strangers }: DatagramDependencies): Lanes {
  const lanes = new Map<string, { readonly lane: LineLane; lastAt: number }>();
  const open = (name: string): LineLane =>
    createLineLane({
      ...{ intake, giveUp, countCopies: createCopyCounter() },
      onDone: ({ customerId }, lines) => {
        for (const { byteLength } of lines) held.release(customerId, byteLength);
      },
      onRefused: () => strangers.note('UNKNOWN_SENDER', name.split(' ', 1)[0] ?? ''),
    });
  return {
    add: (name, sender, line) => {
      if (held.isFull(sender.customerId)) {
        overflow.note(sender, 1);
        return;
      }
      const known = lanes.get(name) ?? { lane: open(name), lastAt: 0 };
      known.lastAt = Date.now();
      lanes.set(name, known);
      held.add(sender.customerId, line.byteLength);
      known.lane.add(sender, line);
    },
    forgetIdle: () => {
      for (const [name, { lane, lastAt }] of lanes) {
        if (lane.isIdle && Date.now() - lastAt > laneIdleMs) lanes.delete(name);
      }
    },
    drained: async () => {
      await Promise.all([...lanes.values()].map(({ lane }) => lane.drained()));
    },
  };
}

interface Keyring {
  /** Calls `take` with the key's sender, at once where it is known. */
  use(key: string, take: (sender: LineSender | null) => void): void;
  settled(): Promise<void>;
}

/** Keys in datagrams: anybody can send any, so that look-ups are bounded and what is over the bound is turned away. */
function createKeyring(senders: LineSenders, { logger }: Intake): Keyring {
  const known = new Map<string, { readonly sender: LineSender | null; readonly until: number }>();
  const lookUps = new Map<string, Promise<LineSender | null>>();
  const lookUp = async (key: string): Promise<LineSender | null> => {
    try {
      const sender = await senders.byKey(key);
      if (known.size >= maxKnownKeys) known.clear();
      known.set(key, { sender, until: Date.now() + keyKnownMs });
      return sender;
    } catch (error) {
      logger.warn({ err: toError(error) }, 'a syslog sender could not be looked up');
      return null;
    } finally {
      lookUps.delete(key);
    }
  };
  return {
    use: (key, take) => {
      const found = known.get(key);
      if (found && found.until > Date.now()) {
        take(found.sender);
        return;
      }
      const underWay = lookUps.get(key);
      if (!underWay && lookUps.size >= maxKeyLookups) {
        take(null);
        return;
      }
      const looking = underWay ?? lookUp(key);
      if (!underWay) lookUps.set(key, looking);
      void looking.then(take);
    },
    settled: async () => {
      await Promise.all(lookUps.values());
    },
  };
}
