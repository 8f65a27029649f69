import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benchStack } from '../bench/stack-bench.ts';
import { root } from './data-dir.ts';

const HELP = `vedette bench [stack]
    Starts the product on a data directory of its own, measures it, stops it, and prints one JSON
    object with figures, machine and commit.
    stack    start-up cold and warm, memory and processor time when idle, event → case
`;

export async function bench(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { help: { type: 'boolean', short: 'h', default: false } },
    allowPositionals: true,
  });
  const [name = 'stack'] = positionals;
  if (values.help || name !== 'stack') {
    (values.help ? process.stdout : process.stderr).write(HELP);
    return values.help ? 0 : 2;
  }
  const figures = await benchStack(root, (message) =>
    process.stderr.write(`vedette: ${message}\n`),
  );
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
