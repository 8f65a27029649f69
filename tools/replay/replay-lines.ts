import { readNdjson } from '@vedette/sigma/command';
import { measureClocks, moveClocks } from './record-clocks.ts';
import type { FileClocks } from './record-clocks.ts';
import type { PlacedLine } from './send-events.ts';

export interface ReplayOptions {
  /** Epoch ms that the newest event of the last round gets; null leaves the times where they are. */
  readonly rebaseTo: number | null;
  readonly rounds: number;
}

/**
 * Records of the files, line by line, with their clocks corrected and moved. A line whose clocks stay
 * is passed on as it is written, and so is one that is not JSON: ingestion says what is wrong with it.
 */
export async function* replayLines(
  files: readonly string[],
  options: ReplayOptions,
): AsyncGenerator<PlacedLine> {
  const clocks = new Map<string, FileClocks>();
  for (const file of new Set(files)) clocks.set(file, await measureClocks(readRecords(file)));
  const readable = [...clocks.values()].filter(({ newest }) => !Number.isNaN(newest));
  const newest = Math.max(...readable.map((each) => each.newest));
  const oldest = Math.min(...readable.map((each) => each.oldest));
  const roundMs = readable.length > 0 ? newest - oldest + 1_000 : 0;
  const rebaseMs =
    options.rebaseTo === null || readable.length === 0 ? 0 : options.rebaseTo - newest;
  for (let round = 0; round < options.rounds; round += 1) {
    const shiftMs = rebaseMs - (options.rounds - 1 - round) * roundMs;
    for (const file of files) {
      const offsets = clocks.get(file)?.offsets ?? new Map<string, number>();
      const isMoved = shiftMs !== 0 || [...offsets.values()].some((offset) => offset !== 0);
      for await (const { line, text } of readNdjson(file)) {
        const record = isMoved ? parse(text) : undefined;
        if (record !== undefined) moveClocks(record, offsets, shiftMs);
        const sent = record === undefined ? text : JSON.stringify(record);
        yield { text: sent, origin: `${file}:${String(line)}` };
      }
    }
  }
}

async function* readRecords(file: string): AsyncGenerator {
  for await (const { text } of readNdjson(file)) {
    const record = parse(text);
    if (record !== undefined) yield record;
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Not JSON: the sender's mistake, which ingestion answers with the line's number.
    return undefined;
  }
}
