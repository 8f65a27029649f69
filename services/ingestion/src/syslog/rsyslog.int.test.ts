import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@vedette/testkit';
import type { TestConnector } from '../testing/test-intake.ts';
import { startRelay } from './testing/rsyslog.ts';
import type { Relay, RelayTransport } from './testing/rsyslog.ts';
import { startTestDoors } from './testing/syslog-doors.ts';
import type { TestDoors } from './testing/syslog-doors.ts';

let doors: TestDoors;
let relay: Relay;
let byAddress: TestConnector;
let byCertificate: TestConnector;
let lineNumber = 0;

beforeAll(async () => {
  doors = await startTestDoors();
  const certificate = doors.authority.issue(['relay.example']);
  byAddress = await doors.addConnector([{ address: '127.0.0.1' }], 'sophos-firewall');
  byCertificate = await doors.addConnector(
    [{ certificateSha256: certificate.sha256 }],
    'sophos-firewall',
  );
  relay = await startRelay(doors, certificate);
  await waitFor(async () => {
    await relay.give('udp', [aLine()]);
    return doors.published.length > 0;
  });
}, 60_000);

afterAll(async () => {
  await relay.stop();
  await doors.stop();
});

beforeEach(() => {
  doors.published.length = 0;
  doors.quarantined.length = 0;
});

/** A line of a firewall, with a connection that nobody else has. */
function aLine(more = ''): string {
  lineNumber += 1;
  return (
    `<30>device="SFW" date=2026-03-01 time=10:00:00 timezone="UTC" device_name="XG-TEST" device_id=C0100000 ` +
    `log_id=010101600001 log_type="Firewall" log_component="Firewall Rule" log_subtype="Allowed" priority=Information ` +
    `src_ip=192.0.2.10 dst_ip=198.51.100.20 protocol="TCP" src_port=40000 dst_port=443 connid="${lineNumber}"${more}`
  );
}

const ownerOf = (transport: RelayTransport): TestConnector =>
  transport === 'tls' ? byCertificate : byAddress;

/** Which lines with a number above `after` have become events, and how many events. */
function arrived(
  transport: RelayTransport,
  after: number,
): { readonly lines: number; readonly events: number } {
  const numberOf = (raw: string) => Number(/connid="(\d+)"/.exec(raw)?.[1] ?? 0);
  const own = doors.published.filter(
    ({ customerId, raw }) => customerId === ownerOf(transport).customerId && numberOf(raw) > after,
  );
  return {
    lines: new Set(own.map(({ raw }) => numberOf(raw))).size,
    events: new Set(own.map(({ eventId }) => eventId)).size,
  };
}

describe.each(['udp', 'tcp', 'tls'] as const)('rsyslog over %s', (transport) => {
  it('has each of its lines become one event of its customer', async () => {
    const start = lineNumber;
    const lines = Array.from({ length: 2_000 }, () => aLine());
    await relay.give(transport, lines);
    await waitFor(() => arrived(transport, start).lines === lines.length, { timeoutMs: 30_000 });
    expect(arrived(transport, start).events).toBe(lines.length);
    expect(doors.quarantined).toEqual([]);
  }, 40_000);

  it('has lines taken that a firewall has spoilt', async () => {
    const start = lineNumber;
    const spoilt = [
      aLine(' src_mac= user_name=Anna Berg url="http://example.test/?a=b;c=\'d"'),
      aLine(' message="no end'),
      aLine(` querystring=?${'a=b&'.repeat(500)}`),
      aLine(' tran_dst_port=0srczonetype="LAN" \t\t dst_country_code=""'),
      Buffer.concat([Buffer.from(`${aLine()} user="caf`), Buffer.of(0xe9), Buffer.from('"')]),
      aLine(' quoted="\\"[x@1 y=\\"z\\"]"'),
      '<30>',
      'nothing of a firewall at all',
      '<999>device="SFW" broken',
      '<30>2 not a version of syslog',
      aLine(),
    ];
    await relay.give(transport, spoilt);
    await waitFor(() => arrived(transport, start).lines === 7, { timeoutMs: 20_000 });
    // Of the line that is a priority and nothing else, rsyslog makes what it likes.
    await waitFor(() => doors.published.length + doors.quarantined.length >= spoilt.length - 1);
  }, 40_000);
});

/** What rsyslog writes at a time, in lines of ours. */
const linesPerWrite = 50;

describe.each([
  // A relay sees that its connection has ended, unless TLS is in between: what it writes then is lost on its side.
  ['tcp', 0],
  ['tls', 2 * linesPerWrite],
] as const)('rsyslog with a spool, over %s', (transport, mayLose) => {
  it('sends again what it could not, and what comes on a new connection makes no event twice', async () => {
    const start = lineNumber;
    const before = Array.from({ length: 500 }, () => aLine());
    await relay.give(transport, before);
    await waitFor(() => arrived(transport, start).lines >= before.length - mayLose);
    await doors.closeDoor();
    const during = Array.from({ length: 1_000 }, () => aLine());
    await relay.give(transport, during);
    await doors.openDoor();
    const all = before.length + during.length;
    await waitFor(() => arrived(transport, start).lines >= all - mayLose, { timeoutMs: 30_000 });
    // What lay in its buffer when the connection failed, rsyslog 8.2302 writes twice into the next one.
    expect(arrived(transport, start).events).toBeLessThanOrEqual(all + linesPerWrite);
  }, 60_000);
});
