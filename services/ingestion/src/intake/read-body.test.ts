import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { createByteBudget } from './byte-budget.ts';
import type { Reservation } from './byte-budget.ts';
import { readBody } from './read-body.ts';
import { Refusal } from './refusal.ts';
import type { Encoding } from './request-head.ts';

const mebibyte = 1024 * 1024;
const text = '{"a":1}\n';

function reserve(): Reservation {
  return createByteBudget({ total: 64 * mebibyte, perCustomer: 16 * mebibyte }).reserve('one');
}

function read(chunks: readonly Buffer[], encoding: Encoding): Promise<Buffer> {
  const request = Readable.from(chunks) as IncomingMessage;
  return readBody(request, { format: 'LINES', encoding, wantsIds: false }, reserve());
}

async function refusalOf(
  chunks: readonly Buffer[],
  encoding: Encoding,
): Promise<number | undefined> {
  try {
    await read(chunks, encoding);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.status;
    throw error;
  }
}

describe('a body', () => {
  it.each([
    ['identity', Buffer.from(text)],
    ['gzip', gzipSync(text)],
    ['gzip', Buffer.concat([gzipSync('{"a"'), gzipSync(':1}\n')])],
    ['zstd', zstdCompressSync(text)],
  ] as const)('is read in pieces, compressed by %s', async (encoding, body) => {
    const pieces = Array.from(body, (_, at) => body.subarray(at, at + 1));
    expect((await read(pieces, encoding)).toString()).toBe(text);
  });

  it.each([
    ['gzip', Buffer.from(text)],
    ['gzip', gzipSync(text).subarray(0, -3)],
    ['gzip', Buffer.concat([gzipSync(text), Buffer.from('more')])],
    ['gzip', Buffer.concat([gzipSync(text), Buffer.alloc(8)])],
    ['gzip', Buffer.alloc(0)],
    ['zstd', Buffer.from(text)],
    ['zstd', zstdCompressSync(text).subarray(0, -3)],
    ['zstd', Buffer.concat([zstdCompressSync(text), Buffer.from('more')])],
    ['zstd', gzipSync(text)],
  ] as const)('is refused as 400 when it is not valid %s', async (encoding, body) => {
    expect(await refusalOf([body], encoding)).toBe(400);
  });

  it('has ten MiB at most as it is sent', async () => {
    const part = Buffer.alloc(mebibyte, 'x');
    expect(
      await refusalOf(
        Array.from({ length: 10 }, () => part),
        'identity',
      ),
    ).toBeUndefined();
    expect(
      await refusalOf(
        Array.from({ length: 11 }, () => part),
        'identity',
      ),
    ).toBe(413);
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('has twenty MiB at most decompressed by %s', async (encoding, compress) => {
    // Partly random: it compresses, though not a hundredfold.
    const blocks = (count: number) =>
      Array.from({ length: count }, () => [randomBytes(20_000), Buffer.alloc(mebibyte - 20_000)]);
    const compressed = (mebibytes: number) => compress(Buffer.concat(blocks(mebibytes).flat()));
    expect(await refusalOf([compressed(20)], encoding)).toBeUndefined();
    expect(await refusalOf([compressed(21)], encoding)).toBe(413);
  });

  it('may be repetitive, but only while it is small', async () => {
    expect(await refusalOf([gzipSync(Buffer.alloc(mebibyte))], 'gzip')).toBeUndefined();
    expect(await refusalOf([gzipSync(Buffer.alloc(2 * mebibyte))], 'gzip')).toBe(413);
  });
});
