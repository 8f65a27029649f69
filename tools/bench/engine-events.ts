import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGzip } from 'node:zlib';
import type { SigmaEvent } from '@vedette/sigma';
import { readNdjson, toSigmaEvent } from '@vedette/sigma/command';
import { backgroundOf } from '../local-stack/activity/background/background.ts';
import { inventedEstates } from '../local-stack/activity/invented-estates.ts';

/** Events in memory, and those of the two kinds that cost most. */
export interface BenchEvents {
  readonly all: readonly SigmaEvent[];
  /** Sysmon's event 1. */
  readonly processCreation: readonly SigmaEvent[];
  /** PowerShell's event 4104. */
  readonly scriptBlocks: readonly SigmaEvent[];
  /** Share of each channel and event id, the largest ten. */
  readonly mix: Readonly<Record<string, number>>;
}

/** More would not fit into memory beside the rules. */
const maxEvents = 300_000;

export async function readEvents(files: readonly string[]): Promise<BenchEvents> {
  const all: SigmaEvent[] = [];
  const processCreation: SigmaEvent[] = [];
  const scriptBlocks: SigmaEvent[] = [];
  const counts = new Map<string, number>();
  for (const file of files) {
    for await (const { text } of readNdjson(file)) {
      if (all.length >= maxEvents) break;
      const event = toSigmaEvent(JSON.parse(text) as Record<string, unknown>);
      const kind = `${textOf(event, 'Channel')} ${textOf(event, 'EventID')}`;
      all.push(event);
      if (kind === 'Microsoft-Windows-Sysmon/Operational 1') processCreation.push(event);
      if (kind === 'Microsoft-Windows-PowerShell/Operational 4104') scriptBlocks.push(event);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
  }
  return { all, processCreation, scriptBlocks, mix: toShares(counts, all.length) };
}

function textOf(event: SigmaEvent, field: string): string {
  const value = event.get(field);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '–';
}

function toShares(counts: ReadonlyMap<string, number>, all: number): Record<string, number> {
  const largest = [...counts].sort(([, a], [, b]) => b - a).slice(0, 10);
  return Object.fromEntries(
    largest.map(([kind, count]) => [kind, Math.round((count / all) * 1_000) / 1_000]),
  );
}

/** Ordinary activity of invented companies as a compressed file. @returns its path, in a folder of its own */
export async function writeGeneratedEvents(): Promise<string> {
  const file = join(await mkdtemp(join(tmpdir(), 'vedette-bench-')), 'ordinary-activity.ndjson.gz');
  const to = Date.parse('2026-10-08T00:00:00Z');
  const from = to - 3 * 24 * 60 * 60 * 1_000;
  const gzip = createGzip({ level: 1 });
  const written = once(gzip.pipe(createWriteStream(file)), 'finish');
  for (const estate of inventedEstates(6, 'engine')) {
    for (const record of backgroundOf({ estate, from, to, seed: 'engine', eventsPerDay: 5_000 })) {
      if (!gzip.write(`${JSON.stringify(record)}\n`)) await once(gzip, 'drain');
    }
  }
  gzip.end();
  await written;
  return file;
}
