// Loaded with `--import` before a program: appends every outgoing connection and every DNS look-up of
// the process, one a line, to the file named by CONNECTION_RECORD_FILE. The program works as ever.
import dgram from 'node:dgram';
import dns from 'node:dns';
import { appendFileSync } from 'node:fs';
import net from 'node:net';
import process from 'node:process';

const file = process.env['CONNECTION_RECORD_FILE'];
if (!file) throw new Error('CONNECTION_RECORD_FILE is not set');

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Replaces `owner[name]` by a function that writes a line about its arguments, if any, and goes on. */
function record(
  owner: object,
  name: string,
  describe: (args: readonly unknown[]) => string | null,
): void {
  const methods = owner as Record<string, AnyFunction>;
  const original = methods[name];
  if (!original) throw new Error(`nothing to record: ${name}`);
  methods[name] = function (...args) {
    const line = describe(args);
    if (line !== null) appendFileSync(file ?? '', `${line}\n`);
    return original.apply(this, args);
  };
}

/** `Socket.connect` takes options, (port, host) or what `net.connect` has made of either: a list. */
function describeConnect(args: readonly unknown[]): string {
  const [first, second] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
  if (typeof first !== 'object' || first === null)
    return `connect ${String(second)}:${String(first)}`;
  const { host, port, path } = first as { host?: string; port?: number; path?: string };
  return port === undefined ? `connect ${path ?? ''}` : `connect ${host ?? 'localhost'}:${port}`;
}

/** Looking up an address asks nobody; `listen` does so with its own. */
const describeLookup = ([name]: readonly unknown[]): string | null =>
  net.isIP(String(name)) === 0 ? `look up ${String(name)}` : null;

record(net.Socket.prototype, 'connect', describeConnect);
record(dgram.Socket.prototype, 'send', () => 'datagram');
for (const owner of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
  for (const name of Object.getOwnPropertyNames(owner)) {
    if (/^(lookup|resolve\w*|reverse)$/.test(name)) record(owner, name, describeLookup);
  }
}
