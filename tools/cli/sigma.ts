import { parseArgs } from 'node:util';
import {
  compileRules,
  InvalidLogsourceMapError,
  type RefusedRule,
  type RuleSet,
} from '@vedette/sigma';
import { runConformance } from './sigma-conformance.ts';
import { matchFile, type Tally } from './sigma-match.ts';
import { count, print, say } from './sigma-output.ts';
import { readLogsourceMap, readPlaceholders, readRuleSources } from './sigma-rule-files.ts';
import { reportRefusals, reportSpeed, RuleTimes } from './sigma-stats.ts';
import { isUsageError, UsageError } from './usage-error.ts';

const HELP = `vedette sigma match --rules DIR[,DIR] [--logsource-map F] [--placeholders F] [--stats] FILE…
    NDJSON(.gz) events in, one JSON line per match out: {"dataset","line","rule_id"}. A correlation's line is the one that
    completes it, with its "group"; each file is correlated by itself. --placeholders is JSON: {"name": ["value"]}.
    --stats says on stderr how fast it went, why rules were refused and which were slowest.
vedette sigma check DIR… [--logsource-map F] [--placeholders F]
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
  const { rules, placeholders, stats } = values;
  const options = { rules, placeholders, stats, logsourceMap: values['logsource-map'] };
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
  readonly placeholders: string | undefined;
  readonly stats: boolean;
}

async function match(files: readonly string[], options: Options): Promise<number> {
  if (options.rules === undefined) throw new UsageError('--rules is missing');
  needFiles(files);
  const { ruleSet, refused } = await loadRules(options.rules.split(','), options);
  say(
    `${count([...ruleSet.rules, ...ruleSet.correlations], 'rule')} loaded, ${String(refused.length)} refused${refused.length > 0 ? ' (sigma check says why)' : ''}`,
  );
  if (options.stats) reportRefusals(refused);
  const times = options.stats ? new RuleTimes() : undefined;
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  let total: Tally = { events: 0, matches: 0, bad: 0 };
  for (const file of files) total = addTally(total, await matchFile(file, ruleSet, times));
  const seconds = (performance.now() - startedAt) / 1000;
  say(
    `${String(total.events)} events, ${String(total.matches)} matches in ${seconds.toFixed(1)} s`,
  );
  if (options.stats) reportSpeed(total.events, seconds, process.cpuUsage(cpuBefore));
  times?.report();
  return total.bad === 0 ? 0 : 1;
}

async function check(dirs: readonly string[], options: Options): Promise<number> {
  needFiles(dirs);
  const { ruleSet, refused } = await loadRules(dirs, options);
  for (const { file, line, ruleId, reason } of refused) {
    const place = line === undefined ? file : `${file}:${String(line)}`;
    await print(`${place}: ${reason}${ruleId === undefined ? '' : ` [${ruleId}]`}\n`);
  }
  return await printVerdict(ruleSet.rules.length + ruleSet.correlations.length, refused.length);
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
  return compileRules(sources, {
    logsources: await readLogsourceMap(options.logsourceMap),
    placeholders: await readPlaceholders(options.placeholders),
  });
}

async function printVerdict(passed: number, failed: number): Promise<number> {
  await print(`${String(passed)} passed, ${String(failed)} failed\n`);
  return failed === 0 ? 0 : 1;
}

function needFiles(files: readonly string[]): void {
  if (files.length === 0) throw new UsageError('which files?');
}

function addTally(a: Tally, b: Tally): Tally {
  return { events: a.events + b.events, matches: a.matches + b.matches, bad: a.bad + b.bad };
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
