// Keeps proto-schemas/published.binpb, the message types as last published. A change that a reader
// of the published ones could not live with is refused: old events are kept for months. With
// --check nothing is written.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { root, stepEnvironment } from './config.ts';

const image = 'published.binpb';
const folder = join(root, 'proto-schemas');

function main(): number {
  const { values } = parseArgs({ options: { check: { type: 'boolean', default: false } } });
  const file = join(folder, image);
  const published = existsSync(file) ? readFileSync(file) : null;
  if (published !== null && buf('breaking', '--against', image) === null) return 1;
  // Without comments: only what travels counts.
  const current = buf('build', '--exclude-source-info', '--output', '-');
  if (current === null) return 1;
  if (published?.equals(current)) return 0;
  if (values.check) {
    process.stderr.write(`proto-schemas/${image} is stale: run 'npm run gen' and commit it\n`);
    return 1;
  }
  writeFileSync(file, current);
  return 0;
}

/** What buf printed, or null when it refused; why is then on stderr. */
function buf(...args: readonly string[]): Buffer | null {
  const { status, stdout } = spawnSync('buf', args, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: stepEnvironment,
  });
  if (status === 0) return stdout;
  process.stderr.write(stdout);
  return null;
}

process.exitCode = main();
