import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import type { Gunzip, InputType, ZlibOptions } from 'node:zlib';
import type { Reservation } from './byte-budget.ts';
import { Refusal } from './refusal.ts';
import { bodyTooLarge, maxCompressedBytes } from './request-head.ts';
import type { Encoding, RequestHead } from './request-head.ts';

const maxDecompressedBytes = 20 * 1024 * 1024;
/** Telemetry compresses 10- to 30-fold. A small body may be as repetitive as it likes. */
const maxRatio = 100;
const ratioFreeBytes = 1024 * 1024;

/**
 * Reads a request's body and decompresses it. Both are counted while they grow, against their caps and
 * against what the process may hold, so that no body costs more than that.
 * @throws {Refusal} too large, cut off, not what its encoding says, or no room at the moment
 */
export async function readBody(
  request: IncomingMessage,
  head: RequestHead,
  reservation: Reservation,
): Promise<Buffer> {
  const body = await readRaw(request, head, reservation);
  if (head.encoding === 'identity') return body;
  const maxBytes = Math.min(maxDecompressedBytes, Math.max(body.length * maxRatio, ratioFreeBytes));
  const decompressed = await decompress(body, head.encoding, maxBytes);
  reservation.grow(decompressed.length);
  reservation.shrink(body.length);
  return decompressed;
}

async function readRaw(
  request: IncomingMessage,
  { declaredBytes = 0 }: RequestHead,
  reservation: Reservation,
): Promise<Buffer> {
  reservation.grow(declaredBytes);
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > maxCompressedBytes) throw bodyTooLarge();
      if (length > declaredBytes) reservation.grow(Math.min(chunk.length, length - declaredBytes));
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof Refusal) throw cause;
    throw new Refusal(400, 'BAD_USER_INPUT', 'The body was cut off.', { cause });
  }
  return Buffer.concat(chunks, length);
}

interface Decompressed {
  readonly buffer: Buffer;
  /** Its `bytesWritten` are the compressed bytes that were made use of. */
  readonly engine: Pick<Gunzip, 'bytesWritten'>;
}

type Decompress = (body: InputType, options: ZlibOptions) => Promise<Buffer>;

const decompressors = {
  gzip: promisify(gunzip) as Decompress,
  zstd: promisify(zstdDecompress) as Decompress,
} as const;

async function decompress(
  body: Buffer,
  encoding: Exclude<Encoding, 'identity'>,
  maxBytes: number,
): Promise<Buffer> {
  let result: Decompressed;
  try {
    const options = { info: true, maxOutputLength: maxBytes };
    // With `info` the promise holds an object, which the types do not know.
    result = (await decompressors[encoding](body, options)) as unknown as Decompressed;
  } catch (cause) {
    if ((cause as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Refusal(
        413,
        'PAYLOAD_TOO_LARGE',
        `A body has at most ${maxDecompressedBytes} bytes decompressed, and ${maxRatio} times its compressed size.`,
      );
    }
    throw new Refusal(400, 'BAD_USER_INPUT', `The body is not valid ${encoding}, or cut off.`, {
      cause,
    });
  }
  if (result.engine.bytesWritten !== body.length) {
    throw new Refusal(400, 'BAD_USER_INPUT', `Something follows the end of the ${encoding} data.`);
  }
  return result.buffer;
}
