import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benchGateway } from '../bench/gateway-bench.ts';
import { benchStack } from '../bench/stack-bench.ts';
import { root } from './data-dir.ts';

const HELP = `vedette bench [stack|gateway]
    Starts the product on a data directory of its own, measures it, stops it, and prints one JSON
    object with figures, machine and commit.
    stack    start-up cold and warm, memory and processor time when idle, event → case
    gateway  50,000 customers: import, pages of the list, who is asking
`;

type Bench = (root: string, onProgress: (message: string) => void) => Promise<object>;

const benches: Readonly<Record<string, Bench>> = { stack: benchStack, gateway: benchGateway };

export async function bench(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h', default: false } },
    allowPositionals: true,
  });
  const [name = 'stack'] = positionals;
  const measure = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (values.help || !measure) {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  const figures = await measure(root, (message) => process.stderr.write(`vedette: ${message}\n`));
  process.stdout.write(
    `${JSON.stringify({ bench: name, ...figures, machine: describeMachine(), commit: readCommit() })}\n`,
  );
  return 0;
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
