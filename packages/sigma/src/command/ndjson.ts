import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PassThrough, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** One line of a file. `line` counts from 1, blank lines included; blank lines themselves are left out. */
export interface NdjsonLine {
  readonly line: number;
  readonly text: string;
}

/** A line longer than this would be held in memory whole; no connector sends one. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The name that a file's events go by: without folder and without `.ndjson` or `.ndjson.gz`. */
export function datasetName(file: string): string {
  return basename(file).replace(/(?:\.ndjson)?(?:\.gz)?$/, '');
}

/**
 * Reads the lines of a file in constant memory. Compression is told by the file's first bytes, not by its name.
 * @throws {Error} unreadable file, broken gzip, a line over 64 MiB; the message names the file
 */
export async function* readNdjson(file: string): AsyncGenerator<NdjsonLine> {
  let line = 0;
  try {
    for await (const bytes of splitLines(await openPlain(file))) {
      line += 1;
      const text = bytes.toString('utf8').replace(/^\ufeff/, '');
      if (text.trim() !== '') yield { line, text };
    }
  } catch (error) {
    throw new Error(`${file}: ${reasonOf(error)}`, { cause: error });
  }
}

function reasonOf(error: unknown): string {
  if (!Error.isError(error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'EISDIR') return 'this is a folder, not a file';
  return code.startsWith('Z_') ? `broken or cut gzip (${error.message})` : error.message;
}

async function openPlain(file: string): Promise<Readable> {
  const isCompressed = await isGzip(file);
  const source = createReadStream(file, { highWaterMark: 1 << 20 });
  if (!isCompressed) return source;
  // `pipeline` carries an error of either side to the reader, which `pipe` would not.
  const plain = new PassThrough({ highWaterMark: 1 << 20 });
  pipeline(source, createGunzip(), plain).catch((error: unknown) => {
    plain.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  return plain;
}

/** The two bytes of RFC 1952. */
async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}

async function* splitLines(source: Readable): AsyncGenerator<Buffer> {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      const piece = chunk.subarray(from, at);
      yield pending.length === 0 ? piece : Buffer.concat([...pending, piece]);
      pending = [];
      pendingBytes = 0;
      from = at + 1;
    }
    if (from < chunk.length) {
      pending.push(chunk.subarray(from));
      pendingBytes += chunk.length - from;
    }
    if (pendingBytes > MAX_LINE_BYTES) throw new Error(`a line is longer than 64 MiB`);
  }
  if (pending.length > 0) yield Buffer.concat(pending);
}
