import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { join } from 'node:path';
import { benchEngine } from '../bench/engine-bench.ts';
import type { EngineOptions } from '../bench/engine-bench.ts';
import { benchIngest } from '../bench/ingest-bench.ts';
import { benchPipeline } from '../bench/pipeline-bench.ts';
import { benchGateway } from '../bench/gateway-bench.ts';
import { benchPack } from '../bench/pack-bench.ts';
import type { PackOptions } from '../bench/pack-bench.ts';
import { benchSearch } from '../bench/search-bench.ts';
import type { SearchOptions } from '../bench/search-bench.ts';
import type { PipelineOptions } from '../bench/pipeline-bench.ts';
import { benchStack } from '../bench/stack-bench.ts';
import { root } from './data-dir.ts';
import { UsageError } from './usage-error.ts';

/** Fourteen days of twenty companies are about 1.4 million events. */
const defaults = { customers: 20, days: 14, rate: 5_000 } as const;
/** How long each benchmark measures unless it is told. */
const defaultSeconds: Readonly<Record<string, number>> = { engine: 5, ingest: 30, pipeline: 300 };

const HELP = `vedette bench [stack|gateway|pack|engine|ingest|pipeline|search]
    Starts the product on a data directory of its own, measures it, stops it, and prints one JSON
    object with figures, machine and commit.
    stack    start-up cold and warm, memory and processor time when idle, event → case
    gateway  50,000 customers: import, pages of the list, who is asking
    pack     the built-in rules: which recorded attacks they find (a table on stderr), and how many
             cases ordinary activity makes
             --captures DIR   recorded Windows attacks with their INDEX.json; without it none
             --customers N    invented companies, default ${String(defaults.customers)}
             --days N         of their activity, default ${String(defaults.days)}
    engine   the Sigma engine alone, on one core; nothing is started
             --rules DIR[,DIR]      rules, default our own
             --logsource-map F      which events a logsource means
             --events FILE…         NDJSON, also gzip; default generated ordinary activity
             --seconds N            for each measurement, default 5
    ingest   events over HTTP until the stream has them
             --seconds N      default 30
    pipeline events at a steady rate until they are stored and matched against 3,000 rules
             --seconds N      default 300
             --rate N         events a second, default ${String(defaults.rate)}
             --rules DIR      rules beside our own, default generated ones
    search   telemetry history of 5 million events; PostgreSQL alone is started
`;

type Bench = (
  root: string,
  onProgress: (message: string) => void,
  options: PackOptions & EngineOptions & PipelineOptions & SearchOptions,
) => Promise<object>;

const benches: Readonly<Record<string, Bench>> = {
  stack: benchStack,
  gateway: benchGateway,
  pack: benchPack,
  ingest: benchIngest,
  pipeline: benchPipeline,
  search: benchSearch,
  engine: (checkout, onProgress, options) =>
    benchEngine(join(checkout, 'services/hunting/rules'), onProgress, options),
};

export async function bench(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      help: { type: 'boolean', short: 'h', default: false },
      captures: { type: 'string' },
      customers: { type: 'string', default: String(defaults.customers) },
      days: { type: 'string', default: String(defaults.days) },
      rules: { type: 'string' },
      'logsource-map': { type: 'string' },
      events: { type: 'string', multiple: true, default: [] as string[] },
      seconds: { type: 'string' },
      rate: { type: 'string', default: String(defaults.rate) },
    },
    allowPositionals: true,
  });
  const [name = 'stack', ...files] = positionals;
  const measure = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (values.help || !measure) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  const { captures, 'logsource-map': logsourceMap } = values;
  const options = {
    ...(captures === undefined ? {} : { captures }),
    ...(logsourceMap === undefined ? {} : { logsourceMap }),
    rules: values.rules?.split(',') ?? [],
    // A shell spreads `--events *.gz` over several words.
    events: [...values.events, ...files],
    seconds: toCount('seconds', values.seconds ?? String(defaultSeconds[name] ?? 5)),
    rate: toCount('rate', values.rate, 1_000_000),
    customers: toCount('customers', values.customers),
    days: toCount('days', values.days),
  };
  const say = (message: string) => process.stderr.write(`vedette: ${message}\n`);
  const figures = await measure(root, say, options);
  process.stdout.write(
    `${JSON.stringify({ bench: name, ...figures, machine: describeMachine(), commit: readCommit() })}\n`,
  );
  return 0;
}

/** @throws {UsageError} not a whole number from 1 to `max` */
function toCount(name: string, text: string, max = 1_000): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw new UsageError(`--${name} must be a whole number from 1 to ${max}, not '${text}'`);
}

function describeMachine(): object {
  const [first] = cpus();
  return {
    cores: cpus().length,
    processor: first?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
  };
}

/** Null outside of a git checkout. */
function readCommit(): string | null {
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}
