import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { compileRules, defaultLogsourceMap } from '@vedette/sigma';
import type { LogsourceMap, RuleSet, RuleSource, SigmaEvent } from '@vedette/sigma';
import {
  readLogsourceMap,
  readNdjson,
  readRuleSources,
  toSigmaEvent,
} from '@vedette/sigma/command';
import { measureCorrelator } from './correlator-bench.ts';
import { readEvents, writeGeneratedEvents } from './engine-events.ts';
import { generateRules } from './generated-rules.ts';

/** How fast one thing goes: as one core's clock on the wall and its processor time see it. */
interface Rate {
  readonly events: number;
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

export interface EngineFigures {
  readonly rules: { readonly loaded: number; readonly refused: number };
  /** What the events were, by share. */
  readonly data: { readonly events: number; readonly mix: Readonly<Record<string, number>> };
  readonly compile: { readonly seconds: number; readonly memoryMiB: number };
  /** Parsed events, evaluated. */
  readonly evaluate: {
    readonly all: Rate;
    readonly processCreation: Rate | null;
    readonly scriptBlocks: Rate | null;
    readonly p50Us: number;
    readonly p99Us: number;
  };
  /** Compressed lines in, matches out: unpacking and parsing are most of it. */
  readonly file: Rate;
  /** 7,000 rules more: how many times slower evaluation and compilation become. */
  readonly with7000More: { readonly evaluateSlower: number; readonly compileSeconds: number };
  readonly correlation: { readonly groups: number; readonly updates: number } & Omit<
    Rate,
    'events'
  >;
}

export interface EngineOptions {
  /** Folders with rules; the built-in pack when empty. */
  readonly rules: readonly string[];
  readonly logsourceMap?: string;
  /** NDJSON, also gzip; generated ordinary activity when empty. */
  readonly events: readonly string[];
  /** How long each thing is measured. */
  readonly seconds: number;
}

/** The engine alone, on one core: no service runs. */
export async function benchEngine(
  builtIn: string,
  onProgress: (message: string) => void,
  options: EngineOptions,
): Promise<EngineFigures> {
  const sources = await readRuleSources(options.rules.length > 0 ? options.rules : [builtIn]);
  const logsources = options.logsourceMap
    ? await readLogsourceMap(options.logsourceMap)
    : defaultLogsourceMap;
  onProgress(`compiling ${sources.length} files`);
  const compiled = measureCompile(sources, logsources);
  const files = options.events.length > 0 ? options.events : [await writeGeneratedEvents()];
  onProgress('reading events');
  const events = await readEvents(files);
  const { ruleSet } = compiled;
  onProgress('evaluating');
  const evaluate = measureEvaluation(ruleSet, events, options.seconds);
  onProgress('from files');
  const file = await measureFiles(ruleSet, files);
  onProgress('with 7,000 rules more');
  const more = measureCompile([...sources, ...generateRules(7_000)], logsources);
  const slower = rateOf(more.ruleSet, events.all, options.seconds);
  onProgress('correlating');
  return {
    rules: { loaded: ruleSet.rules.length, refused: compiled.refused },
    data: { events: events.all.length, mix: events.mix },
    compile: { seconds: compiled.seconds, memoryMiB: compiled.memoryMiB },
    evaluate,
    file,
    with7000More: {
      evaluateSlower: round(evaluate.all.perCpuSecond / slower.perCpuSecond, 2),
      compileSeconds: more.seconds,
    },
    correlation: measureCorrelator(options.seconds),
  };
}

interface Compiled {
  readonly ruleSet: RuleSet;
  readonly refused: number;
  readonly seconds: number;
  readonly memoryMiB: number;
}

function measureCompile(sources: readonly RuleSource[], logsources: LogsourceMap): Compiled {
  const before = memoryInUse();
  const startedAt = performance.now();
  const { ruleSet, refused } = compileRules(sources, { logsources });
  const seconds = round((performance.now() - startedAt) / 1_000, 2);
  const memoryMiB = round((memoryInUse() - before) / 1024 ** 2, 0);
  return { ruleSet, refused: refused.length, seconds, memoryMiB };
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

type Events = Awaited<ReturnType<typeof readEvents>>;

function measureEvaluation(
  ruleSet: RuleSet,
  { all, processCreation, scriptBlocks }: Events,
  seconds: number,
): EngineFigures['evaluate'] {
  const optional = (events: readonly SigmaEvent[]): Rate | null =>
    events.length > 0 ? rateOf(ruleSet, events, seconds) : null;
  const rate = rateOf(ruleSet, all, seconds);
  const times = Float64Array.from(all, (event) => {
    const startedAt = performance.now();
    ruleSet.match(event);
    return (performance.now() - startedAt) * 1_000;
  }).sort();
  const at = (share: number): number => round(times[Math.floor(times.length * share)] ?? NaN, 1);
  return {
    all: rate,
    processCreation: optional(processCreation),
    scriptBlocks: optional(scriptBlocks),
    p50Us: at(0.5),
    p99Us: at(0.99),
  };
}

/** The best of several rounds: what disturbs a round is not the engine's. */
function rateOf(ruleSet: RuleSet, events: readonly SigmaEvent[], seconds: number): Rate {
  const rounds = Math.max(1, Math.ceil(5_000 / events.length));
  let best: Rate = { events: events.length, perSecond: 0, perCpuSecond: 0 };
  const until = performance.now() + seconds * 1_000;
  do {
    const { wall, cpu } = timed(() => {
      for (let round = 0; round < rounds; round += 1)
        for (const event of events) ruleSet.match(event);
    });
    const count = events.length * rounds;
    best = {
      events: events.length,
      perSecond: Math.max(best.perSecond, Math.round(count / wall)),
      perCpuSecond: Math.max(best.perCpuSecond, Math.round(count / cpu)),
    };
  } while (performance.now() < until);
  return best;
}

function timed(work: () => void): { readonly wall: number; readonly cpu: number } {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return { wall: (performance.now() - startedAt) / 1_000, cpu: (user + system) / 1e6 };
}

async function measureFiles(ruleSet: RuleSet, files: readonly string[]): Promise<Rate> {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  let events = 0;
  for (const file of files) {
    for await (const { text } of readNdjson(file)) {
      events += 1;
      ruleSet.match(toSigmaEvent(JSON.parse(text) as Record<string, unknown>));
    }
  }
  const { user, system } = process.cpuUsage(before);
  const wall = (performance.now() - startedAt) / 1_000;
  return {
    events,
    perSecond: Math.round(events / wall),
    perCpuSecond: Math.round(events / ((user + system) / 1e6)),
  };
}

function round(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
