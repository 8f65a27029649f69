import { execFile } from 'node:child_process';
import { chmod, copyFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { hasApt, openCache, unpackDebianPackages } from './debian-packages.ts';
import type { OnProgress } from './server-process.ts';

const run = promisify(execFile);

/**
 * Finds the program `nats-server`: installed, else fetched before, else fetched now without root
 * from the package manager of Debian and its relatives into the user's cache.
 * @throws {Error} none of these works; the message holds the command to run
 */
export async function findNatsServer(onProgress: OnProgress): Promise<string> {
  const installed = [await findOnPath(), '/usr/sbin/nats-server', '/usr/local/sbin/nats-server'];
  for (const program of installed) if (program !== null && (await doesRun(program))) return program;
  const cache = await openCache();
  const cached = join(cache, `nats-server-${process.arch}`);
  if (await doesRun(cached)) return cached;
  if (!hasApt()) {
    throw new Error(`NATS is missing. ${howToInstall()}`);
  }
  onProgress('fetching nats-server from the package manager (about 5 seconds, once)');
  try {
    await fetchWithApt(cache, cached);
  } catch (error) {
    throw new Error(`NATS is missing and could not be fetched. ${howToInstall()}`, {
      cause: error,
    });
  }
  return cached;
}

function howToInstall(): string {
  const command =
    process.platform === 'darwin'
      ? 'brew install nats-server'
      : 'sudo apt-get install nats-server (or your system’s equivalent)';
  return `Run: ${command}, or name a running server in VEDETTE_NATS_URL (VEDETTE_TEST_NATS_URL for tests)`;
}

async function findOnPath(): Promise<string | null> {
  try {
    const { stdout } = await run('/bin/sh', ['-c', 'command -v nats-server']);
    return stdout.trim();
  } catch {
    // The shell's answer for "there is none" is an exit code.
    return null;
  }
}

async function doesRun(program: string): Promise<boolean> {
  try {
    await run(program, ['--version'], { timeout: 10_000 });
    return true;
  } catch {
    // Absent, of another processor, or broken: for the caller all mean "look further".
    return false;
  }
}

async function fetchWithApt(cache: string, target: string): Promise<void> {
  await unpackDebianPackages(
    cache,
    () => Promise.resolve(['nats-server']),
    async (content) => {
      // Another process may do the same at the same moment; a rename is whole or not there.
      const program = join(content, 'nats-server.new');
      await copyFile(join(content, 'usr/sbin/nats-server'), program);
      await chmod(program, 0o755);
      await rename(program, target);
    },
  );
}
