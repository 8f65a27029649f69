import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoints } from '../local-stack/endpoints.ts';
import { readStatus } from '../local-stack/status.ts';
import { toLatencies, withBenchStack } from './bench-stack.ts';
import type { Latencies } from './bench-stack.ts';
import {
  askAsOperator,
  closeConnections,
  cpuPerEvent,
  eventsPerBatch,
  freshBatches,
  onboardSensors,
  sendUntilAccepted,
} from './event-load.ts';
import type { SendFigures } from './event-load.ts';
import { generateRules } from './generated-rules.ts';
import { cpuByProcess, memoryByProcess } from './process-figures.ts';

export interface PipelineFigures {
  readonly wantedPerSecond: number;
  readonly sent: number;
  readonly seconds: number;
  /** From the first event sent to the last one stored and matched. */
  readonly eventsPerSecond: number;
  readonly requestMs: Latencies;
  readonly refused: number;
  /** Messages that history or a detector had not handled, every ten seconds, and how they grew in a minute. */
  readonly lag: {
    readonly samples: readonly number[];
    readonly slopePerMinute: number;
    readonly drainedAfterSeconds: number;
  };
  /** Anonymous memory, by process: MiB gained in a minute, over the second half of the run. */
  readonly memorySlopeMiBPerMinute: Readonly<Record<string, number>>;
  readonly cpuMicrosecondsPerEvent: Readonly<Record<string, number>>;
}

export interface PipelineOptions {
  readonly seconds: number;
  /** Events a second that are sent. */
  readonly rate: number;
  /** Rules that run beside our own; generated ones up to 3,000 when empty. */
  readonly rules: readonly string[];
}

const customers = 8;
const wantedRules = 3_000;
const sampleSeconds = 10;

/**
 * Sends new events at a steady rate through everything: door, stream, history and detectors with 3,000 rules. It
 * keeps up when what waits does not grow.
 */
export async function benchPipeline(
  root: string,
  onProgress: (message: string) => void,
  options: PipelineOptions,
): Promise<PipelineFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'vedette-bench-rules-'));
  try {
    const rulesDirs = options.rules.length > 0 ? options.rules : [await writeRules(folder)];
    return await withBenchStack(root, onProgress, async ({ start, dataDir }) => {
      const { endpoints } = await start(rulesDirs.map((each) => resolve(each)));
      const sensors = await onboardSensors(askAsOperator(endpoints), customers);
      onProgress(`${options.rate} events/s for ${options.seconds} s`);
      return await measure(endpoints, dataDir, sensors, options, onProgress);
    });
  } finally {
    closeConnections();
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeRules(folder: string): Promise<string> {
  for (const { file, text } of generateRules(wantedRules))
    await writeFile(join(folder, file), text);
  return folder;
}

interface Sample {
  readonly seconds: number;
  readonly pending: number;
  readonly memoryMiB: Readonly<Record<string, number>>;
}

async function measure(
  endpoints: Endpoints,
  dataDir: string,
  sensors: readonly { readonly key: string }[],
  { seconds, rate }: PipelineOptions,
  onProgress: (message: string) => void,
): Promise<PipelineFigures> {
  const sources = sensors.map(({ key }, n) => ({ key, batches: freshBatches(n, 'pipeline') }));
  const figures: SendFigures = { accepted: 0, refused: 0, latenciesMs: [] };
  const cpuBefore = cpuByProcess(endpoints);
  const startedAt = performance.now();
  const elapsed = (): number => (performance.now() - startedAt) / 1_000;
  const samples: Sample[] = [];
  const sending = Promise.all(
    sources.map(async ({ key, batches }) => {
      const interval = (eventsPerBatch * customers) / rate;
      for (let n = 0; elapsed() < seconds; n += 1) {
        await sleep(Math.max(0, (n * interval - elapsed()) * 1_000));
        await sendUntilAccepted(endpoints.ingest.http, key, await batches(), figures);
      }
    }),
  );
  const sampling = (async () => {
    for (let at = sampleSeconds; at <= seconds; at += sampleSeconds) {
      await sleep(Math.max(0, (at - elapsed()) * 1_000));
      const pending = await pendingMessages(dataDir);
      samples.push({ seconds: elapsed(), pending, memoryMiB: memoryByProcess(endpoints) });
      onProgress(`${Math.round(elapsed())} s: ${figures.accepted} accepted, ${pending} waiting`);
    }
  })();
  await Promise.all([sending, sampling]);
  const sentSeconds = elapsed();
  while ((await pendingMessages(dataDir)) > 0) await sleep(200);
  const allSeconds = elapsed();
  const second = samples.slice(Math.floor(samples.length / 2));
  return {
    wantedPerSecond: rate,
    sent: figures.accepted,
    seconds: round(sentSeconds),
    eventsPerSecond: Math.round(figures.accepted / allSeconds),
    requestMs: toLatencies(figures.latenciesMs),
    refused: figures.refused,
    lag: {
      samples: samples.map(({ pending }) => pending),
      slopePerMinute: slopePerMinute(samples, ({ pending }) => pending),
      drainedAfterSeconds: round(allSeconds - sentSeconds),
    },
    memorySlopeMiBPerMinute: Object.fromEntries(
      Object.keys(second[0]?.memoryMiB ?? {}).map((name) => [
        name,
        slopePerMinute(second, ({ memoryMiB }) => memoryMiB[name] ?? 0),
      ]),
    ),
    cpuMicrosecondsPerEvent: cpuPerEvent(cpuBefore, cpuByProcess(endpoints), figures.accepted),
  };
}

async function pendingMessages(dataDir: string): Promise<number> {
  const { consumers } = await readStatus(dataDir);
  return consumers
    .filter(({ stream }) => stream === 'TELEMETRY')
    .reduce((sum, { pending }) => sum + pending, 0);
}

/** Least squares. */
function slopePerMinute(samples: readonly Sample[], valueOf: (sample: Sample) => number): number {
  const count = samples.length;
  if (count < 2) return 0;
  const meanX = samples.reduce((sum, { seconds }) => sum + seconds, 0) / count;
  const meanY = samples.reduce((sum, sample) => sum + valueOf(sample), 0) / count;
  const covariance = samples.reduce(
    (sum, sample) => sum + (sample.seconds - meanX) * (valueOf(sample) - meanY),
    0,
  );
  const variance = samples.reduce((sum, { seconds }) => sum + (seconds - meanX) ** 2, 0);
  return round((covariance / variance) * 60);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
