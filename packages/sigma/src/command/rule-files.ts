import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  defaultLogsourceMap,
  parseLogsourceMap,
  type LogsourceMap,
  type Placeholders,
  type RuleSource,
} from '../index.ts';
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
  return parseLogsourceMap(parseJson(file, await readFile(file, 'utf8')));
}

/**
 * What placeholders stand for, by name; none without a file.
 * @throws {UsageError} the file is not a JSON object of lists of texts
 */
export async function readPlaceholders(file: string | undefined): Promise<Placeholders> {
  if (file === undefined) return {};
  const given = parseJson(file, await readFile(file, 'utf8'));
  const lists = Object.entries(given ?? {});
  const isRight = lists.every(
    ([, values]) => Array.isArray(values) && values.every((value) => typeof value === 'string'),
  );
  if (typeof given !== 'object' || Array.isArray(given) || !isRight)
    throw new UsageError(`${file}: placeholders are {"name": ["value", …], …}`);
  return Object.fromEntries(lists);
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`${file}: not JSON`, { cause: error });
  }
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
