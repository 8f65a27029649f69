import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { datasetName, readNdjson, type NdjsonLine } from './ndjson.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ndjson-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function read(content: string | Buffer): Promise<readonly NdjsonLine[]> {
  const file = join(folder, 'events.ndjson');
  writeFileSync(file, content);
  return await readAll(file);
}

async function readAll(file: string): Promise<readonly NdjsonLine[]> {
  const lines: NdjsonLine[] = [];
  for await (const line of readNdjson(file)) lines.push(line);
  return lines;
}

describe('reading NDJSON', () => {
  it('numbers lines from 1 and leaves out blank ones, which count', async () => {
    expect(await read('{"a":1}\n\n  \r\n{"b":2}')).toEqual([
      { line: 1, text: '{"a":1}' },
      { line: 4, text: '{"b":2}' },
    ]);
    expect(await read('')).toEqual([]);
  });

  it('leaves out a byte order mark', async () => {
    expect(await read('\ufeff{}')).toEqual([{ line: 1, text: '{}' }]);
  });

  it('tells gzip by its first bytes, whatever the name, and reads all its members', async () => {
    const content = Buffer.concat([gzipSync('{"a":1}\n'), gzipSync('{"b":2}\n')]);
    expect((await read(content)).map(({ text }) => text)).toEqual(['{"a":1}', '{"b":2}']);
  });

  it('joins lines and characters that the chunks of the file cut in two', async () => {
    const long = `"${'é😀'.repeat(700_000)}"`;
    expect((await read(`1\n${long}\n2\n`)).map(({ text }) => text)).toEqual(['1', long, '2']);
  });

  it('fails on broken gzip and on a missing file, and names the file', async () => {
    await expect(read(gzipSync('x'.repeat(10_000)).subarray(0, 25))).rejects.toThrow(
      /events\.ndjson: broken or cut gzip/,
    );
    await expect(readAll(join(folder, 'none'))).rejects.toThrow(/none: there is no such file/);
  });
});

describe('the name of a dataset', () => {
  it("is the file's name without folder and endings", () => {
    expect(datasetName('/a/b/otrf.windows.x.ndjson.gz')).toBe('otrf.windows.x');
    expect(datasetName('x.ndjson')).toBe('x');
  });
});
