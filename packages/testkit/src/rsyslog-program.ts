import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { hasApt, openCache, unpackDebianPackages } from './debian-packages.ts';
import type { Apt } from './debian-packages.ts';

const run = promisify(execFile);

/** How to run rsyslog. */
export interface RsyslogProgram {
  readonly file: string;
  /** Arguments that it needs wherever it lies. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const howToInstall =
  'Run: sudo apt-get install rsyslog rsyslog-openssl (or your system’s equivalent)';

/**
 * Finds the program `rsyslogd` with its driver for OpenSSL: installed, else fetched before, else fetched now without
 * root from Debian and its relatives, with the libraries that it needs, into the user's cache.
 * @throws {Error} none of these works; the message holds the command to run
 */
export async function findRsyslog(): Promise<RsyslogProgram> {
  for (const folder of ['/usr/sbin', '/usr/local/sbin']) {
    const installed = { file: join(folder, 'rsyslogd'), args: [], env: {} };
    if ((await doesRun(installed)) && (await hasTlsDriver('/usr/lib'))) return installed;
  }
  const cache = await openCache();
  const folder = join(cache, `rsyslog-${process.arch}`);
  if (!existsSync(folder)) {
    if (!hasApt()) throw new Error(`rsyslog is missing. ${howToInstall}`);
    try {
      await unpackDebianPackages(cache, choosePackages, (content) => keep(content, folder));
    } catch (error) {
      throw new Error(`rsyslog is missing and could not be fetched. ${howToInstall}`, {
        cause: error,
      });
    }
  }
  const program = await readFetched(folder);
  if (await doesRun(program)) return program;
  throw new Error(`rsyslog in ${folder} does not run: remove the folder. ${howToInstall}`);
}

/** With the libraries that they need, but not the C library: a program must not have another than its loader. */
async function choosePackages(apt: Apt): Promise<readonly string[]> {
  const wanted = ['rsyslog', 'rsyslog-openssl'];
  const depends = await apt('apt-cache', ['depends', '--recurse', '--important', ...wanted]);
  const names = depends.split('\n').filter((line) => /^(lib|rsyslog|zlib)[\w.+-]*$/.test(line));
  return [...new Set([...wanted, ...names])].filter(
    (name) => !/^(libc6|libc-bin|libgcc-s1|libelogind0)$/.test(name),
  );
}

/** Another process may have done the same at the same moment; then its folder serves. */
async function keep(content: string, folder: string): Promise<void> {
  try {
    await rename(content, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  }
}

async function readFetched(folder: string): Promise<RsyslogProgram> {
  const libraries: string[] = [];
  for (const base of ['usr/lib', 'lib']) {
    if (!existsSync(join(folder, base))) continue;
    const entries = await readdir(join(folder, base));
    libraries.push(
      ...entries.filter((name) => name.includes('-linux-')).map((name) => join(folder, base, name)),
    );
  }
  const modules = libraries.map((library) => join(library, 'rsyslog')).filter(existsSync);
  return {
    file: join(folder, 'usr/sbin/rsyslogd'),
    args: ['-M', modules.join(':')],
    env: { LD_LIBRARY_PATH: libraries.join(':') },
  };
}

async function hasTlsDriver(base: string): Promise<boolean> {
  const folders = (await readdir(base)).map((name) => join(base, name, 'rsyslog'));
  return folders.some((folder) => existsSync(join(folder, 'lmnsd_ossl.so')));
}

async function doesRun({ file, env }: RsyslogProgram): Promise<boolean> {
  try {
    await run(file, ['-v'], { timeout: 10_000, env });
    return true;
  } catch {
    // Absent, of another processor, or broken: for the caller all mean "look further".
    return false;
  }
}
