import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  defaultLogsourceMap,
  parseLogsourceMap,
  type LogsourceMap,
  type RuleSource,
} from '@vedette/sigma';
import { UsageError } from './usage-error.ts';

/** Reads every `.yml` and `.yaml` file below the folders (or the named files), in the order of their names. */
export async function readRuleSources(paths: readonly string[]): Promise<readonly RuleSource[]> {
  const sources: RuleSource[] = [];
  for (const path of paths) {
    for (const file of await listRuleFiles(path)) {
      sources.push({ file, text: await readFile(file, 'utf8') });
    }
  }
  return sources;
}

/**
 * The map in the file, or the engine's own without one.
 * @throws {UsageError} the file is not JSON
 */
export async function readLogsourceMap(file: string | undefined): Promise<LogsourceMap> {
  if (file === undefined) return defaultLogsourceMap;
  const text = await readFile(file, 'utf8');
  let map: unknown;
  try {
    map = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${file}: not JSON`, { cause: error });
  }
  return parseLogsourceMap(map);
}

async function listRuleFiles(path: string): Promise<readonly string[]> {
  const found = await stat(path).catch((error: unknown) => {
    throw new UsageError(`there is no file or folder ${path}`, { cause: error });
  });
  if (found.isFile()) return [path];
  const entries = await readdir(path, { recursive: true });
  return entries
    .filter((entry) => /\.ya?ml$/.test(entry))
    .toSorted()
    .map((entry) => join(path, entry));
}
