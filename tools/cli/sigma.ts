import { once } from 'node:events';
import { parseArgs } from 'node:util';
import {
  compileRules,
  InvalidLogsourceMapError,
  type RefusedRule,
  type RuleSet,
} from '@vedette/sigma';
import { datasetName, readNdjson } from './ndjson.ts';
import { runConformance } from './sigma-conformance.ts';
import { isObject, toSigmaEvent } from './sigma-record.ts';
import { readLogsourceMap, readRuleSources } from './sigma-rule-files.ts';
import { isUsageError, UsageError } from './usage-error.ts';

const HELP = `vedette sigma match --rules DIR[,DIR] [--logsource-map F] FILE…
    NDJSON(.gz) events in, one JSON line per match out: {"dataset","line","rule_id"}.
vedette sigma check DIR… [--logsource-map F]
    Says which rules cannot be run, and why. Ends with "N passed, N failed".
vedette sigma conformance [--rules ROOT] [--logsource-map F] FILE…
    Runs packs of cases; rule files are relative to ROOT (default: the current folder). Ends with "N passed, N failed".
`;

/**
 * Runs `vedette sigma …`: data goes to stdout, talk to stderr.
 * @returns the exit code, 0 only when everything that was asked for worked
 */
export async function sigma(args: readonly string[]): Promise<number> {
  try {
    return await run(args);
  } catch (error) {
    if (!isExpected(error)) throw error;
    say(error.message);
    return isUsageError(error) ? 2 : 1;
  }
}

async function run(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      rules: { type: 'string' },
      'logsource-map': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    await print(HELP);
    return 0;
  }
  const [command, ...files] = positionals;
  const options = { rules: values.rules, logsourceMap: values['logsource-map'] };
  switch (command) {
    case 'match':
      return await match(files, options);
    case 'check':
      return await check(files, options);
    case 'conformance':
      return await conformance(files, options);
    default:
      throw new UsageError(`Which of match, check, conformance?\n\n${HELP}`);
  }
}

interface Options {
  readonly rules: string | undefined;
  readonly logsourceMap: string | undefined;
}

async function match(files: readonly string[], options: Options): Promise<number> {
  if (options.rules === undefined) throw new UsageError('--rules is missing');
  needFiles(files);
  const { ruleSet, refused } = await loadRules(options.rules.split(','), options);
  say(
    `${count(ruleSet.rules, 'rule')} loaded, ${String(refused.length)} refused${refused.length > 0 ? ' (sigma check says why)' : ''}`,
  );
  const startedAt = performance.now();
  let total: Tally = { events: 0, matches: 0, bad: 0 };
  for (const file of files) total = addTally(total, await matchFile(file, ruleSet));
  const seconds = (performance.now() - startedAt) / 1000;
  say(
    `${String(total.events)} events, ${String(total.matches)} matches in ${seconds.toFixed(1)} s`,
  );
  return total.bad === 0 ? 0 : 1;
}

interface Tally {
  readonly events: number;
  readonly matches: number;
  /** Lines that are not JSON objects. */
  readonly bad: number;
}

async function matchFile(file: string, ruleSet: RuleSet): Promise<Tally> {
  const dataset = datasetName(file);
  const tally = { events: 0, matches: 0, bad: 0 };
  for await (const { line, text } of readNdjson(file)) {
    const record = parseRecord(text);
    if (record === undefined) {
      tally.bad += 1;
      say(`${file}:${String(line)}: not a JSON object`);
      continue;
    }
    tally.events += 1;
    for (const { rule } of ruleSet.match(toSigmaEvent(record))) {
      tally.matches += 1;
      await print(`${JSON.stringify({ dataset, line, rule_id: rule.id })}\n`);
    }
  }
  return tally;
}

async function check(dirs: readonly string[], options: Options): Promise<number> {
  needFiles(dirs);
  const { ruleSet, refused } = await loadRules(dirs, options);
  for (const { file, line, ruleId, reason } of refused) {
    const place = line === undefined ? file : `${file}:${String(line)}`;
    await print(`${place}: ${reason}${ruleId === undefined ? '' : ` [${ruleId}]`}\n`);
  }
  return await printVerdict(ruleSet.rules.length, refused.length);
}

async function conformance(files: readonly string[], options: Options): Promise<number> {
  needFiles(files);
  const run = {
    rulesRoot: options.rules ?? '.',
    logsources: await readLogsourceMap(options.logsourceMap),
  };
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    for await (const { name, problem } of runConformance(file, run)) {
      if (problem === undefined) {
        passed += 1;
      } else {
        failed += 1;
        await print(`${name}: ${problem}\n`);
      }
    }
  }
  return await printVerdict(passed, failed);
}

async function loadRules(
  paths: readonly string[],
  options: Options,
): Promise<{ readonly ruleSet: RuleSet; readonly refused: readonly RefusedRule[] }> {
  const sources = await readRuleSources(paths);
  if (sources.length === 0) throw new UsageError(`no rule files in ${paths.join(', ')}`);
  return compileRules(sources, { logsources: await readLogsourceMap(options.logsourceMap) });
}

async function printVerdict(passed: number, failed: number): Promise<number> {
  await print(`${String(passed)} passed, ${String(failed)} failed\n`);
  return failed === 0 ? 0 : 1;
}

function parseRecord(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function needFiles(files: readonly string[]): void {
  if (files.length === 0) throw new UsageError('which files?');
}

function addTally(a: Tally, b: Tally): Tally {
  return { events: a.events + b.events, matches: a.matches + b.matches, bad: a.bad + b.bad };
}

function count(items: readonly unknown[], noun: string): string {
  return `${String(items.length)} ${noun}${items.length === 1 ? '' : 's'}`;
}

/** Mistakes and unreadable input, as opposed to bugs. Node's own errors about arguments, files and gzip carry a code. */
function isExpected(error: unknown): error is Error {
  if (isUsageError(error) || error instanceof InvalidLogsourceMapError) return true;
  if (!Error.isError(error)) return false;
  return typeof codeOf(error) === 'string' || typeof codeOf(error.cause) === 'string';
}

function codeOf(error: unknown): unknown {
  return Error.isError(error) && 'code' in error ? error.code : undefined;
}

/** Waits when the reader is slower, so that memory stays constant. */
async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
