import type { ChildProcess } from 'node:child_process';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { keepPassword, readIfPresent } from './data-folder.ts';
import { giveToPostgres, preparePostgresHome, type PostgresHome } from './postgres-home.ts';
import {
  assertPortIsFree,
  isRunning,
  spawnServer,
  stopChild,
  stopProcess,
  waitUntilReady,
  whenExited,
  type OnProgress,
  type ServerCommand,
  type StopStep,
} from './server-process.ts';

export interface PostgresOptions {
  /** Made when missing. Belongs to this one server: one that is left over in it is stopped. */
  readonly dataDir: string;
  readonly port: number;
  /** False trades safety for speed: a crash of the machine (not of the server) may lose all. Default true. */
  readonly isDurable?: boolean;
  readonly onProgress?: OnProgress;
}

export interface PostgresServer {
  /** The database `postgres` as superuser, password included. */
  readonly adminUrl: string;
  readonly pid: number;
  readonly dataDir: string;
  /** Settles when the server is gone, with the reason. */
  readonly exited: Promise<string>;
  /** Fast shutdown: open transactions are rolled back. May be called twice. */
  stop(): Promise<void>;
}

const SUPERUSER = 'postgres';
const START_TIMEOUT_MS = 60_000;

/** Fast shutdown, then immediate shutdown, which the next start recovers from like from a crash. */
const STOP_STEPS: readonly StopStep[] = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 2_000],
];

const SETTINGS = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'timezone=UTC',
  'log_timezone=UTC',
];

// Commits still reach the operating system at once: a killed server loses none.
const UNSAFE_SETTINGS = ['fsync=off', 'full_page_writes=off'];

/**
 * Starts PostgreSQL 18 on the loopback address and waits until it takes connections. The first
 * start makes the cluster. Works as root too, see {@link preparePostgresHome}.
 * @throws {Error} the port is in use, or the server ends before it is ready
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const onProgress = options.onProgress ?? (() => undefined);
  const home = await preparePostgresHome(options.dataDir, onProgress);
  const data = join(home.folder, 'data');
  const password = await keepPassword(home.folder);
  await giveToPostgres(join(home.folder, 'password'), home);
  const logFile = join(options.dataDir, 'postgres.log');
  if (!existsSync(data)) await createCluster(home, data, logFile, onProgress);
  await stopLeftover(data, onProgress);
  await assertPortIsFree(options.port, 'postgres');

  const child = await startWhenReleased(data, {
    file: join(home.binFolder, 'postgres'),
    args: [...toArguments(options), '-D', data, '-p', String(options.port)],
    logFile,
    user: home.user,
  });
  return {
    adminUrl: `postgres://${SUPERUSER}:${password}@127.0.0.1:${options.port}/postgres`,
    pid: Number(child.pid),
    dataDir: data,
    exited: whenExited(child),
    stop: () => stopChild(child, STOP_STEPS),
  };
}

/** Stops the server of a starter that was killed before it could. Nothing happens without one. */
export async function stopLeftoverPostgres(dataDir: string, onProgress: OnProgress): Promise<void> {
  if (!existsSync(dataDir)) return;
  const { folder } = await preparePostgresHome(dataDir, onProgress);
  await stopLeftover(join(folder, 'data'), onProgress);
}

function toArguments({ isDurable = true }: PostgresOptions): string[] {
  const settings = isDurable ? SETTINGS : [...SETTINGS, ...UNSAFE_SETTINGS];
  return settings.flatMap((setting) => ['-c', setting]);
}

async function createCluster(
  home: PostgresHome,
  data: string,
  logFile: string,
  onProgress: OnProgress,
): Promise<void> {
  onProgress('creating the PostgreSQL cluster');
  // Made beside its place, so that an interrupted run leaves nothing that looks finished.
  const unfinished = `${data}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  await giveToPostgres(unfinished, home);
  const initdb = spawnServer({
    file: join(home.binFolder, 'initdb'),
    args: [
      ...['-D', unfinished, '--username', SUPERUSER, '--pwfile', join(home.folder, 'password')],
      // The builtin provider sorts alike on every system and needs no locale to be installed.
      ...['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
      ...['--auth=scram-sha-256', '--no-sync', '--no-instructions'],
    ],
    logFile,
    user: home.user,
  });
  initdb.ref();
  const reason = await whenExited(initdb);
  if (reason !== 'exit code 0') {
    const said = (await readIfPresent(logFile))?.trim().split('\n').at(-1) ?? 'it said nothing';
    throw new Error(`initdb ended with ${reason}: ${said}; see ${logFile}`);
  }
  await rename(unfinished, data);
}

/**
 * Stops a server whose starter was killed. Where the recorded id now belongs to another program,
 * PostgreSQL would refuse to start; it passes over the id of its own parent, so we write ours. The
 * file itself must stay: with it PostgreSQL makes sure that no old backend still uses the data.
 */
async function stopLeftover(data: string, onProgress: OnProgress): Promise<void> {
  const file = join(data, 'postmaster.pid');
  const lines = (await readIfPresent(file))?.split('\n');
  const pid = Number(lines?.[0]);
  if (lines === undefined || !(pid > 0) || !isRunning(pid)) return;
  if (isRunning(pid, data)) {
    onProgress(`stopping a PostgreSQL that was left over (process ${pid})`);
    await stopProcess(pid, STOP_STEPS);
  } else {
    await writeFile(file, [String(process.pid), ...lines.slice(1)].join('\n'));
  }
}

/** After a SIGKILL of the old server its backends need a moment to notice and let go of the memory. */
async function startWhenReleased(data: string, command: ServerCommand): Promise<ChildProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const child = spawnServer(command);
    try {
      const server = { name: 'PostgreSQL', child, logFile: command.logFile };
      await waitUntilReady(server, () => isReady(data, child.pid), START_TIMEOUT_MS);
      return child;
    } catch (error) {
      await stopChild(child, STOP_STEPS);
      const isHeld = error instanceof Error && error.message.includes('shared memory block');
      if (!isHeld || attempt === 20) throw error;
      await delay(250);
    }
  }
}

/** The server writes its state into the eighth line of its lock file; pg_ctl looks there as well. */
async function isReady(data: string, pid: number | undefined): Promise<boolean> {
  const lines = (await readIfPresent(join(data, 'postmaster.pid')))?.split('\n') ?? [];
  return Number(lines[0]) === pid && lines[7]?.trim() === 'ready';
}
