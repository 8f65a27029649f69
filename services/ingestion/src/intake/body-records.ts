import { isUtf8 } from 'node:buffer';
import type { ConnectorDefinition } from '../connectors/index.ts';
import type { DeliveredRecord, RejectedRecord } from './accept-records.ts';
import { checkLineCount, maxLines, parseLine, splitLines, takeApart } from './record-lines.ts';
import { Refusal } from './refusal.ts';
import type { BodyFormat } from './request-head.ts';

/**
 * The records of a body, each with the line (of a list: the place in it) that it came from.
 * @throws {Refusal} the body holds nothing, too many lines, or is not the JSON that it says it is
 */
export function* recordsOf(
  body: Buffer,
  format: BodyFormat,
  connector: ConnectorDefinition,
): Generator<DeliveredRecord | RejectedRecord> {
  if (format === 'JSON') {
    yield* recordsOfJson(body, connector);
    return;
  }
  checkLineCount(body);
  let lines = 0;
  for (const { number, bytes } of splitLines(body)) {
    lines += 1;
    for (const parsed of parseLine(bytes, connector)) {
      yield 'code' in parsed
        ? { ...parsed, line: number, raw: bytes }
        : { ...parsed, line: number };
    }
  }
  if (lines === 0) throw new Refusal(400, 'BAD_USER_INPUT', 'The body holds no events.');
}

/** One JSON value over any number of lines, as webhooks send it: a record, or a list of records. */
function* recordsOfJson(
  body: Buffer,
  connector: ConnectorDefinition,
): Generator<DeliveredRecord | RejectedRecord> {
  const value = parseBody(body);
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (items.length === 0) throw new Refusal(400, 'BAD_USER_INPUT', 'The body holds no events.');
  if (items.length > maxLines) {
    throw new Refusal(413, 'PAYLOAD_TOO_LARGE', `A list has at most ${maxLines} records.`);
  }
  for (const [index, item] of items.entries()) {
    const raw = JSON.stringify(item);
    for (const parsed of takeApart(item, raw, connector)) {
      yield { ...parsed, line: index + 1, ...('code' in parsed ? { raw } : {}) } as
        DeliveredRecord | RejectedRecord;
    }
  }
}

function parseBody(body: Buffer): unknown {
  if (!isUtf8(body)) throw new Refusal(400, 'BAD_USER_INPUT', 'The body is not valid UTF-8.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Refusal(
      400,
      'BAD_USER_INPUT',
      'The body is not JSON. Send single records line by line as application/x-ndjson.',
    );
  }
}
