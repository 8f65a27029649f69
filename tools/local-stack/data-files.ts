import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import process from 'node:process';

/** The parsed content of a JSON file, or null when there is none. The caller knows who wrote it. */
export async function readJson<Content>(file: string): Promise<Content | null> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Content;
  } catch (error) {
    // Below a file there is nothing either.
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return null;
    throw error;
  }
}

/** Replaces the file as a whole, readable by its owner only: readers see the old or the new. */
export async function writeJson(file: string, content: unknown): Promise<void> {
  const unfinished = `${file}.${process.pid}.new`;
  await writeFile(unfinished, `${JSON.stringify(content)}\n`, { mode: 0o600 });
  await rename(unfinished, file);
}

/** The content of the file, made and written first when it is missing. */
export async function keepJson<Content>(
  file: string,
  make: () => Content | Promise<Content>,
): Promise<Content> {
  const kept = await readJson<Content>(file);
  if (kept !== null) return kept;
  const made = await make();
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await writeJson(file, made);
  return made;
}

/**
 * Others may pass through but not look around: PostgreSQL may run as another user below it.
 * @throws {Error} something that is not a folder is in the way, or the folder above is not ours
 */
export async function makeDataDir(dataDir: string): Promise<void> {
  const first = await mkdir(dataDir, { recursive: true, mode: 0o711 }).catch((error: unknown) => {
    const isFile = hasCode(error, 'EEXIST') || hasCode(error, 'ENOTDIR');
    if (isFile) throw new Error(`the data directory ${dataDir} is a file or lies below one`);
    throw new Error(`the data directory ${dataDir} cannot be made`, { cause: error });
  });
  if (first !== undefined) await chmod(dataDir, 0o711);
}

export function hasCode(error: unknown, code: string): boolean {
  // Not `instanceof Error`: jest runs tests in a realm with its own Error class.
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
