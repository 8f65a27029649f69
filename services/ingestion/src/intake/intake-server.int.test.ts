import { request as httpRequest } from 'node:http';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMachineKey } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { adminOf, startTestIngestion } from '../testing/ingestion-product.ts';
import type { TestCustomer, TestIngestion } from '../testing/ingestion-product.ts';
import { aProcessStart, toLines } from '../testing/sysmon-records.ts';

interface Answer {
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: readonly { readonly line: number; readonly code: string }[];
  readonly ids?: readonly string[];
}

let product: TestIngestion;
let customer: TestCustomer;
let key: string;
let recordNumber = 0;

beforeAll(async () => {
  product = await startTestIngestion();
  await product.startHistory();
  await product.createDetectors();
  customer = await product.onboardCustomer();
  key = await product.createSensor(customer);
  await waitFor(() => product.isReady());
});

afterAll(() => product.stop());

function post(
  body: string | Buffer<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(product.eventsUrl, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/x-ndjson',
      prefer: 'return=representation',
      ...headers,
    },
    body,
  });
}

async function answerOf(response: Response): Promise<Answer> {
  return (await response.json()) as Answer;
}

function aLine(): string {
  recordNumber += 1;
  return toLines([aProcessStart({ RecordNumber: recordNumber })]);
}

async function storedIds(ids: readonly string[]): Promise<readonly string[]> {
  const sql = 'select event_id from telemetry_events where event_id = any ($1::uuid[])';
  const rows = await product.select<{ event_id: string }>(sql, [[...ids]]);
  return rows.map((row) => row.event_id).toSorted();
}

describe('an event sent by a sensor', () => {
  it('is answered once it is stored for good, and shows in its customer telemetry', async () => {
    const response = await post(aLine());
    expect(response.status).toBe(200);
    const { ids = [], ...answer } = await answerOf(response);
    expect(answer).toEqual({ accepted: 1, rejected: 0, errors: [] });
    await waitFor(async () => (await storedIds(ids)).length === 1);
    const found = await product.ask(
      adminOf(customer),
      `query ($customerId: ID!) { telemetry(filter: { customerId: $customerId }) {
         nodes { id className userName asset { name customer { id } } fields }
       } }`,
      { customerId: customer.customerId },
    );
    expect(found).toMatchObject({
      data: {
        telemetry: {
          nodes: [
            {
              id: ids[0],
              className: 'Process Activity',
              userName: 'EXAMPLE\\jo',
              asset: { name: 'WS-17.example.test', customer: { id: customer.customerId } },
              fields: { CommandLine: 'whoami /all' },
            },
          ],
        },
      },
    });
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ] as const)('may be compressed by %s', async (encoding, compress) => {
    const response = await post(compress(aLine()), { 'content-encoding': encoding });
    expect(response.status).toBe(200);
    expect(await answerOf(response)).toMatchObject({ accepted: 1 });
  });

  it('has its id in the answer only when the sender asks for it', async () => {
    expect(await answerOf(await post(aLine(), { prefer: 'wait=1' }))).not.toHaveProperty('ids');
  });

  it('is stored once, however often it is sent', async () => {
    const line = aLine();
    const answers = [await answerOf(await post(line)), await answerOf(await post(line))];
    expect(answers[0]?.ids).toEqual(answers[1]?.ids);
    const marker = await answerOf(await post(aLine()));
    await waitFor(async () => (await storedIds(marker.ids ?? [])).length === 1);
    expect(await storedIds(answers[0]?.ids ?? [])).toHaveLength(1);
  });

  it('is stored once also when its record tells no time', async () => {
    const line = '{"message":"no time in here"}\n';
    const first = await answerOf(await post(line));
    await answerOf(await post(line));
    const marker = await answerOf(await post(aLine()));
    await waitFor(async () => (await storedIds(marker.ids ?? [])).length === 1);
    expect(await storedIds(first.ids ?? [])).toHaveLength(1);
  });

  it('among thousands is stored like any other', async () => {
    const lines = Array.from({ length: 3_000 }, () => aLine()).join('');
    const { ids = [], accepted } = await answerOf(await post(lines));
    expect(accepted).toBe(3_000);
    await waitFor(async () => (await storedIds(ids)).length === 3_000);
  });
});

