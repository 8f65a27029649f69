import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isMissing } from './server-process.ts';

/** The text of a file, or null when there is none. */
export async function readIfPresent(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Makes the folder if it is missing. New ones can be entered but not listed by other users. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o711 });
  if (first !== undefined) await chmod(folder, 0o711);
}

/** A random password, made once and kept in the folder, readable by its owner only. */
export async function keepPassword(folder: string): Promise<string> {
  const file = join(folder, 'password');
  const kept = await readIfPresent(file);
  if (kept !== null && kept !== '') return kept;
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, password, { mode: 0o600 });
  return password;
}

/** Whether any user can reach the path: enter all folders above it and read (a folder: enter) it. */
export async function isOpenToAll(path: string): Promise<boolean> {
  const own = await stat(path);
  if ((own.mode & (own.isDirectory() ? 0o001 : 0o004)) === 0) return false;
  const parent = dirname(path);
  return parent === path || isOpenToAll(parent);
}
