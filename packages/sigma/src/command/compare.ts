import type { RuleSet } from '../index.ts';
import { addTally, matchFile, NO_EVENTS, type MatchRow, type Tally } from './match-file.ts';
import { datasetName, readNdjson } from './ndjson.ts';
import { isObject } from './record-layout.ts';
import { UsageError } from './usage-error.ts';

/** A table of the matches that there should be, for the files that are compared. */
export interface ExpectedTable {
  /** By what {@link keyOf} gives, who found the row: its `by`, joined; `expected` without one. */
  readonly rows: ReadonlyMap<string, string>;
  /** The rows that must be found; finding one of the others is as wrong as finding one that is not in the table. */
  readonly wanted: ReadonlySet<string>;
}

/** How many rows some finders gave, and how many of them were found. */
interface Share {
  found: number;
  all: number;
}

export interface Comparison extends Tally {
  readonly expected: number;
  readonly found: number;
  /** Rows of the table, by who found them. */
  readonly shares: ReadonlyMap<string, Readonly<Share>>;
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
}

/**
 * Reads a table: one JSON line per match, `{"dataset","line","rule_id"}`, and in `by` the names of those who found it.
 * Rows of other files are passed over.
 * @param by takes as right only the rows that name it; undefined takes all
 * @throws {UsageError} a line is not such a row
 */
export async function readExpected(
  file: string,
  files: readonly string[],
  by: string | undefined,
): Promise<ExpectedTable> {
  const datasets = new Set(files.map(datasetName));
  const rows = new Map<string, string>();
  const wanted = new Set<string>();
  for await (const { line, text } of readNdjson(file)) {
    const row = parseRow(text);
    if (row === undefined)
      throw new UsageError(`${file}:${String(line)}: not {"dataset","line","rule_id"}`);
    if (!datasets.has(row.dataset)) continue;
    const key = keyOf(row);
    rows.set(key, row.by.join('+') || 'expected');
    if (by === undefined || row.by.includes(by)) wanted.add(key);
  }
  return { rows, wanted };
}

/** Matches the files and holds what is found against the table. */
export async function compareFiles(
  files: readonly string[],
  ruleSet: RuleSet,
  { rows, wanted }: ExpectedTable,
): Promise<Comparison> {
  const found = new Set<string>();
  const take = (matches: readonly MatchRow[]): undefined => {
    for (const match of matches) found.add(keyOf(match));
  };
  let total = NO_EVENTS;
  for (const file of files) total = addTally(total, await matchFile(file, ruleSet, take));
  const shares = new Map<string, Share>();
  for (const [key, finders] of rows) {
    const share = shares.get(finders) ?? { found: 0, all: 0 };
    share.all += 1;
    if (found.has(key)) share.found += 1;
    shares.set(finders, share);
  }
  const missing = [...wanted].filter((key) => !found.has(key));
  const unexpected = [...found].filter((key) => !wanted.has(key));
  const { events, matches, bad } = total;
  return {
    ...{ events, matches, bad, shares, missing, unexpected },
    ...{ expected: wanted.size, found: wanted.size - missing.length },
  };
}

/** The totals as lines, for people. */
export function describeComparison(comparison: Comparison): string {
  const { events, expected, found, shares, missing, unexpected } = comparison;
  const lines = [...shares]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([by, share]) => `by ${by}: ${String(share.found)} of ${String(share.all)} found\n`);
  return (
    `${lines.join('')}${String(events)} events, ${String(expected)} expected, ${String(found)} found, ` +
    `${String(missing.length)} missing, ${String(unexpected.length)} unexpected\n`
  );
}

/** A row's own spelling, without what else it says. */
function keyOf({ dataset, line, rule_id }: MatchRow): string {
  return JSON.stringify({ dataset, line, rule_id });
}

function parseRow(text: string): (MatchRow & { readonly by: readonly string[] }) | undefined {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    // The caller says where the line is.
    return undefined;
  }
  if (!isObject(row)) return undefined;
  const { dataset, line, rule_id, by } = row;
  if (typeof dataset !== 'string' || typeof line !== 'number' || typeof rule_id !== 'string')
    return undefined;
  return { dataset, line, rule_id, by: Array.isArray(by) ? by.map(String) : [] };
}
