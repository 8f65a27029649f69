import { spawn } from 'node:child_process';
import { join } from 'node:path';
import process from 'node:process';
import { root, stepEnvironment } from './config.ts';
import type { Outcome } from './summary.ts';

/** A program that says by its exit code whether something holds. */
export interface Step {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Where it runs, relative to the root; default the root. */
  readonly folder?: string;
}

/** Long enough for the slowest check on a loaded machine: a check that hangs must not hang the whole. */
const stepLimitMs = 240_000;

/** Runs steps, as many at a time as asked for. Results come in the order of the steps. */
export async function runSteps(steps: readonly Step[], atATime: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...steps.entries()];
  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      outcomes[next[0]] = await runStep(next[1]);
    }
  }
  await Promise.all(Array.from({ length: atATime }, work));
  return outcomes;
}

/** Runs one step and passes on what it said, in one piece. Everything goes to stderr. */
async function runStep(step: Step): Promise<Outcome> {
  const startedAt = performance.now();
  const { passed, output } = await run(step);
  const seconds = (performance.now() - startedAt) / 1000;
  const said = output.trim() === '' ? '' : `\n${output.trim()}\n`;
  process.stderr.write(`${said}${passed ? '✓' : '✗'} ${step.name} (${seconds.toFixed(1)} s)\n`);
  return { name: step.name, passed: passed ? 1 : 0, failed: passed ? 0 : 1, seconds };
}

async function run({ command, args, folder = '.' }: Step) {
  const child = spawn(command, args, {
    cwd: join(root, folder),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: stepEnvironment,
    timeout: stepLimitMs,
  });
  endWithUs(child);
  const said: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => said.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const { promise, resolve } = Promise.withResolvers<boolean>();
  child.on('error', (error) => {
    said.push(`'${command}' could not be started: ${error.message}`);
    resolve(false);
  });
  child.on('close', (code, signal) => {
    if (signal !== null) said.push(`ended by ${signal} (limit: ${stepLimitMs / 1000} s)`);
    resolve(code === 0);
  });
  return { passed: await promise, output: said.join('') };
}

/** A signal sent to this process alone, as a CI system does, must not leave its programs behind. */
export function endWithUs(child: { kill(signal: NodeJS.Signals): boolean }): void {
  running.add(child);
  if (running.size > 1) return;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      for (const one of running) one.kill('SIGTERM');
      process.exit(1);
    });
  }
}

const running = new Set<{ kill(signal: NodeJS.Signals): boolean }>();
