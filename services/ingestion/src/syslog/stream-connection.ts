import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Intake } from '../intake/intake-parts.ts';
import { createCopyCounter } from './copy-counter.ts';
import type { HeldBytes } from './held-bytes.ts';
import { createLineFramer } from './line-framer.ts';
import { createLineLane } from './line-lane.ts';
import type { LineSender } from './line-lane.ts';
import type { LineSenders } from './line-senders.ts';
import { createLineSorter } from './line-sorter.ts';
import type { StrangerLog, TurnedAway } from './stranger-log.ts';
import type { SenderIdentity } from './syslog-sender-store.ts';
import { maxSyslogLineBytes, readSyslogLine } from './syslog-line.ts';
import type { ReadLine, SyslogLine } from './syslog-line.ts';

export interface StreamDependencies {
  readonly intake: Intake;
  readonly senders: LineSenders;
  readonly held: HeldBytes;
  readonly strangers: StrangerLog;
  /** Aborts when the process ends and cannot wait any longer. */
  readonly giveUp: AbortSignal;
}

/** What is seen of a connection's sender. */
export interface SeenSender {
  readonly address: string;
  /** By what it may be known, the surest first. */
  readonly identities: readonly SenderIdentity[];
}

/** A connection of TCP or TLS whose lines are taken. */
export interface StreamConnection {
  /** Whether any of its lines were taken, or its address or certificate is known. */
  readonly isIdentified: boolean;
  /** Closes it when it is idle, slow, or a stranger's for too long. */
  checkTime(now: number): void;
  /** Tells the sender that this is the end, and reads no more once it is quiet. */
  stop(): Promise<void>;
  /** Resolves once it is closed, by whomever, and all that was read of it is stored. */
  readonly done: Promise<void>;
}

/** Who it is must show by then. */
const strangerMs = 10_000;
/** A line that has begun ends by then. */
const lineMs = 60_000;
/** Quiet sources say nothing for long, and what they send into a closed connection is lost. */
const idleMs = 3_600_000;
const quietMs = 100;
const maxStopMs = 1_000;

/** Takes the lines of a connection until it ends. Nothing that was read is dropped, unless a stranger sent it. */
export function takeConnection(
  socket: Socket,
  { address, identities }: SeenSender,
  dependencies: StreamDependencies,
): StreamConnection {
  const { intake, senders, strangers, giveUp } = dependencies;
  const turnAway = (reason: TurnedAway): void => {
    if (!socket.destroyed) strangers.note(reason, address);
    socket.destroy();
  };
  const flow = createFlow(socket, dependencies.held, () => sorter.isWaiting || isStopping);
  const lane = createLineLane({
    ...{ intake, giveUp, countCopies: createCopyCounter() },
    onDone: flow.release,
    onRefused: () => turnAway('UNKNOWN_SENDER'),
  });
  const sorter = createLineSorter({
    ...{ senders, identities, giveUp, turnAway, logger: intake.logger },
    take: (sender, line) => {
      flow.hold(sender, line);
      lane.add(sender, line);
    },
    onReady: () => flow.update(),
  });
  let isStopping = false;
  const openedAt = Date.now();
  const reading = readLines(socket, (lines) => {
    sorter.add(lines);
    flow.update(sorter.own?.customerId);
  });
  // Not by `once`, which would fail for a connection that broke.
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
  });
  const done = closed.then(() => sorter.settled()).then(() => lane.drained());
  socket.setKeepAlive(true, 60_000);
  sorter.start();
  flow.update();
  return {
    get isIdentified() {
      return sorter.isIdentified;
    },
    checkTime: (now) => {
      if (socket.destroyed || socket.isPaused()) return;
      const quietSince = Math.max(reading.lastAt, flow.resumedAt);
      const restSince = reading.restSince && Math.max(reading.restSince, flow.resumedAt);
      if (!sorter.isIdentified && now - openedAt > strangerMs) turnAway('UNKNOWN_SENDER');
      else if (restSince !== null && now - restSince > lineMs) turnAway('TOO_SLOW');
      else if (now - quietSince > idleMs) socket.destroy();
    },
    stop: async () => {
      // A relay that sees this sends no more here; what is on its way is still read.
      socket.end();
      const deadline = Date.now() + maxStopMs;
      do await delay(quietMs);
      while (Date.now() < deadline && Date.now() - reading.lastAt < quietMs);
      isStopping = true;
      flow.update();
      socket.destroy();
      await done;
    },
    done,
  };
}

interface Reading {
  /** Epoch milliseconds of the last bytes. */
  readonly lastAt: number;
  /** Since when a line is incomplete; null where none is. */
  readonly restSince: number | null;
}

/** Hands over the lines of a socket as they get complete, and what is left when it closes. */
function readLines(socket: Socket, take: (lines: readonly ReadLine[]) => void): Reading {
  const framer = createLineFramer(maxSyslogLineBytes);
  const reading = { lastAt: Date.now(), restSince: null as number | null };
  let number = 0;
  let lines: ReadLine[] = [];
  const readLine: Parameters<typeof framer.push>[1] = (framed) => {
    number += 1;
    lines.push(readSyslogLine(framed, number));
  };
  const handOver = (): void => {
    const complete = lines;
    lines = [];
    if (complete.length > 0) take(complete);
  };
  socket.on('data', (chunk: Buffer) => {
    framer.push(chunk, readLine);
    reading.lastAt = Date.now();
    if (!framer.hasRest) reading.restSince = null;
    else if (lines.length > 0) reading.restSince = reading.lastAt;
    else reading.restSince ??= reading.lastAt;
    handOver();
  });
  socket.on('end', () => {
    framer.end(true, readLine);
    handOver();
  });
  // The event `close` follows and says all there is to do.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    framer.end(false, readLine);
    handOver();
  });
  return reading;
}

/** Bytes of one connection that are read and not stored. */
const maxHeldBytes = 1024 * 1024;

interface Flow {
  hold(sender: LineSender, line: SyslogLine): void;
  release(sender: LineSender, lines: readonly SyslogLine[]): void;
  /** Pauses or resumes the socket, as it has to be now. */
  update(customerId?: string): void;
  /** When it was read again after a pause, epoch milliseconds. */
  readonly resumedAt: number;
}

/** Reads a socket only while there is room for what it sends: back-pressure reaches the sender through TCP. */
function createFlow(socket: Socket, held: HeldBytes, mustWait: () => boolean): Flow {
  let own = 0;
  let customerId = '';
  let isAsking = false;
  const flow = {
    resumedAt: 0,
    hold: (sender: LineSender, { byteLength }: SyslogLine): void => {
      own += byteLength;
      held.add(sender.customerId, byteLength);
    },
    release: (sender: LineSender, lines: readonly SyslogLine[]): void => {
      const bytes = lines.reduce((sum, { byteLength }) => sum + byteLength, 0);
      own -= bytes;
      held.release(sender.customerId, bytes);
      flow.update();
    },
    update: (of?: string): void => {
      customerId = of ?? customerId;
      if (socket.destroyed) return;
      const isFull = own >= maxHeldBytes || held.isFull(customerId);
      if (mustWait() || isFull) socket.pause();
      else if (socket.isPaused()) {
        flow.resumedAt = Date.now();
        socket.resume();
      }
      // Its own bytes come back through `release`; for those of others it has to ask.
      if (isFull && own === 0 && !isAsking) {
        isAsking = true;
        held.onRoom(() => {
          isAsking = false;
          flow.update();
        });
      }
    },
  };
  return flow;
}
