import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What the programs we start get: the pinned Node comes first on PATH, then the workspace's own. */
export const stepEnvironment: Readonly<Record<string, string | undefined>> = {
  ...process.env,
  PATH: [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env['PATH']].join(
    delimiter,
  ),
};

/** Recorded telemetry too large for the repository; the project `data` runs only where it exists. */
const testDataFolder = resolve(root, process.env['VEDETTE_TEST_DATA'] ?? '../shared/data');

export function hasTestData(): boolean {
  return existsSync(testDataFolder);
}
