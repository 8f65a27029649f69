import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

export interface SendResult {
  accepted: number;
  rejected: number;
  /** The first few rejections, as ingestion explains them. */
  readonly errors: { origin: string; code: string; message: string }[];
}

/** A line to send and where it comes from, such as `events.ndjson:12`. */
export interface PlacedLine {
  readonly text: string;
  readonly origin: string;
}

export interface SendOptions {
  /** Base URL of ingestion's HTTP door. */
  readonly url: string;
  /** The sensor key. */
  readonly key: string;
  /** Events a second at most; absent means as fast as they are accepted. */
  readonly rate?: number;
  readonly batchSize?: number;
}

const maxBatchEvents = 500;
const maxBatchChars = 1024 * 1024;
const maxAttempts = 30;
const shownErrors = 5;
const compress = promisify(gzip);

/**
 * Sends lines in order, in gzip batches; a bare text has its place in the order as its origin. A batch that is refused for the moment (429, 503) or whose
 * answer is lost is sent again under the same idempotency key, so that no event counts twice.
 * @throws {Error} ingestion refuses a batch for good, or does not recover
 */
export async function sendEvents(
  lines: AsyncIterable<string | PlacedLine>,
  options: SendOptions,
): Promise<SendResult> {
  const result: SendResult = { accepted: 0, rejected: 0, errors: [] };
  const startedAt = performance.now();
  let sent = 0;
  for await (const batch of inBatches(withOrigins(lines), options.batchSize ?? maxBatchEvents)) {
    if (options.rate)
      await sleep(Math.max(0, (sent / options.rate) * 1_000 - (performance.now() - startedAt)));
    const answer = await sendBatch(batch, options);
    result.accepted += answer.accepted;
    result.rejected += answer.rejected;
    for (const { line, code, message } of answer.errors ?? []) {
      const origin = batch[line - 1]?.origin ?? `line ${String(line)} of a batch`;
      if (result.errors.length < shownErrors) result.errors.push({ origin, code, message });
    }
    sent += batch.length;
  }
  return result;
}

async function* withOrigins(lines: AsyncIterable<string | PlacedLine>): AsyncGenerator<PlacedLine> {
  let place = 0;
  for await (const line of lines) {
    place += 1;
    yield typeof line === 'string' ? { text: line, origin: `line ${String(place)}` } : line;
  }
}

async function* inBatches(
  lines: AsyncIterable<PlacedLine>,
  batchSize: number,
): AsyncGenerator<PlacedLine[]> {
  let batch: PlacedLine[] = [];
  let chars = 0;
  for await (const line of lines) {
    if (
      batch.length > 0 &&
      (batch.length >= batchSize || chars + line.text.length > maxBatchChars)
    ) {
      yield batch;
      batch = [];
      chars = 0;
    }
    batch.push(line);
    chars += line.text.length;
  }
  if (batch.length > 0) yield batch;
}

interface Answer {
  readonly accepted: number;
  readonly rejected: number;
  /** `line` counts from 1 within the batch. */
  readonly errors?: readonly { line: number; code: string; message: string }[];
}

async function sendBatch(batch: readonly PlacedLine[], { url, key }: SendOptions): Promise<Answer> {
  const text = batch.map((line) => `${line.text}\n`).join('');
  const body = await compress(text, { level: 1 });
  const idempotencyKey = randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    const response = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/x-ndjson',
        'content-encoding': 'gzip',
        'idempotency-key': idempotencyKey,
      },
      body,
      signal: AbortSignal.timeout(60_000),
    }).catch((error: unknown) => {
      if (attempt >= maxAttempts) throw new Error('ingestion does not answer', { cause: error });
      return null;
    });
    if (response) {
      const answer = (await response.json()) as Answer & { error?: { message: string } };
      // All rejected is 400 and still an answer about each line.
      if (response.ok || typeof answer.rejected === 'number') return answer;
      const isTemporary = [409, 429, 503].includes(response.status);
      if (!isTemporary || attempt >= maxAttempts) {
        throw new Error(`ingestion refuses: ${response.status} ${answer.error?.message ?? ''}`);
      }
    }
    await sleep(Math.min(Number(response?.headers.get('retry-after') ?? 1), 5) * 1_000);
  }
}
