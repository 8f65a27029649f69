import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { keepPassword, makeFolder, readIfPresent } from './data-folder.ts';
import type { NatsPermissions } from '@vedette/event-bus';
import { findNatsServer } from './nats-program.ts';
import {
  assertPortIsFree,
  isRunning,
  sendSignal,
  spawnServer,
  stopChild,
  stopProcess,
  waitUntilReady,
  whenExited,
  type OnProgress,
  type StopStep,
} from './server-process.ts';

export interface NatsOptions {
  /** Made when missing. Belongs to this one server: one that is left over in it is stopped. */
  readonly dataDir: string;
  readonly port: number;
  /** Besides the administrator, who may do everything. */
  readonly users?: readonly NatsAccount[];
  readonly onProgress?: OnProgress;
}

/** A user with bounded rights. */
export interface NatsAccount {
  readonly name: string;
  readonly password: string;
  readonly permissions: NatsPermissions;
}

export interface NatsServer {
  /** The administrator's, with user and password, which the client takes apart: {@link toNatsOptions}. */
  readonly url: string;
  readonly pid: number;
  /** Settles when the server is gone, with the reason. */
  readonly exited: Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** May be called twice. */
  stop(): Promise<void>;
}

const USER = 'vedette';
/** architecture.md section 6: one batch of telemetry and its headers must fit. */
const MAX_PAYLOAD_BYTES = 4 * 1024 * 1024;
const START_TIMEOUT_MS = 20_000;
const STOP_STEPS: readonly StopStep[] = [
  ['SIGTERM', 5_000],
  ['SIGKILL', 2_000],
];

/**
 * Starts `nats-server` with JetStream on the loopback address and waits until it takes connections.
 * @throws {Error} there is no server program, the port is in use, or it ends before it is ready
 */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const onProgress = options.onProgress ?? (() => undefined);
  const dataDir = resolve(options.dataDir);
  await makeFolder(dataDir);
  const file = await findNatsServer(onProgress);
  const password = await keepPassword(dataDir);
  await stopLeftoverNats(dataDir, onProgress);
  await assertPortIsFree(options.port, 'nats');

  const configFile = join(dataDir, 'nats.conf');
  await writeFile(configFile, toConfig(dataDir, options, password), { mode: 0o600 });
  const logFile = join(dataDir, 'nats.log');
  const child = spawnServer({ file, args: ['-c', configFile], logFile });
  const exited = whenExited(child);
  try {
    const server = { name: 'NATS', child, logFile };
    await waitUntilReady(server, () => answers(options.port), START_TIMEOUT_MS);
  } catch (error) {
    await stopChild(child, STOP_STEPS);
    throw error;
  }
  const pid = Number(child.pid);
  return {
    url: `nats://${USER}:${password}@127.0.0.1:${options.port}`,
    pid,
    exited,
    kill: (signal) => sendSignal(pid, signal),
    stop: () => stopChild(child, STOP_STEPS),
  };
}

/** What the client library needs to connect; it ignores user and password in a URL. */
export function toNatsOptions(url: string): { servers: string; user?: string; pass?: string } {
  const { host, username, password } = new URL(url);
  if (username === '') return { servers: host };
  return {
    servers: host,
    user: decodeURIComponent(username),
    pass: decodeURIComponent(password),
  };
}

/** The URL of the same server for another user. */
export function toUserUrl(
  url: string,
  { name, password }: Omit<NatsAccount, 'permissions'>,
): string {
  const own = new URL(url);
  own.username = name;
  own.password = password;
  return own.href;
}

/** Passwords stand in it as they are, which only a file of one user on one machine may do. */
function toConfig(dataDir: string, { port, users = [] }: NatsOptions, password: string): string {
  const quote = (text: string) => JSON.stringify(text);
  const accounts = users.map(({ name: user, ...account }) => ({ user, ...account }));
  return [
    `listen: "127.0.0.1:${port}"`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    `pid_file: ${quote(join(dataDir, 'nats.pid'))}`,
    `jetstream { store_dir: ${quote(join(dataDir, 'jetstream'))} }`,
    `authorization { users: ${JSON.stringify([{ user: USER, password }, ...accounts])} }`,
    '',
  ].join('\n');
}

/** Stops the server of a starter that was killed before it could. Nothing happens without one. */
export async function stopLeftoverNats(dataDir: string, onProgress: OnProgress): Promise<void> {
  const pid = Number(await readIfPresent(join(dataDir, 'nats.pid')));
  if (!(pid > 0) || !isRunning(pid, dataDir)) return;
  onProgress(`stopping a NATS server that was left over (process ${pid})`);
  await stopProcess(pid, STOP_STEPS);
}

/** The server greets every connection with a line that begins with INFO. */
function answers(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    const finish = (isReady: boolean) => {
      socket.destroy();
      done(isReady);
    };
    socket.setTimeout(1_000, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('data', (bytes) => finish(bytes.toString().startsWith('INFO')));
  });
}
