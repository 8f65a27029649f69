import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Endpoints } from '../local-stack/endpoints.ts';
import { readStatus } from '../local-stack/status.ts';

/** The product on a data directory of its own, for as long as something is measured. */
export interface BenchStack {
  /** Starts it, and tells how long that took from the command to its answer. */
  start(
    rulesDirs?: readonly string[],
  ): Promise<{ readonly seconds: number; readonly endpoints: Endpoints }>;
  /** Waits until every message is handled and every event published, and for a moment of rest. */
  waitUntilDrained(): Promise<void>;
  stop(): Promise<void>;
  readonly dataDir: string;
}

const portBase = 4700;
const run = promisify(execFile);

/** Hands a stack to `measure`; whatever happens, a signal too, it is stopped and its data deleted. */
export async function withBenchStack<Figures>(
  root: string,
  onProgress: (message: string) => void,
  measure: (stack: BenchStack) => Promise<Figures>,
): Promise<Figures> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-bench-'));
  const vedette = join(root, 'vedette');
  const dataArgs = ['--data-dir', join(folder, 'data')];
  const stop = async (): Promise<void> => {
    await run(vedette, ['down', ...dataArgs]);
  };
  const interrupted = onSignal();
  try {
    const measured = measure({
      start: (rulesDirs = []) => start(vedette, dataArgs, rulesDirs),
      waitUntilDrained: () => waitUntilDrained(join(folder, 'data')),
      stop,
      dataDir: join(folder, 'data'),
    });
    return await Promise.race([measured, interrupted]);
  } finally {
    await stop().catch((error: unknown) => {
      onProgress(`could not stop: ${String(error)}`);
    });
    await rm(folder, { recursive: true, force: true });
  }
}

/** Rejects at the first signal that asks us to end; a terminal's Ctrl-C may come twice. */
function onSignal(): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      reject(new Error(`${signal}: the benchmark was broken off`));
    });
  }
  // It may come before anybody waits for it.
  promise.catch(() => undefined);
  return promise;
}

const drainTimeoutMs = 300_000;
const restMs = 5_000;

async function waitUntilDrained(dataDir: string): Promise<void> {
  const deadline = Date.now() + drainTimeoutMs;
  for (;;) {
    const { consumers, outbox } = await readStatus(dataDir);
    const left = [...consumers.map(({ pending }) => pending), ...outbox.map(({ rows }) => rows)];
    if (left.every((count) => count === 0)) break;
    if (Date.now() > deadline) throw new Error('messages are still under way after five minutes');
    await sleep(500);
  }
  await sleep(restMs);
}

async function start(
  vedette: string,
  dataArgs: readonly string[],
  rulesDirs: readonly string[],
): Promise<{ seconds: number; endpoints: Endpoints }> {
  const startedAt = performance.now();
  const options = ['--detach', '--no-demo', '--port-base', String(portBase)];
  const environment = `VEDETTE_RULES_DIRS=${rulesDirs.join(',')}`;
  const child = spawn('env', [environment, vedette, 'up', ...options, ...dataArgs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`'up' ended with ${code}`);
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return { seconds, endpoints: JSON.parse(printed) as Endpoints };
}

/** Milliseconds, rounded to a tenth. */
export interface Latencies {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
  readonly samples: number;
}

export function toLatencies(milliseconds: readonly number[]): Latencies {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Math.round((sorted[Math.ceil(sorted.length * share) - 1] ?? NaN) * 10) / 10;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), samples: sorted.length };
}
