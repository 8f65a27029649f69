import { spawn, type ChildProcess } from 'node:child_process';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as delay } from 'node:timers/promises';
import { makeDataDir } from './data-files.ts';
import { readEndpoints, removeEndpoints, type Endpoints } from './endpoints.ts';
import { findSupervisor } from './run-record.ts';

const logFile = (dataDir: string) => join(dataDir, 'supervisor.log');

/**
 * Runs this program again with other arguments, in a session of its own and with its talk in a file.
 * @throws {Error} a stack already runs on this data directory
 */
export async function startDetached(
  dataDir: string,
  args: readonly string[],
): Promise<ChildProcess> {
  await makeDataDir(dataDir);
  const running = await findSupervisor(dataDir);
  if (running !== null) {
    throw new Error(`a stack already runs on ${dataDir} (process ${running}); stop it with 'down'`);
  }
  await removeEndpoints(dataDir);
  const log = await open(logFile(dataDir), 'w', 0o600);
  try {
    return spawn(process.execPath, [process.argv[1] ?? '', ...args], {
      detached: true,
      stdio: ['ignore', 'ignore', log.fd],
    });
  } finally {
    await log.close();
  }
}

/**
 * Waits until the detached supervisor has published its endpoints and passes on what it says.
 * @throws {Error} it ended instead
 */
export async function followDetached(
  dataDir: string,
  supervisor: ChildProcess,
  onProgress: (message: string) => void,
): Promise<Endpoints> {
  let isGone = false;
  supervisor.once('exit', () => (isGone = true));
  const log = await open(logFile(dataDir), 'r');
  try {
    for (;;) {
      const endpoints = await readEndpoints(dataDir);
      const wasGone = isGone;
      for (const line of await readNewLines(log)) onProgress(line.replace(/^vedette: /, ''));
      if (wasGone) throw new Error('the stack did not start');
      if (endpoints !== null) {
        supervisor.unref();
        return endpoints;
      }
      await delay(100);
    }
  } finally {
    await log.close();
  }
}

/** What was written since the last call: a file handle keeps its place. */
async function readNewLines(log: FileHandle): Promise<readonly string[]> {
  const buffer = Buffer.alloc(64 * 1024);
  const { bytesRead } = await log.read(buffer);
  const text = buffer.toString('utf8', 0, bytesRead).trimEnd();
  return text === '' ? [] : text.split('\n');
}
