import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Runs a command in the workspace with the pinned Node first on PATH; true when it succeeded. */
export async function runStep(
  name: string,
  command: string,
  args: readonly string[],
  options: { readonly folder?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<boolean> {
  const startedAt = performance.now();
  process.stderr.write(`\n▸ ${name}\n`);
  const child = spawn(command, args, {
    cwd: join(root, options.folder ?? '.'),
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...process.env,
      ...options.env,
      PATH: [dirname(process.execPath), join(root, 'node_modules/.bin'), process.env['PATH']].join(':'),
    },
  });
  const { promise, resolve } = Promise.withResolvers<number>();
  child.on('error', () => resolve(1));
  child.on('exit', (code) => resolve(code ?? 1));
  const passed = (await promise) === 0;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  process.stderr.write(`${passed ? '✓' : '✗'} ${name} (${seconds} s)\n`);
  return passed;
}
