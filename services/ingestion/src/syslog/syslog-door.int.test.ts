import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createMachineKey } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { keepSyslogSenders } from './syslog-sender-store.ts';
import { startTestDoors } from './testing/syslog-doors.ts';
import type { TestConnector } from '../testing/test-intake.ts';
import type { TestDoors } from './testing/syslog-doors.ts';

const knownAddress = '127.0.0.2';
const strangeAddress = '127.0.0.9';

let doors: TestDoors;
let known: TestConnector;
let other: TestConnector;
let lineNumber = 0;

beforeAll(async () => {
  doors = await startTestDoors();
  known = await doors.addConnector([{ address: knownAddress }]);
  other = await doors.addConnector();
  // A sender that was set up a moment ago is known within a second.
  await delay(1_100);
});

afterAll(() => doors.stop());

beforeEach(() => {
  doors.published.length = 0;
  doors.quarantined.length = 0;
});

/** A line as a relay writes it, with a record that nobody else has. */
function aLine(structuredData = '-'): string {
  lineNumber += 1;
  return `<13>1 2026-03-01T10:00:00Z pc.example app - - ${structuredData} {"EventID":1,"n":${lineNumber}}`;
}

const rawsOf = (customer: TestConnector): string[] =>
  doors.published
    .filter(({ customerId }) => customerId === customer.customerId)
    .map(({ raw }) => raw);

