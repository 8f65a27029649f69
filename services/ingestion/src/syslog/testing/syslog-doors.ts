import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { createCertificateAuthority, findFreePort } from '@vedette/testkit/servers';
import type { CertificateAuthority } from '@vedette/testkit/servers';
import { startTestIntake } from '../../testing/test-intake.ts';
import type { TestConnector, TestIntake } from '../../testing/test-intake.ts';
import type { Overflow } from '../overflow-log.ts';
import { startSyslogDoor } from '../syslog-door.ts';
import type { SyslogDoor } from '../syslog-door.ts';
import type { SyslogSender } from '../syslog-settings.ts';

/** The syslog doors, and all that they bring into the stream. */
export interface TestDoors extends Omit<TestIntake, 'addConnector'> {
  readonly authority: CertificateAuthority;
  /** As it was opened last. */
  readonly door: SyslogDoor;
  readonly ports: { readonly udp: number; readonly tcp: number; readonly tls: number };
  readonly overflows: Overflow[];
  /** A new customer with a connector that these send to. */
  addConnector(
    syslogSenders?: readonly SyslogSender[],
    type?: Parameters<TestIntake['addConnector']>[0],
  ): Promise<TestConnector>;
  closeDoor(): Promise<void>;
  /** On the same ports as before. */
  openDoor(): Promise<void>;
  /** The connection may be broken by the door without a word; the test looks for `close`. */
  openTcp(from?: string): Promise<Socket>;
  openTls(options?: ConnectionOptions & { readonly localAddress?: string }): Promise<Socket>;
  sendDatagrams(datagrams: readonly (string | Buffer)[], from?: string): Promise<void>;
}

export async function startTestDoors(): Promise<TestDoors> {
  const base = await startTestIntake();
  const authority = createCertificateAuthority('Test');
  const { cert, key } = authority.issue(['localhost', '127.0.0.1']);
  const [udp, tcp, tls] = [await findFreePort(), await findFreePort(), await findFreePort()];
  const overflows: Overflow[] = [];
  const openDoor = (): Promise<SyslogDoor> =>
    startSyslogDoor(
      {
        ...{ host: '127.0.0.1', udpPort: udp, tcpPort: tcp, tlsPort: tls },
        certificate: { cert: Buffer.from(cert), key: Buffer.from(key) },
      },
      {
        ...{ intake: base.intake, authenticate: base.authenticate },
        recordOverflow: async (overflow) => void overflows.push(overflow),
      },
    );
  let door = await openDoor();
  return {
    ...{ ...base, authority, overflows, ports: { udp, tcp, tls } },
    get door() {
      return door;
    },
    closeDoor: () => door.close(),
    openDoor: async () => {
      door = await openDoor();
    },
    addConnector: (syslogSenders = [], type = 'windows-events') =>
      base.addConnector(type, { syslogSenders }),
    openTcp: async (from) => {
      const socket = connect({ host: '127.0.0.1', port: tcp, ...(from && { localAddress: from }) });
      await once(socket, 'connect');
      return socket.on('error', () => undefined);
    },
    openTls: async (options = {}) => {
      const socket = connectTls({ host: '127.0.0.1', port: tls, ca: authority.cert, ...options });
      await once(socket, 'secureConnect');
      return socket.on('error', () => undefined);
    },
    sendDatagrams: (datagrams, from) => sendDatagrams(udp, datagrams, from),
    stop: async () => {
      await door.close();
      await base.stop();
    },
  };
}

async function sendDatagrams(
  port: number,
  datagrams: readonly (string | Buffer)[],
  from = '127.0.0.1',
): Promise<void> {
  const socket = createSocket('udp4');
  socket.bind(0, from);
  await once(socket, 'listening');
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) => {
      socket.send(datagram, port, '127.0.0.1', (error) => (error ? reject(error) : resolve()));
    });
    // The door, in the same process, has its turn before the system's buffer is full.
    await new Promise(setImmediate);
  }
  socket.close();
}
