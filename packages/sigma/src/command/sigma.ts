import { parseArgs } from 'node:util';
import {
  compileRules,
  InvalidLogsourceMapError,
  type RefusedRule,
  type RuleSet,
} from '../index.ts';
import { compareFiles, describeComparison, readExpected } from './compare.ts';
import { runConformance } from './conformance.ts';
import { addTally, matchFile, NO_EVENTS, type MatchRow } from './match-file.ts';
import { count, print, say } from './output.ts';
import { readLogsourceMap, readPlaceholders, readRuleSources } from './rule-files.ts';
import { reportRefusals, reportSpeed, RuleTimes } from './rule-times.ts';
import { isUsageError, UsageError } from './usage-error.ts';

const HELP = `sigma match --rules DIR[,DIR] [--logsource-map F] [--placeholders F] [--stats] FILE…
    NDJSON(.gz) events in, one JSON line per match out: {"dataset","line","rule_id"}. A correlation's line is the one that
    completes it, with its "group"; each file is correlated by itself. --placeholders is JSON: {"name": ["value"]}.
    --stats says on stderr how fast it went, why rules were refused and which were slowest.
sigma compare --rules DIR[,DIR] --expected TABLE [--by NAME] [--logsource-map F] [--placeholders F] FILE…
    Matches the files and holds the matches against TABLE, NDJSON(.gz) of such lines. Prints the rows that are missing or
    unexpected, then totals, and fails unless there are none. --by takes only the rows whose list "by" names NAME.
sigma check DIR… [--logsource-map F] [--placeholders F]
    Says which rules cannot be run, and why. Ends with "N passed, N failed".
sigma conformance [--rules ROOT] [--logsource-map F] FILE…
    Runs packs of cases; rule files are relative to ROOT (default: the current folder). Ends with "N passed, N failed".
`;

/**
 * Runs the command line: data goes to stdout, talk to stderr.
 * @returns the exit code: 0 only when everything that was asked for worked, 2 when it was asked for wrongly
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
      expected: { type: 'string' },
      by: { type: 'string' },
      'logsource-map': { type: 'string' },
      placeholders: { type: 'string' },
      stats: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help === true) {
    await print(HELP);
    return 0;
  }
  const [command, ...files] = positionals;
  const work = COMMANDS.get(command ?? '');
  if (work === undefined)
    throw new UsageError(`Which of ${[...COMMANDS.keys()].join(', ')}?\n\n${HELP}`);
  if (files.length === 0) throw new UsageError('which files?');
  const { 'logsource-map': logsourceMap, ...others } = values;
  return await work(files, { ...others, logsourceMap });
}

interface Options {
  readonly rules?: string | undefined;
  readonly expected?: string | undefined;
  readonly by?: string | undefined;
  readonly logsourceMap: string | undefined;
  readonly placeholders?: string | undefined;
  readonly stats: boolean;
}

type Work = (files: readonly string[], options: Options) => Promise<number>;

const COMMANDS: ReadonlyMap<string, Work> = new Map([
  ['match', match],
  ['compare', compare],
  ['check', check],
  ['conformance', conformance],
]);

async function match(files: readonly string[], options: Options): Promise<number> {
  const { ruleSet, refused } = await loadNamedRules(options);
  if (options.stats) reportRefusals(refused);
  const times = options.stats ? new RuleTimes() : undefined;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  let total = NO_EVENTS;
  for (const file of files)
    total = addTally(total, await matchFile(file, ruleSet, printRows, times));
  const seconds = (performance.now() - startedAt) / 1000;
  say(
    `${String(total.events)} events, ${String(total.matches)} matches in ${seconds.toFixed(1)} s`,
  );
  if (options.stats) reportSpeed(total.events, seconds, process.cpuUsage(cpuBefore));
  times?.report();
  return total.bad === 0 ? 0 : 1;
}

function printRows(rows: readonly MatchRow[]): Promise<void> {
  return print(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

async function compare(files: readonly string[], options: Options): Promise<number> {
  if (options.expected === undefined) throw new UsageError('--expected is missing');
  const { ruleSet } = await loadNamedRules(options);
  const expected = await readExpected(options.expected, files, options.by);
  const comparison = await compareFiles(files, ruleSet, expected);
  const { missing, unexpected, bad } = comparison;
  for (const row of missing) await print(`missing ${row}\n`);
  for (const row of unexpected) await print(`unexpected ${row}\n`);
  await print(describeComparison(comparison));
  return missing.length + unexpected.length + bad === 0 ? 0 : 1;
}

async function check(dirs: readonly string[], options: Options): Promise<number> {
  const { ruleSet, refused } = await loadRules(dirs, options);
  for (const { file, line, ruleId, reason } of refused) {
    const place = line === undefined ? file : `${file}:${String(line)}`;
    await print(`${place}: ${reason}${ruleId === undefined ? '' : ` [${ruleId}]`}\n`);
  }
  return await printVerdict(ruleSet.rules.length + ruleSet.correlations.length, refused.length);
}

async function conformance(files: readonly string[], options: Options): Promise<number> {
  const how = {
    rulesRoot: options.rules ?? '.',
    logsources: await readLogsourceMap(options.logsourceMap),
  };
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    for await (const { name, problem } of runConformance(file, how)) {
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

interface LoadedRules {
  readonly ruleSet: RuleSet;
  readonly refused: readonly RefusedRule[];
}

/** The rules that `--rules` names, with a word on how many there are. */
async function loadNamedRules(options: Options): Promise<LoadedRules> {
  if (options.rules === undefined) throw new UsageError('--rules is missing');
  const loaded = await loadRules(options.rules.split(','), options);
  const { ruleSet, refused } = loaded;
  say(
    `${count([...ruleSet.rules, ...ruleSet.correlations], 'rule')} loaded, ${String(refused.length)} refused${refused.length > 0 ? ' (sigma check says why)' : ''}`,
  );
  return loaded;
}

async function loadRules(paths: readonly string[], options: Options): Promise<LoadedRules> {
  const sources = await readRuleSources(paths);
  if (sources.length === 0) throw new UsageError(`no rule files in ${paths.join(', ')}`);
  return compileRules(sources, {
    logsources: await readLogsourceMap(options.logsourceMap),
    placeholders: await readPlaceholders(options.placeholders),
  });
}

async function printVerdict(passed: number, failed: number): Promise<number> {
  await print(`${String(passed)} passed, ${String(failed)} failed\n`);
  return failed === 0 ? 0 : 1;
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
