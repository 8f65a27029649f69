import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, lstat, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import type { OnProgress } from './server-process.ts';

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 120_000;

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
  if (!existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg-deb')) {
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

/** The user's cache folder; for a user without a home, one of their own in the temporary folder. */
async function openCache(): Promise<string> {
  const cache = join(homedir(), '.cache', 'vedette');
  try {
    await mkdir(cache, { recursive: true });
    await rm(await mkdtemp(join(cache, 'probe-')), { recursive: true });
    return cache;
  } catch {
    // No home, or one that can't be written to.
  }
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `vedette-cache-${uid}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  // Anybody may have made it first, and we run what lies in it.
  const { uid: owner, mode } = await lstat(folder);
  if (owner !== uid || (mode & 0o022) !== 0) {
    throw new Error(`${folder} belongs to somebody else or can be written by others: remove it`);
  }
  return folder;
}

/** Uses package lists and a download folder of its own, because the system's belong to root. */
async function fetchWithApt(cache: string, target: string): Promise<void> {
  const work = await mkdtemp(join(cache, 'fetch-'));
  try {
    await mkdir(join(work, 'lists/partial'), { recursive: true });
    await mkdir(join(work, 'cache/archives/partial'), { recursive: true });
    const settings = [
      `Dir::State::Lists=${join(work, 'lists')}`,
      `Dir::Cache=${join(work, 'cache')}`,
      // As root, apt would switch to a user who can't write here.
      'APT::Sandbox::User=root',
    ].flatMap((setting) => ['-o', setting]);
    const options = { cwd: work, timeout: FETCH_TIMEOUT_MS };
    await run('/usr/bin/apt-get', ['-qq', ...settings, 'update'], options);
    await run('/usr/bin/apt-get', ['-qq', ...settings, 'download', 'nats-server'], options);
    const archive = (await readdir(work)).find((name) => name.endsWith('.deb'));
    if (archive === undefined) throw new Error('apt-get downloaded nothing');
    await run('/usr/bin/dpkg-deb', ['-x', archive, 'content'], options);
    // Another process may do the same at the same moment; a rename is whole or not there.
    await copyFile(join(work, 'content/usr/sbin/nats-server'), join(work, 'nats-server'));
    await chmod(join(work, 'nats-server'), 0o755);
    await rename(join(work, 'nats-server'), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
