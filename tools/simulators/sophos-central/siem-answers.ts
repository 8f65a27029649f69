import { ok, readNumber, tenantOf } from './answer.ts';
import type { Answer, Answers, Call } from './answer.ts';
import { timeOf } from './records.ts';
import type { FeedItem } from './records.ts';
import { badRequest } from './vendor-error.ts';

const day = 86_400_000;

/** Where a reader is: after the item of this time and id. */
interface Position {
  readonly at: number;
  readonly id: string;
}

export const siemAnswers: Answers = {
  siemEvents: (call) => readFeed(call, 'events'),
  siemAlerts: (call) => readFeed(call, 'alerts'),
};

/**
 * One page in the order of `created_at`. As at the vendor, a cursor is a place in time: what comes late lies before it
 * and is not shown to who goes on from it.
 */
function readFeed(call: Call, feed: 'events' | 'alerts'): Answer {
  const limit = readNumber(call, 'limit', { fallback: 200, min: 200, max: 1_000 });
  const start = startOf(call);
  const excluded = (call.query.get('exclude_types') ?? '').split(',');
  const waiting = call.state
    .feedOf(tenantOf(call).id, feed)
    .filter((item) => isAfter(feed, item, start) && timeOf(feed, item) <= call.now)
    .filter(({ type }) => !excluded.includes(String(type)));
  const items = waiting.slice(0, limit);
  const last = items.at(-1);
  const end = last ? { at: timeOf(feed, last), id: last.id } : start;
  return ok({ has_more: waiting.length > limit, next_cursor: toCursor(end), items });
}

/** A cursor wins over a date; one from before the last 24 hours counts as one from then. */
function startOf(call: Call): Position {
  const oldest: Position = { at: call.now - day, id: '' };
  const cursor = call.query.get('cursor');
  if (cursor !== null) {
    const position = fromCursor(cursor);
    return position.at < oldest.at ? oldest : position;
  }
  if (!call.query.has('from_date')) return oldest;
  const seconds = Math.floor(call.now / 1_000);
  const bounds = { fallback: 0, min: Math.floor(oldest.at / 1_000), max: seconds };
  return { at: readNumber(call, 'from_date', bounds) * 1_000, id: '' };
}

function isAfter(feed: 'events' | 'alerts', item: FeedItem, { at, id }: Position): boolean {
  const time = timeOf(feed, item);
  return time > at || (time === at && item.id > id);
}

function toCursor({ at, id }: Position): string {
  return Buffer.from(`SIM|${at}|${id}`).toString('base64url');
}

/** @throws {VendorError} no answer has given it */
function fromCursor(text: string): Position {
  const [mark, at = '', id = ''] = Buffer.from(text, 'base64url').toString().split('|');
  if (mark === 'SIM' && /^\d+$/.test(at)) return { at: Number(at), id };
  throw badRequest(`'cursor' is not one that an answer has given.`);
}
