import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@vedette/testkit';
import { findFreePort, findRsyslog } from '@vedette/testkit/servers';
import type { IssuedCertificate } from '@vedette/testkit/servers';
import type { TestDoors } from './syslog-doors.ts';

export type RelayTransport = 'udp' | 'tcp' | 'tls';

/** A real rsyslog that forwards what it is given, with a spool for each way, to the doors of a test. */
export interface Relay {
  /** Gives it lines as a device would, over TCP, to be forwarded by one transport. */
  give(transport: RelayTransport, lines: readonly (string | Buffer)[]): Promise<void>;
  stop(): Promise<void>;
}

/** @param certificate what it shows to the door that speaks TLS */
export async function startRelay(doors: TestDoors, certificate: IssuedCertificate): Promise<Relay> {
  const program = await findRsyslog();
  const folder = await mkdtemp(join(tmpdir(), 'vedette-test-rsyslog-'));
  const inputs = {
    udp: await findFreePort(),
    tcp: await findFreePort(),
    tls: await findFreePort(),
  };
  await mkdir(join(folder, 'spool'));
  await writeFile(join(folder, 'ca.pem'), doors.authority.cert);
  await writeFile(join(folder, 'relay.pem'), certificate.cert);
  await writeFile(join(folder, 'relay.key'), certificate.key, { mode: 0o600 });
  await writeFile(join(folder, 'rsyslog.conf'), configOf(folder, inputs, doors.ports));
  const args = ['-n', '-f', join(folder, 'rsyslog.conf'), '-i', join(folder, 'pid')];
  const child = spawn(program.file, [...args, ...program.args], {
    env: { PATH: '/usr/bin:/bin', ...program.env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let talk = '';
  child.stderr.on('data', (chunk: Buffer) => (talk += chunk.toString()));
  const exited = once(child, 'exit');
  const give: Relay['give'] = async (transport, lines) => {
    const socket = connect(inputs[transport], '127.0.0.1');
    await once(socket, 'connect');
    for (const line of lines) socket.write(Buffer.concat([Buffer.from(line), Buffer.from('\n')]));
    socket.end();
    await once(socket.resume(), 'close');
  };
  await waitFor(() => give('tcp', []).then(() => true), { timeoutMs: 15_000 }).catch(
    async (cause: unknown) => {
      child.kill('SIGKILL');
      const own = await readFile(join(folder, 'own.log'), 'utf8').catch(() => '');
      throw new Error(`rsyslog does not start: ${talk}${own}`, { cause });
    },
  );
  return {
    give,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await exited;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The three ways in which relays format and frame what they forward. */
function configOf(
  folder: string,
  inputs: Readonly<Record<RelayTransport, number>>,
  doors: TestDoors['ports'],
): string {
  // It goes to disk late: the second worker that rsyslog 8.2302 has for that drops what is in its buffer when it ends.
  const spool = (name: string) => `
    queue.size="50000" queue.highWatermark="40000" queue.lowWatermark="1000"
    action.resumeRetryCount="-1" action.resumeInterval="1"
    queue.type="LinkedList" queue.filename="${name}" queue.saveOnShutdown="on" queue.maxDiskSpace="64m"`;
  return `
global(workDirectory="${join(folder, 'spool')}" maxMessageSize="64k" net.enableDNS="off"
  parser.escapeControlCharactersOnReceive="off"
  defaultNetstreamDriverCAFile="${join(folder, 'ca.pem')}"
  defaultNetstreamDriverCertFile="${join(folder, 'relay.pem')}"
  defaultNetstreamDriverKeyFile="${join(folder, 'relay.key')}")
module(load="imptcp")
input(type="imptcp" address="127.0.0.1" port="${inputs.udp}" ruleset="udp")
input(type="imptcp" address="127.0.0.1" port="${inputs.tcp}" ruleset="tcp")
input(type="imptcp" address="127.0.0.1" port="${inputs.tls}" ruleset="tls")
ruleset(name="udp") {
  action(type="omfwd" target="127.0.0.1" port="${doors.udp}" protocol="udp"
    template="RSYSLOG_TraditionalForwardFormat" ${spool('udp')})
}
ruleset(name="tcp") {
  action(type="omfwd" target="127.0.0.1" port="${doors.tcp}" protocol="tcp" tcp_framing="octet-counted"
    template="RSYSLOG_ForwardFormat" ${spool('tcp')})
}
ruleset(name="tls") {
  action(type="omfwd" target="127.0.0.1" port="${doors.tls}" protocol="tcp"
    streamDriver="ossl" streamDriverMode="1" streamDriverAuthMode="x509/name"
    streamDriverPermittedPeers="localhost" template="RSYSLOG_SyslogProtocol23Format" ${spool('tls')})
}
action(type="omfile" file="${join(folder, 'own.log')}")
`;
}