/** By whomever and however. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.resume().once('close', () => resolve());
  });
}

const arrived = (lines: readonly string[], customer = known): Promise<unknown> =>
  waitFor(() => lines.every((line) => rawsOf(customer).includes(line)));

describe('a sender that is known by its address', () => {
  it('sends lines over TCP, counted or each with a newline', async () => {
    const lines = [aLine(), aLine(), aLine()];
    const byNewline = await doors.openTcp(knownAddress);
    byNewline.end(lines.map((line) => `${line}\n`).join(''));
    await arrived(lines);
    const counted = [aLine(), aLine()];
    const byCount = await doors.openTcp(knownAddress);
    byCount.write(counted.map((line) => `${Buffer.byteLength(line)} ${line}`).join(''));
    await arrived(counted);
    byCount.destroy();
    expect(rawsOf(known)).toEqual([...lines, ...counted]);
  });

  it('may be cut into any pieces by the network', async () => {
    const line = aLine();
    const socket = await doors.openTcp(knownAddress);
    socket.setNoDelay(true);
    for (const byte of Buffer.from(`${line}\n`)) {
      socket.write(Buffer.of(byte));
      await new Promise(setImmediate);
    }
    await arrived([line]);
    socket.destroy();
    expect(rawsOf(known)).toEqual([line]);
  });

  it('sends datagrams, of one line or several', async () => {
    const [first, second, third] = [aLine(), aLine(), aLine()];
    await doors.sendDatagrams([first, `${second}\n${third}\n`, ''], knownAddress);
    await arrived([first, second, third]);
    expect(rawsOf(known)).toHaveLength(3);
  });

  it('has what is no record of its connector kept in quarantine, and its other lines taken', async () => {
    const line = aLine();
    const latin = Buffer.concat([
      Buffer.from(`${aLine().slice(0, -1)},"user":"caf`),
      Buffer.of(0xe9, 0x22, 0x7d, 0x0a),
    ]);
    const socket = await doors.openTcp(knownAddress);
    socket.write(`<13>no json\n<13>x ${'y'.repeat(70_000)}\n`);
    socket.write(latin);
    socket.end(`${line}\n`);
    await arrived([line]);
    await waitFor(() => doors.quarantined.length === 2);
    expect(doors.quarantined.map(({ code, raw }) => [code, raw.length])).toEqual([
      ['INVALID_JSON', 11],
      ['LINE_TOO_LONG', 65_536],
    ]);
    expect(rawsOf(known)[0]).toContain('"user":"café"');
  });

  it('keeps what a broken connection has left of a line in quarantine', async () => {
    const line = aLine();
    const socket = await doors.openTcp(knownAddress);
    socket.write(`${line}\n<13>half a li`);
    await arrived([line]);
    socket.resetAndDestroy();
    await waitFor(() => doors.quarantined.length === 1);
    expect(doors.quarantined).toMatchObject([{ code: 'LINE_CUT_OFF', raw: '<13>half a li' }]);
  });
});

describe('exact copies of a line', () => {
  it('are events of their own on one connection, and none when they are sent again on another', async () => {
    const line = aLine();
    const eventIds = async (copies: number): Promise<readonly string[]> => {
      doors.published.length = 0;
      const socket = await doors.openTcp(knownAddress);
      socket.end(`${line}\n`.repeat(copies));
      await waitFor(() => doors.published.length === copies);
      return doors.published.map(({ eventId }) => eventId);
    };
    const first = await eventIds(3);
    expect(new Set(first).size).toBe(3);
    expect(await eventIds(3)).toEqual(first);
  });
});

describe('a sender that nobody knows', () => {
  it('has its connection closed at its first line, and its datagrams dropped', async () => {
    const before = { ...doors.door.turnedAway };
    const socket = await doors.openTcp(strangeAddress);
    socket.write(`${aLine()}\n`);
    await closed(socket);
    await doors.sendDatagrams([aLine()], strangeAddress);
    await waitFor(() => doors.door.turnedAway.UNKNOWN_SENDER >= before.UNKNOWN_SENDER + 2);
    expect(doors.published).toEqual([]);
  });

  it('has its connection closed after ten seconds when it says nothing', async () => {
    const socket = await doors.openTcp(strangeAddress);
    const opened = Date.now();
    await closed(socket);
    expect(Date.now() - opened).toBeLessThan(14_000);
  }, 20_000);

  it('cannot hold more connections than one address may', async () => {
    const before = doors.door.turnedAway.TOO_MANY_CONNECTIONS;
    const sockets = await Promise.all(
      Array.from({ length: 70 }, () => doors.openTcp(strangeAddress)),
    );
    await waitFor(() => doors.door.turnedAway.TOO_MANY_CONNECTIONS === before + 6);
    for (const socket of sockets) socket.destroy();
  });

  it('is heard within a second or two of being set up', async () => {
    const late = '127.0.0.10';
    const customer = await doors.addConnector([{ address: late }]);
    const line = aLine();
    await waitFor(async () => {
      await doors.sendDatagrams([line], late);
      return rawsOf(customer).includes(line);
    });
  });
});

describe('a sensor key in a line', () => {
  it('tells whose the line is, over any transport, and is not kept', async () => {
    const element = `[vedette@32473 key="${other.key}"]`;
    const [tcp, udp, tls, own] = [aLine(element), aLine(element), aLine(element), aLine()];
    const socket = await doors.openTcp(knownAddress);
    socket.end(`${own}\n${tcp}\n`);
    await doors.sendDatagrams([udp], strangeAddress);
    const secure = await doors.openTls();
    secure.end(`${tls}\n`);
    const kept = [tcp, udp, tls].map((line) => line.replace(element, '-'));
    await arrived(kept, other);
    await arrived([own]);
    expect(JSON.stringify(doors.published)).not.toContain('vsk_');
  });

  it('closes the connection when it is none of ours', async () => {
    const strange = createMachineKey('vsk').text;
    const socket = await doors.openTcp(knownAddress);
    const line = aLine();
    socket.write(`${line}\n${aLine(`[vedette@32473 key="${strange}"]`)}\n${aLine()}\n`);
    await closed(socket);
    await arrived([line]);
    expect(rawsOf(known)).toEqual([line]);
  });
});

describe('a client certificate', () => {
  it('tells whose the lines are by its fingerprint, whoever has signed it', async () => {
    const { cert, key, sha256 } = doors.authority.issue(['firewall.example']);
    const customer = await doors.addConnector([{ certificateSha256: sha256 }]);
    await delay(1_100);
    const line = aLine();
    const socket = await doors.openTls({ cert, key, localAddress: knownAddress });
    socket.end(`${line}\n`);
    await arrived([line], customer);
    expect(rawsOf(known)).toEqual([]);
  });

  it('is not needed by a known address, and a strange one does not help', async () => {
    const line = aLine();
    const secure = await doors.openTls({ localAddress: knownAddress, maxVersion: 'TLSv1.2' });
    secure.end(`${line}\n`);
    await arrived([line]);
    const { cert, key } = doors.authority.issue(['nobody.example']);
    const socket = await doors.openTls({ cert, key, localAddress: strangeAddress });
    socket.write(`${aLine()}\n`);
    await closed(socket);
  });

  it('is spoken of in TLS 1.2 at least', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' } as const;
    await expect(doors.openTls({ ...old, ciphers: 'ALL:@SECLEVEL=0' })).rejects.toThrow();
  });
});

describe('the senders of a connector', () => {
  it('are nobody else’s, which is all that is told', async () => {
    await expect(doors.addConnector([{ address: knownAddress }])).rejects.toThrow(
      'A sender in syslogSenders cannot be used.',
    );
  });

  it('are those of its latest settings', async () => {
    const customer = await doors.addConnector([
      { address: '127.0.0.20' },
      { address: '127.0.0.21' },
    ]);
    const scope = { kind: 'CUSTOMERS', customerIds: [customer.customerId] } as const;
    const rows = await doors.intake.database.transaction(scope, async (tx) => {
      const syslogSenders = [{ address: '127.0.0.21' }, { address: '127.0.0.22' }];
      await keepSyslogSenders(tx, customer, { syslogSenders });
      return tx.query<unknown[]>('select value from syslog_senders order by 1');
    });
    expect(rows).toEqual([{ value: '127.0.0.21' }, { value: '127.0.0.22' }]);
  });
});
