import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 120_000;

/** Whether this system has the package manager of Debian and its relatives. */
export function hasApt(): boolean {
  return existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg-deb');
}

/** The user's cache folder; for a user without a home, one of their own in the temporary folder. */
export async function openCache(): Promise<string> {
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

/** Answers what a command of apt prints, by lists of our own: `apt-cache`, `apt-get`. */
export type Apt = (program: 'apt-cache' | 'apt-get', args: readonly string[]) => Promise<string>;

/**
 * Downloads packages without root and unpacks them into a folder, which is gone when `use` has ended.
 * Uses package lists and a download folder of its own, because the system's belong to root.
 * @param choose which packages; it may ask apt
 */
export async function unpackDebianPackages(
  cache: string,
  choose: (apt: Apt) => Promise<readonly string[]>,
  use: (content: string) => Promise<void>,
): Promise<void> {
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
    const apt: Apt = async (program, args) => {
      const { stdout } = await run(`/usr/bin/${program}`, ['-qq', ...settings, ...args], options);
      return stdout;
    };
    await apt('apt-get', ['update']);
    await apt('apt-get', ['download', ...(await choose(apt))]);
    const archives = (await readdir(work)).filter((name) => name.endsWith('.deb'));
    if (archives.length === 0) throw new Error('apt-get downloaded nothing');
    const content = join(work, 'content');
    for (const archive of archives) {
      await run('/usr/bin/dpkg-deb', ['-x', archive, content], options);
    }
    await use(content);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