describe('a request that is not in order', () => {
  it.each([
    ['no key', ''],
    ['another scheme', 'Basic abc'],
    ['a mistyped key', 'Bearer vsk_wrong'],
    ['a key that was never given out', `Bearer ${createMachineKey('vsk').text}`],
  ])('is refused with %s', async (_, authorization) => {
    const response = await post(aLine(), { authorization });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toContain('Bearer');
    expect(await response.json()).toMatchObject({ error: { code: 'UNAUTHENTICATED' } });
  });

  it('is refused with the public part of a key and another secret', async () => {
    const other = createMachineKey('vsk');
    const publicId = key.split('_')[1] ?? '';
    const forged = createMachineKey('vsk', (bytes) => Buffer.alloc(bytes, 1)).text;
    expect((await post(aLine(), { authorization: `Bearer ${other.text}` })).status).toBe(401);
    const mixed = forged.replace(/^vsk_[^_]+/, `vsk_${publicId}`);
    expect((await post(aLine(), { authorization: `Bearer ${mixed}` })).status).toBe(401);
  });

  it.each([
    ['another content type', { 'content-type': 'text/plain' }, 415],
    ['an unknown encoding', { 'content-encoding': 'br' }, 415],
    ['two encodings', { 'content-encoding': 'gzip, gzip' }, 415],
    ['an encoding that it is not in', { 'content-encoding': 'gzip' }, 400],
    ['an idempotency key that is none', { 'idempotency-key': 'a b' }, 400],
  ])('is refused with %s', async (_, headers, status) => {
    const response = await post(aLine(), headers);
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { error: { code: string; traceId: string } };
    expect(error.code).toMatch(/^[A-Z_]+$/);
  });

  it('is refused by another method or at another path', async () => {
    const got = await fetch(product.eventsUrl);
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST']);
    const elsewhere = await fetch(new URL('/v1/other', product.eventsUrl), { method: 'POST' });
    expect(elsewhere.status).toBe(404);
  });

  it.each([
    ['cut off', gzipSync(toLines([{ a: 1 }])).subarray(0, -4), 400],
    ['followed by something', Buffer.concat([gzipSync('{}\n'), Buffer.from('x')]), 400],
    ['a bomb', gzipSync(Buffer.alloc(30 * 1024 * 1024)), 413],
  ])('is refused when its gzip is %s', async (_, body, status) => {
    const response = await post(Buffer.from(body), { 'content-encoding': 'gzip' });
    expect(response.status).toBe(status);
  });

  it('is refused when it is too large, said so or not', async () => {
    const large = Buffer.alloc(11 * 1024 * 1024, 'x');
    expect((await post(large)).status).toBe(413);
    expect(await postInPieces(large)).toBe(413);
    expect((await post('{}\n'.repeat(10_001))).status).toBe(413);
  });

  it('is refused without events', async () => {
    for (const body of ['', '\n\n', ' ']) expect((await post(body)).status).toBe(400);
  });
});

/** Without a declared length. */
async function postInPieces(body: Buffer): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const request = httpRequest(product.eventsUrl, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' },
  });
  request.on('response', (response) => resolve(response.statusCode ?? 0)).on('error', reject);
  for (let start = 0; start < body.length; start += 65_536) {
    request.write(body.subarray(start, start + 65_536));
  }
  request.end();
  return promise;
}

describe('bad lines', () => {
  it('keep no good line out, and are named', async () => {
    const text = [
      aLine().trim(),
      'not json',
      '[1]',
      '{"__proto__":{"isAdmin":true}}',
      `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
      `{"a":"${'x'.repeat(1024 * 1024)}"}`,
      '',
      '{"nul":"\\u0000","half":"\\ud800"}',
      aLine().trim(),
    ].join('\n');
    const invalid = Buffer.from([0x0a, 0x7b, 0xff, 0x7d, 0x0a]);
    const response = await post(Buffer.concat([Buffer.from(text), invalid]));
    expect(response.status).toBe(200);
    const answer = await answerOf(response);
    expect(answer).toMatchObject({ accepted: 3, rejected: 6 });
    expect(answer.errors.map(({ line, code }) => [line, code])).toEqual([
      [2, 'INVALID_JSON'],
      [3, 'NOT_AN_OBJECT'],
      [4, 'FORBIDDEN_KEY'],
      [5, 'TOO_DEEP'],
      [6, 'LINE_TOO_LONG'],
      [10, 'INVALID_UTF8'],
    ]);
    await waitFor(async () => (await storedIds(answer.ids ?? [])).length === 3);
  });

  it('alone make the request a bad one', async () => {
    const response = await post('not json\n');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      accepted: 0,
      rejected: 1,
      errors: [{ line: 1 }],
    });
  });
});

describe('an idempotency key', () => {
  it('gives the first answer again, and the ids with it, and publishes nothing more', async () => {
    const body = `${aLine()}broken\n${aLine()}`;
    const first = await post(body, { 'idempotency-key': 'batch-1' });
    const before = await publishedMessages();
    const again = await post(body, { 'idempotency-key': 'batch-1' });
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(await answerOf(again)).toEqual(await answerOf(first));
    expect(await publishedMessages()).toBe(before);
  });

  it('refuses another body', async () => {
    expect((await post(aLine(), { 'idempotency-key': 'batch-2' })).status).toBe(200);
    const other = await post(aLine(), { 'idempotency-key': 'batch-2' });
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ error: { code: 'CONFLICT' } });
  });

  it('counts for the content, however that is compressed', async () => {
    const line = aLine();
    await post(line, { 'idempotency-key': 'batch-3' });
    const headers = { 'idempotency-key': 'batch-3', 'content-encoding': 'gzip' };
    expect((await post(gzipSync(line), headers)).status).toBe(200);
  });

  it('lets one of many equal requests through at a time', async () => {
    const line = aLine();
    const before = await publishedMessages();
    const responses = await Promise.all(
      Array.from({ length: 8 }, () => post(line, { 'idempotency-key': 'batch-4' })),
    );
    const statuses = responses.map(({ status }) => status);
    expect(statuses).toContain(200);
    expect(statuses.every((status) => status === 200 || status === 409)).toBe(true);
    expect(await publishedMessages()).toBe(before + 1);
  });

  it('belongs to one connector', async () => {
    const headers = { 'idempotency-key': 'batch-5' };
    expect((await post(aLine(), headers)).status).toBe(200);
    const other = await product.createSensor(await product.onboardCustomer());
    const response = await post(aLine(), { ...headers, authorization: `Bearer ${other}` });
    expect(response.status).toBe(200);
  });
});

async function publishedMessages(): Promise<number> {
  const { state } = await product.bus.manager.streams.info('TELEMETRY');
  return state.last_seq;
}
