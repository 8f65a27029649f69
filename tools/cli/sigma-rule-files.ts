import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  defaultLogsourceMap,
  parseLogsourceMap,
  type LogsourceMap,
  type RuleSource,
} from '@vedette/sigma';

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

/** The map in the file, or the engine's own without one. */
export async function readLogsourceMap(file: string | undefined): Promise<LogsourceMap> {
  if (file === undefined) return defaultLogsourceMap;
  return parseLogsourceMap(JSON.parse(await readFile(file, 'utf8')));
}

async function listRuleFiles(path: string): Promise<readonly string[]> {
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true });
  return entries
    .filter((entry) => /\.ya?ml$/.test(entry))
    .toSorted()
    .map((entry) => join(path, entry));
}
