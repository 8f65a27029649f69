import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventAccessor } from '@vedette/event-model';
import { connectorOf } from '@vedette/ingestion/connectors';
import { compileRules, LEVELS } from '@vedette/sigma';
import type { Level, RuleSet } from '@vedette/sigma';
import { readNdjson, readRuleSources } from '@vedette/sigma/command';

/** One recorded attack and what the rules say about it. */
export interface CaptureResult {
  readonly capture: string;
  readonly events: number;
  /** The worst level that matched; null when nothing did. */
  readonly level: Level | null;
  /** Titles of the rules that matched, worst first. */
  readonly rules: readonly string[];
}

/** An entry of `INDEX.json` beside the captures. */
interface IndexEntry {
  readonly dataset: string;
  /** Where a file holds several original recordings: their lines, counted from 1. */
  readonly index?: readonly { readonly evtx: string; readonly from: number; readonly to: number }[];
}

/** Compiles every rule below a folder. @throws {Error} a rule is refused */
export async function compileFolder(folder: string): Promise<RuleSet> {
  const { ruleSet, refused } = compileRules(await readRuleSources([folder]));
  const [first] = refused;
  if (first) throw new Error(`${first.file}:${first.line ?? 1}: ${first.reason}`);
  return ruleSet;
}

/**
 * Runs rules over the recorded Windows attacks of a folder, each event as ingestion would normalise it.
 * A recording is one original file, also where several share a file here.
 */
export async function tabulateCaptures(
  ruleSet: RuleSet,
  folder: string,
): Promise<readonly CaptureResult[]> {
  const index = JSON.parse(readFileSync(join(folder, 'INDEX.json'), 'utf8')) as IndexEntry[];
  const results: CaptureResult[] = [];
  for (const entry of index.filter(({ dataset }) => isOfWindows(dataset))) {
    results.push(...(await tabulateFile(ruleSet, folder, entry)));
  }
  return results;
}

/** Cloud, network and web recordings stand in the same folder. */
function isOfWindows(dataset: string): boolean {
  const isCloud = /\.(AADAuditEvents|Microsoft365DefenderEvents|OfficeActivityEvents)$/.test(
    dataset,
  );
  return /^(otrf|evtx-)/.test(dataset) && !isCloud;
}

interface Tally {
  readonly capture: string;
  readonly from: number;
  readonly to: number;
  events: number;
  readonly levelOf: Map<string, Level>;
}

async function tabulateFile(
  ruleSet: RuleSet,
  folder: string,
  { dataset, index }: IndexEntry,
): Promise<CaptureResult[]> {
  const parts = index ?? [{ evtx: '', from: 1, to: Infinity }];
  const tallies: Tally[] = parts.map(({ evtx, from, to }) => {
    const capture = evtx ? `${dataset}/${evtx}` : dataset;
    return { capture, from, to, events: 0, levelOf: new Map() };
  });
  const { parse } = connectorOf('windows-events');
  let current = 0;
  for await (const { line, text } of readNdjson(join(folder, `${dataset}.ndjson.gz`))) {
    while (line > (tallies[current]?.to ?? Infinity)) current += 1;
    const tally = tallies[current];
    if (!tally || line < tally.from) continue;
    tally.events += 1;
    const event = parse(JSON.parse(text) as Record<string, unknown>, 0, {});
    for (const { rule } of ruleSet.match(eventAccessor(event.fields))) {
      tally.levelOf.set(rule.title, rule.level);
    }
  }
  return tallies.map(toResult);
}

function toResult({ capture, events, levelOf }: Tally): CaptureResult {
  const ranked = [...levelOf].sort(([, a], [, b]) => LEVELS.indexOf(b) - LEVELS.indexOf(a));
  return { capture, events, level: ranked[0]?.[1] ?? null, rules: ranked.map(([title]) => title) };
}
