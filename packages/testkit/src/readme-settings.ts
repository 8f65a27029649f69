import { readFileSync } from 'node:fs';

/** A table row whose first cell is the name of an environment variable. */
const settingRow = /^\|\s*`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)`\s*\|/gm;

/** Names of the environment variables that a README's tables list, sorted. */
export function readReadmeSettings(file: URL): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(settingRow)].flatMap(([, name]) => name ?? []).toSorted();
}
