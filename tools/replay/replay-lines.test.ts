import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { replayLines, type ReplayOptions } from './replay-lines.ts';
import type { PlacedLine } from './send-events.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function aFile(content: string): string {
  const file = join(folder, 'events.ndjson');
  writeFileSync(file, content);
  return file;
}

async function replay(
  files: readonly string[],
  options: Partial<ReplayOptions> = {},
): Promise<readonly PlacedLine[]> {
  const lines: PlacedLine[] = [];
  for await (const line of replayLines(files, { rebaseTo: null, rounds: 1, ...options }))
    lines.push(line);
  return lines;
}

describe('the lines of a replay', () => {
  it('are sent as they are written when no clock moves', async () => {
    const text = '{ "UtcTime": "2026-01-02 03:04:05.678",  "Size": 1.0 }';
    const file = aFile(`\n${text}\nnot json\n`);
    expect(await replay([file])).toEqual([
      { text, origin: `${file}:2` },
      { text: 'not json', origin: `${file}:3` },
    ]);
  });

  it('come twice when the file is given twice', async () => {
    const file = aFile('{"a":1}\n');
    expect((await replay([file, file])).map(({ text }) => text)).toEqual(['{"a":1}', '{"a":1}']);
  });

  it('move so that the newest event is at the wanted time', async () => {
    const file = aFile('{"UtcTime":"2026-01-02 03:04:05"}\n{"UtcTime":"2026-01-02 03:04:06"}\n');
    const rebaseTo = Date.parse('2026-06-01T00:00:00Z');
    expect((await replay([file], { rebaseTo })).map(({ text }) => text)).toEqual([
      '{"UtcTime":"2026-05-31 23:59:59"}',
      '{"UtcTime":"2026-06-01 00:00:00"}',
    ]);
  });
});
