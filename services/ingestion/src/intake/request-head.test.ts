import type { IncomingHttpHeaders } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { Refusal } from './refusal.ts';
import { readBearerToken, readHead } from './request-head.ts';

const ndjson = { 'content-type': 'application/x-ndjson' };

function refusalOf(headers: IncomingHttpHeaders): number | undefined {
  try {
    readHead(headers);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error.status;
    throw error;
  }
}

describe('the head of a request', () => {
  it('says what the body is', () => {
    expect(readHead(ndjson)).toEqual({ format: 'LINES', encoding: 'identity', wantsIds: false });
    expect(readHead({ 'content-type': 'application/json' }).format).toBe('JSON');
    expect(
      readHead({
        'content-type': 'Application/NDJSON; charset=UTF-8',
        'content-encoding': 'GZIP',
        'content-length': '12',
        'idempotency-key': 'batch-1',
        prefer: 'respond-async, return=representation',
      }),
    ).toEqual({
      format: 'LINES',
      encoding: 'gzip',
      declaredBytes: 12,
      idempotencyKey: 'batch-1',
      wantsIds: true,
    });
  });

  it.each([undefined, '', 'text/plain', 'application/x-ndjson; charset=utf-16'])(
    'is refused with the content type %j',
    (type) => {
      expect(refusalOf(type === undefined ? {} : { 'content-type': type })).toBe(415);
    },
  );

  it.each(['br', 'deflate', 'gzip, gzip', 'gzip,zstd', 'x-unknown'])(
    'is refused with the encoding %j',
    (encoding) => {
      expect(refusalOf({ ...ndjson, 'content-encoding': encoding })).toBe(415);
    },
  );

  it('is refused when it declares more than ten MiB', () => {
    expect(refusalOf({ ...ndjson, 'content-length': '10485760' })).toBeUndefined();
    expect(refusalOf({ ...ndjson, 'content-length': '10485761' })).toBe(413);
  });

  it.each(['', 'with space', 'ü', 'x'.repeat(201)])(
    'is refused with the idempotency key %j',
    (key) => {
      expect(refusalOf({ ...ndjson, 'idempotency-key': key })).toBe(400);
    },
  );

  it('names the content type before the encoding before the length', () => {
    const all = { 'content-type': 'a/b', 'content-encoding': 'br', 'content-length': '99999999' };
    expect(refusalOf(all)).toBe(415);
    expect(refusalOf({ ...all, ...ndjson, 'content-encoding': 'gzip' })).toBe(413);
  });
});

describe('the bearer token', () => {
  it('is what follows the scheme', () => {
    expect(readBearerToken({ authorization: 'bearer abc' })).toBe('abc');
    expect(readBearerToken({ authorization: 'Basic abc' })).toBeNull();
    expect(readBearerToken({ authorization: 'Bearer a b' })).toBeNull();
    expect(readBearerToken({})).toBeNull();
  });
});
