import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { rename } from 'node:fs/promises';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { stopProcess } from '@vedette/testkit/servers';
import { hasCode } from './data-files.ts';
import { keepRunning, type KeptRunning, type Run } from './keep-running.ts';

export interface ServiceProcessOptions {
  readonly name: string;
  /** Absolute. */
  readonly entry: string;
  readonly args: readonly string[];
  readonly url: string;
  /** Answers with a success when the process takes work. */
  readonly readyUrl: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  /** Receives each line that the process writes, besides the log file. */
  readonly onLine: (name: string, line: string) => void;
  readonly onChange: () => void;
  readonly onProgress: (message: string) => void;
}

export interface ServiceProcess extends Pick<KeptRunning<Run>, 'current' | 'stop'> {
  readonly name: string;
  readonly entry: string;
  readonly url: string;
  /** @throws {Error} it ended again and again, or the time is over, or `signal` was raised */
  waitUntilReady(timeoutMs: number, signal: AbortSignal): Promise<void>;
}

/** Longer than a service's own shutdown, which gives each of its phases ten seconds at most. */
const stopTimeoutMs = 30_000;
/** A process that could not start this often has a mistake that waiting doesn't mend. */
const maxCrashesBeforeReady = 5;

/** Starts one of our processes under Node and starts it again whenever it ends. */
export async function startServiceProcess(options: ServiceProcessOptions): Promise<ServiceProcess> {
  const { name, entry, url, readyUrl } = options;
  await keepPreviousLog(options.logFile);
  const log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
  const write = (line: string) => {
    log.write(`${line}\n`);
    options.onLine(name, line);
  };
  const running = await keepRunning(name, () => Promise.resolve(run(options, write)), options);
  return {
    name,
    entry,
    url,
    current: () => running.current(),
    stop: async () => {
      await running.stop();
      log.end();
    },
    waitUntilReady: async (timeoutMs, signal) => {
      const deadline = Date.now() + timeoutMs;
      while (!(await isReady(readyUrl))) {
        signal.throwIfAborted();
        const crashes = running.crashes();
        if (crashes >= maxCrashesBeforeReady || Date.now() > deadline) {
          const seen = crashes === 0 ? `after ${timeoutMs / 1000} s` : `and ended ${crashes} times`;
          throw new Error(`${name} is not ready ${seen}; see ${options.logFile}`);
        }
        await delay(50);
      }
    },
  };
}

/** Where a service of ours says whether it takes work. */
export function toReadyUrl(url: string): string {
  return new URL('/health/ready', url).href;
}

/** Whether this URL answers with a success. */
export async function isReady(readyUrl: string): Promise<boolean> {
  try {
    const response = await fetch(readyUrl, { signal: AbortSignal.timeout(3_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    // Nobody listens yet, or it is too busy: both mean no.
    return false;
  }
}

function run(options: ServiceProcessOptions, write: (line: string) => void): Run {
  const child = spawn(process.execPath, [options.entry, ...options.args], {
    env: options.env,
    // A session of its own: Ctrl-C is for the supervisor, which stops all in order. The channel
    // closes when the supervisor is killed, which tells the process to go as well.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', write);
  }
  const exited = whenExited(child);
  return {
    pid: child.pid ?? 0,
    exited,
    stop: async () => {
      if (child.pid === undefined) return;
      await stopProcess(child.pid, [
        ['SIGTERM', stopTimeoutMs],
        ['SIGKILL', 2_000],
      ]);
      await exited;
    },
  };
}

function whenExited(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${String(code)}`));
  });
}

/** A new run gets a new file, and the last one stays readable under another name. */
async function keepPreviousLog(logFile: string): Promise<void> {
  try {
    await rename(logFile, `${logFile}.previous`);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
}
