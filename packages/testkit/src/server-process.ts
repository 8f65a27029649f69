import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, openSync, closeSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';

/** Receives one line of progress talk, without a line end. */
export type OnProgress = (message: string) => void;

/** How a program of somebody else is run: as a session leader, with its talk in a file. */
export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Absent: the user and group of this process. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A signal and how long to wait for its effect before the next one. */
export type StopStep = readonly [signal: NodeJS.Signals, waitMs: number];

/**
 * Starts a server that outlives a Ctrl-C meant for its parent, since the parent must stop it last,
 * and that doesn't keep the parent's event loop alive.
 */
export function spawnServer(command: ServerCommand): ChildProcess {
  const log = openSync(command.logFile, 'a', 0o600);
  try {
    const child = spawn(command.file, command.args, {
      ...command.user,
      // The working directory must be readable for another user.
      cwd: '/',
      detached: true,
      env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
      stdio: ['ignore', log, log],
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** Settles when the child is gone or could not be started, and says why. */
export function whenExited(child: ChildProcess): Promise<string> {
  if (child.exitCode !== null) return Promise.resolve(`exit code ${child.exitCode}`);
  if (child.signalCode !== null) return Promise.resolve(`signal ${child.signalCode}`);
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exit code ${String(code)}` : `signal ${signal}`),
    );
  });
}

/** The command line of a running process, or null when none runs under this id (a zombie doesn't). */
export function findCommandLine(pid: number): string | null {
  if (existsSync('/proc/self/cmdline')) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return line === '' ? null : line;
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  }
  const { stdout } = spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() === '' ? null : stdout.trim();
}

/** Whether the process exists and was started with `mark` in its command line: ids are reused. */
export function isRunning(pid: number, mark = ''): boolean {
  return findCommandLine(pid)?.includes(mark) ?? false;
}

/**
 * Sends the signals in turn until the process is gone. Nothing happens when it already is.
 * @throws {Error} it survived all of them
 */
export async function stopProcess(pid: number, steps: readonly StopStep[]): Promise<void> {
  for (const [signal, waitMs] of steps) {
    if (!isRunning(pid)) return;
    sendSignal(pid, signal);
    const deadline = Date.now() + waitMs;
    while (Date.now() < deadline && isRunning(pid)) await delay(20);
  }
  if (isRunning(pid)) throw new Error(`process ${pid} does not stop`);
}

/** The same for a child: also waits until its parent's event loop has taken note of the end. */
export async function stopChild(child: ChildProcess, steps: readonly StopStep[]): Promise<void> {
  if (child.pid === undefined) return;
  const exited = whenExited(child);
  child.ref();
  await stopProcess(child.pid, steps);
  await exited;
}

/** Like `kill`, but a process that is gone is not an error. */
export function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/**
 * Waits until `isReady` holds.
 * @throws {Error} the server ended first, or the time is over; the message quotes the log's last lines
 */
export async function waitUntilReady(
  server: { readonly name: string; readonly child: ChildProcess; readonly logFile: string },
  isReady: () => Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  let ended = null as string | null;
  void whenExited(server.child).then((reason) => (ended = reason));
  const deadline = Date.now() + timeoutMs;
  while (!(await isReady())) {
    if (ended !== null || Date.now() > deadline) {
      const why = ended === null ? `is not ready after ${timeoutMs} ms` : `ended with ${ended}`;
      throw new Error(
        `${server.name} ${why}; its log ends with:\n${await readTail(server.logFile)}`,
      );
    }
    await delay(20);
  }
}

async function readTail(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-5).join('\n');
}

/** @throws {Error} something else listens on the loopback port; the message names both */
export async function assertPortIsFree(port: number, service: string): Promise<void> {
  try {
    await listenOnce(port);
  } catch (error) {
    throw new Error(`port ${port}, wanted by ${service}, is already in use`, { cause: error });
  }
}

/** A loopback port that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return listenOnce(0);
}

function listenOnce(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      server.close(() => resolve(taken));
    });
  });
}

/** Whether a file or process operation failed because nothing is there. */
export function isMissing(error: unknown): boolean {
  // Not `instanceof Error`: jest runs tests in a realm with its own Error class.
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return error.code === 'ENOENT' || error.code === 'ESRCH';
}
