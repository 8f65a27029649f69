import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout } from 'node:timers/promises';
import { root, stepEnvironment } from './config.ts';
import { readCounts } from './jest-report.ts';
import type { TestCounts } from './jest-report.ts';
import { toOpenHandles } from './open-handles.ts';
import { endWithUs } from './steps.ts';
import type { Outcome } from './summary.ts';

/** How many test files at once, and how long the whole may take. Servers take memory and cores. */
const projects = {
  unit: { workers: 2, limitSeconds: 120 },
  data: { workers: 2, limitSeconds: 180 },
  int: { workers: 2, limitSeconds: 360 },
  story: { workers: 1, limitSeconds: 300 },
  fault: { workers: 1, limitSeconds: 420 },
} as const;

export type ProjectName = keyof typeof projects;

export const projectNames = Object.keys(projects) as readonly ProjectName[];

/** How long the random faults go on where they are asked for by name; see gateway/faults. */
const longSeconds = 600;

/** After the last test, what tests opened must close. This long is patience enough. */
const closingMs = 15_000;

/**
 * Runs the tests of one Jest project; its progress goes to stderr. A run that crashes, does not end
 * within its limit or leaves something open has one more failure.
 */
export async function runProject(
  name: ProjectName,
  { isLong = false }: { readonly isLong?: boolean } = {},
): Promise<Outcome> {
  process.stderr.write(`\n▸ tests: ${name}\n`);
  const startedAt = performance.now();
  const folder = mkdtempSync(join(tmpdir(), 'vedette-test-'));
  try {
    const child = startJest(name, folder, isLong);
    const problem = await waitForEnd(
      child,
      folder,
      (projects[name].limitSeconds + (isLong ? longSeconds : 0)) * 1000,
    );
    const counts = toCounts(child, folder);
    if (problem !== null) process.stderr.write(`✗ tests: ${name}: ${problem}\n`);
    return {
      name,
      passed: counts.passed,
      failed: counts.failed + (problem === null ? 0 : 1),
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function startJest(name: ProjectName, folder: string, isLong: boolean): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--disable-warning=ExperimentalWarning',
      // Lets us ask a run that does not end what it waits for.
      ...['--report-on-signal', '--report-exclude-env', '--report-exclude-network'],
      ...[`--report-directory=${folder}`, `--report-filename=${handlesFile}`],
      join(root, 'node_modules/jest/bin/jest.js'),
      ...['--selectProjects', name, '--maxWorkers', String(projects[name].workers)],
      ...['--passWithNoTests', '--json', '--outputFile', join(folder, countsFile)],
    ],
    // Jest's words about the report would be on stdout, which has our one line.
    {
      cwd: root,
      stdio: ['ignore', process.stderr, process.stderr],
      env: isLong
        ? { VEDETTE_FAULT_SECONDS: String(longSeconds), ...stepEnvironment }
        : stepEnvironment,
    },
  );
  endWithUs(child);
  return child;
}

const countsFile = 'counts.json';
const handlesFile = 'handles.json';

/** Waits for the run's end. If it has to be ended, or could not begin, the answer says why. */
async function waitForEnd(
  child: ChildProcess,
  folder: string,
  limitMs: number,
): Promise<string | null> {
  const { promise: ended, resolve } = Promise.withResolvers<string | null>();
  child.on('error', (error) => resolve(`could not be started: ${error.message}`));
  child.on('exit', (_code, signal) => resolve(signal === null ? null : `ended by ${signal}`));
  const startedAt = performance.now();
  let finishedAt: number | null = null;
  for (;;) {
    const result = await Promise.race([ended, setTimeout(500, 'running' as const)]);
    if (result !== 'running') return result;
    const now = performance.now();
    if (existsSync(join(folder, countsFile))) finishedAt ??= now;
    if (finishedAt !== null && now - finishedAt > closingMs) {
      const open = await askForHandles(child, folder);
      await stop(child, ended);
      return `all tests are over, but something is still open: ${open}`;
    }
    if (now - startedAt > limitMs) {
      await stop(child, ended);
      return `did not end within ${limitMs / 1000} s`;
    }
  }
}

async function askForHandles(child: ChildProcess, folder: string): Promise<string> {
  const file = join(folder, handlesFile);
  child.kill('SIGUSR2');
  for (let waits = 0; waits < 30 && !existsSync(file); waits++) await setTimeout(100);
  await setTimeout(500);
  return existsSync(file) ? toOpenHandles(readFileSync(file, 'utf8')) : 'it did not say what';
}

async function stop(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  await Promise.race([ended, setTimeout(5000)]);
  child.kill('SIGKILL');
  await ended;
}

/**
 * What the run reported. A bad exit code that no failure explains is one; without a code the run
 * was ended, and that has been counted.
 */
function toCounts(child: ChildProcess, folder: string): TestCounts {
  const file = join(folder, countsFile);
  const { passed, failed } = existsSync(file)
    ? readCounts(readFileSync(file, 'utf8'))
    : { passed: 0, failed: 0 };
  const endedBadly = child.exitCode !== null && child.exitCode !== 0;
  return { passed, failed: endedBadly && failed === 0 ? 1 : failed };
}
