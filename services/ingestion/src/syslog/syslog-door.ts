import type { Intake } from '../intake/intake-parts.ts';
import type { AuthenticateSensor } from '../intake/sensor-authenticator.ts';
import { createDatagramDoor } from './datagram-door.ts';
import { createHeldBytes } from './held-bytes.ts';
import { createLineSenders } from './line-senders.ts';
import { createOverflowLog } from './overflow-log.ts';
import type { Overflow } from './overflow-log.ts';
import { createSenderDirectory } from './sender-directory.ts';
import { createStrangerLog } from './stranger-log.ts';
import type { StrangerLog } from './stranger-log.ts';
import { createStreamDoors } from './stream-door.ts';
import type { DoorCertificate } from './stream-door.ts';
import { listSyslogSenders } from './syslog-sender-store.ts';

/** Where syslog is taken: each of the three doors is there when it has a port. */
export interface SyslogDoorOptions {
  readonly host: string;
  readonly udpPort?: number | undefined;
  readonly tcpPort?: number | undefined;
  /** Needs a certificate. */
  readonly tlsPort?: number | undefined;
  readonly certificate?: DoorCertificate | undefined;
}

export interface SyslogDoorDependencies {
  readonly intake: Intake;
  readonly authenticate: AuthenticateSensor;
  /** Records that lines were dropped. @throws {UnavailableError} it is not recorded */
  readonly recordOverflow: (overflow: Overflow) => Promise<void>;
}

export interface SyslogDoor {
  /** Who was turned away since the start. */
  readonly turnedAway: StrangerLog['counts'];
  /** Takes no more, and resolves once what was taken is stored, or after eight seconds. May be called twice. */
  close(): Promise<void>;
}

/** Bytes of lines between the doors and their storage. */
const streamBudget = { total: 32 * 1024 * 1024, perCustomer: 8 * 1024 * 1024 } as const;
const datagramBudget = { total: 8 * 1024 * 1024, perCustomer: 4 * 1024 * 1024 } as const;
/** Less than a phase of the shutdown has. */
const closeMs = 8_000;

/**
 * Takes syslog over UDP, TCP and TLS.
 * @throws {Error} a port is in use, or the database is away
 */
export async function startSyslogDoor(
  options: SyslogDoorOptions,
  { intake, authenticate, recordOverflow }: SyslogDoorDependencies,
): Promise<SyslogDoor> {
  const end = new AbortController();
  const strangers = createStrangerLog(intake.logger);
  const overflow = createOverflowLog(recordOverflow, intake.logger);
  const directory = await createSenderDirectory(() => listSyslogSenders(intake.database));
  const senders = createLineSenders(directory, authenticate);
  const shared = { intake, senders, strangers, giveUp: end.signal };
  const streams = createStreamDoors({ ...shared, held: createHeldBytes(streamBudget) });
  const datagrams = createDatagramDoor({
    ...{ ...shared, overflow },
    held: createHeldBytes(datagramBudget),
  });
  const { host, udpPort, tcpPort, tlsPort, certificate } = options;
  if (udpPort !== undefined) await datagrams.listen(udpPort, host);
  if (tcpPort !== undefined) await streams.listenTcp(tcpPort, host);
  if (tlsPort !== undefined && certificate) await streams.listenTls(tlsPort, host, certificate);
  const close = async (): Promise<void> => {
    const timer = setTimeout(() => end.abort(), closeMs);
    await Promise.all([streams.close(), datagrams.close()]);
    clearTimeout(timer);
    await overflow.stop();
    directory.stop();
    strangers.stop();
  };
  let closing: Promise<void> | undefined;
  return { turnedAway: strangers.counts, close: () => (closing ??= close()) };
}
