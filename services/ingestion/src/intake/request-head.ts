import type { IncomingHttpHeaders } from 'node:http';
import { Refusal } from './refusal.ts';

/** How a body is compressed. */
export type Encoding = 'identity' | 'gzip' | 'zstd';

/** A record on each line, or one JSON value that is a record or a list of records. */
export type BodyFormat = 'LINES' | 'JSON';

/** What a request says about its body, checked before a byte of the body is read. */
export interface RequestHead {
  readonly format: BodyFormat;
  readonly encoding: Encoding;
  /** Bytes of the body as it is sent; absent where the sender does not know. */
  readonly declaredBytes?: number;
  readonly idempotencyKey?: string;
  /** Whether the answer should list the events' ids (RFC 7240). */
  readonly wantsIds: boolean;
}

export const maxCompressedBytes = 10 * 1024 * 1024;

/** `application/json` is what webhooks send. */
const formats: ReadonlyMap<string, BodyFormat> = new Map([
  ['application/x-ndjson', 'LINES'],
  ['application/ndjson', 'LINES'],
  ['application/json', 'JSON'],
]);
/** One to 200 visible ASCII characters. */
const idempotencyKeyShape = /^[!-~]{1,200}$/;

/** The token of `Authorization: Bearer …`, or null. */
export function readBearerToken(headers: IncomingHttpHeaders): string | null {
  return /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

/** Checks a request's headers, in the order that senders are told of. @throws {Refusal} the first problem */
export function readHead(headers: IncomingHttpHeaders): RequestHead {
  const format = readFormat(headers['content-type'] ?? '');
  const encoding = readEncoding(headers['content-encoding'] ?? '');
  const declaredBytes = readLength(headers['content-length']);
  const idempotencyKey = headers['idempotency-key'];
  if (idempotencyKey !== undefined && !isIdempotencyKey(idempotencyKey)) {
    throw new Refusal(
      400,
      'BAD_USER_INPUT',
      'Idempotency-Key has 1 to 200 visible ASCII characters.',
    );
  }
  return {
    format,
    encoding,
    wantsIds: /(^|,)\s*return\s*=\s*"?representation"?\s*(;|,|$)/i.test(
      String(headers['prefer'] ?? ''),
    ),
    ...(declaredBytes === undefined ? {} : { declaredBytes }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  };
}

function isIdempotencyKey(value: string | string[]): value is string {
  return typeof value === 'string' && idempotencyKeyShape.test(value);
}

function readFormat(value: string): BodyFormat {
  const [type = '', ...parameters] = value
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const isUtf8 = parameters.every(
    (parameter) => !parameter.startsWith('charset=') || /^charset="?utf-?8"?$/.test(parameter),
  );
  const format = formats.get(type);
  if (format && isUtf8) return format;
  throw new Refusal(
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    'Send newline-delimited JSON in UTF-8 as application/x-ndjson, or one JSON value as application/json.',
    { headers: { 'accept-post': [...formats.keys()].join(', ') } },
  );
}

function readEncoding(value: string): Encoding {
  switch (value.trim().toLowerCase()) {
    case '':
    case 'identity':
      return 'identity';
    case 'gzip':
      return 'gzip';
    case 'zstd':
      return 'zstd';
    default:
      throw new Refusal(
        415,
        'UNSUPPORTED_ENCODING',
        'A body is compressed once, by gzip or zstd, or not at all.',
        { headers: { 'accept-encoding': 'gzip, zstd' } },
      );
  }
}

function readLength(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const bytes = Number(value);
  if (bytes > maxCompressedBytes) throw bodyTooLarge();
  return bytes;
}

export function bodyTooLarge(): Refusal {
  return new Refusal(
    413,
    'PAYLOAD_TOO_LARGE',
    `A body has at most ${maxCompressedBytes} bytes; send several requests.`,
  );
}
