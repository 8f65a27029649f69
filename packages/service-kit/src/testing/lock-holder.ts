import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import process from 'node:process';

/** Starts a process that takes a database lock, and waits until it has it. */
export async function startLockHolder(
  name: string,
  url: string,
): Promise<{ readonly pid: number; kill(): void }> {
  const file = fileURLToPath(new URL('lock-holder-main.ts', import.meta.url));
  const child = spawn(process.execPath, [file, url, name], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the lock holder ended with ${String(code)}`);
    }),
  ]);
  return { pid: Number(child.pid), kill: () => void child.kill('SIGKILL') };
}
