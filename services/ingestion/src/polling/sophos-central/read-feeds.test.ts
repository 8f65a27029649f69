import { describe, expect, it } from '@jest/globals';
import { CentralFailure } from '../../connectors/sophos-central/client/central-failure.ts';
import type { SophosCentralClient } from '../../connectors/sophos-central/client/sophos-central-client.ts';
import type { PollProgress } from '../poll-store.ts';
import { readDetectionsFeed } from './read-detections-feed.ts';
import { readEndpointsFeed } from './read-estate-feeds.ts';
import { readSiemFeed } from './read-siem-feed.ts';

const now = new Date('2026-03-02T12:00:00Z');
const minutesAgo = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
const secondsOf = (date: Date): string => String(Math.floor(date.getTime() / 1_000));
const nothing: PollProgress = { cursor: null, checkpointAt: null };

type Answered = Readonly<Record<string, unknown>> | CentralFailure;

/** A source that gives these answers in turn, and remembers what it was asked. */
function answering(...answers: readonly Answered[]) {
  const asked: { path: string; query: Readonly<Record<string, string>>; body?: object }[] = [];
  const next = async (): Promise<Readonly<Record<string, unknown>>> => {
    const answer = answers[asked.length - 1];
    if (answer === undefined || answer instanceof CentralFailure) {
      throw answer ?? new Error('asked once too often');
    }
    return answer;
  };
  const client: SophosCentralClient = {
    get: (path, query = {}) => {
      const texts = Object.entries(query).map(([name, value]) => [name, String(value)] as const);
      asked.push({ path, query: Object.fromEntries(texts) });
      return next();
    },
    post: (path, body) => {
      asked.push({ path, query: {}, body });
      return next();
    },
  };
  return { client, asked };
}

const refused = new CentralFailure('REFUSED', 'no such cursor');
const emptyPage = { has_more: false, next_cursor: 'end', items: [] };
const anItem = (at: Date) => ({ id: 'e1', created_at: at.toISOString() });

describe('the SIEM feed', () => {
  it('is read from as far back as it goes the first time', async () => {
    const { client, asked } = answering(emptyPage);
    const page = await readSiemFeed(client, 'events')(nothing, now);
    expect(asked).toMatchObject([
      { path: '/siem/v1/events', query: { from_date: secondsOf(minutesAgo(24 * 60 - 1)) } },
    ]);
    expect(page).toEqual({
      ...{ records: [], isLast: true, progress: { cursor: null, checkpointAt: now } },
    });
  });

  it('is read from five minutes before its checkpoint after that', async () => {
    const { client, asked } = answering(emptyPage);
    await readSiemFeed(client, 'events')({ cursor: null, checkpointAt: minutesAgo(10) }, now);
    expect(asked[0]?.query).toMatchObject({ from_date: secondsOf(minutesAgo(15)) });
  });

  it('goes on by cursor, and notes as stored no more than was given', async () => {
    const items = [anItem(minutesAgo(9)), anItem(minutesAgo(3))];
    const { client, asked } = answering({ has_more: true, next_cursor: 'two', items }, emptyPage);
    const read = readSiemFeed(client, 'alerts');
    const first = await read({ cursor: null, checkpointAt: minutesAgo(10) }, now);
    expect(first).toMatchObject({ isLast: false, progress: { checkpointAt: minutesAgo(3) } });
    const later = new Date(now.getTime() + 20_000);
    const second = await read(first.progress, later);
    expect(asked[1]?.query).toMatchObject({ cursor: 'two' });
    // What the source received while the run went on is read by the next one.
    expect(second).toMatchObject({ isLast: true, progress: { cursor: null, checkpointAt: now } });
  });

  it('is not led into the future by a host whose clock is fast', async () => {
    const items = [anItem(new Date('2027-01-01T00:00:00Z'))];
    const { client } = answering({ has_more: true, next_cursor: 'two', items });
    const page = await readSiemFeed(client, 'events')(nothing, now);
    expect(page.progress.checkpointAt).toEqual(now);
  });

  it('drops a cursor that is no longer known, and begins before its checkpoint', async () => {
    const { client, asked } = answering(refused, emptyPage);
    const cursor = { cursor: 'dead', startedAt: minutesAgo(1).getTime() };
    const page = await readSiemFeed(client, 'events')(
      { cursor, checkpointAt: minutesAgo(30) },
      now,
    );
    expect(asked[1]?.query).toMatchObject({ from_date: secondsOf(minutesAgo(35)) });
    expect(page.gap).toBeUndefined();
  });

  it('tells of the gap where it has waited longer than the feed reaches back', async () => {
    const { client, asked } = answering(emptyPage);
    const checkpointAt = minutesAgo(30 * 60);
    const cursor = { cursor: 'old', startedAt: 0 };
    const page = await readSiemFeed(client, 'events')({ cursor, checkpointAt }, now);
    expect(asked).toHaveLength(1);
    expect(page.gap).toEqual({ from: checkpointAt, to: minutesAgo(24 * 60 - 1) });
  });

  it('does not take an answer without items for an empty one', async () => {
    const { client } = answering({ has_more: false });
    await expect(readSiemFeed(client, 'events')(nothing, now)).rejects.toMatchObject({
      code: 'UNREADABLE',
    });
  });

  it('lets any other failure be one', async () => {
    const limited = new CentralFailure('RATE_LIMITED', 'slowly');
    const { client, asked } = answering(limited);
    const cursor = { cursor: 'two', startedAt: 0 };
    const read = readSiemFeed(client, 'events');
    await expect(read({ cursor, checkpointAt: minutesAgo(1) }, now)).rejects.toBe(limited);
    expect(asked).toHaveLength(1);
  });
});

describe('detections', () => {
  const place = { runId: 'r1', from: 0, to: now.getTime(), page: 1 };
  const withRun: PollProgress = { cursor: place, checkpointAt: minutesAgo(10) };
  const finished = { id: 'r1', status: 'finished', result: 'succeeded' };

  it('are asked for in a run over the time since the last one and a little before', async () => {
    const { client, asked } = answering({ id: 'r1' });
    const page = await readDetectionsFeed(client)(
      { cursor: null, checkpointAt: minutesAgo(10) },
      now,
    );
    expect(asked[0]?.body).toMatchObject({
      ...{ from: minutesAgo(15).toISOString(), to: now.toISOString() },
    });
    expect(page).toMatchObject({ isLast: false, progress: { cursor: { runId: 'r1', page: 1 } } });
  });

  it('are waited for while the run is not finished', async () => {
    const { client } = answering({ id: 'r1', status: 'started' });
    expect(await readDetectionsFeed(client)(withRun, now)).toEqual({
      ...{ records: [], isLast: true, waitMs: 5_000, progress: withRun },
    });
  });

  it('are stored up to the end of the run once its last page is read', async () => {
    const full = Array.from({ length: 500 }, (_, n) => ({ id: `d${n}` }));
    const { client } = answering(finished, { items: full }, finished, { items: [{ id: 'last' }] });
    const read = readDetectionsFeed(client);
    const first = await read(withRun, now);
    expect(first).toMatchObject({ isLast: false, progress: { cursor: { page: 2 } } });
    expect(await read(first.progress, now)).toMatchObject({
      ...{ isLast: true, progress: { cursor: null, checkpointAt: now } },
    });
  });

  it.each([
    ['that is no longer known', [new CentralFailure('NOT_FOUND', 'no such run')]],
    ['that failed', [{ ...finished, result: 'failed' }]],
  ])('are asked for anew after a run %s', async (_, answers) => {
    const { client } = answering(...answers);
    expect(await readDetectionsFeed(client)(withRun, now)).toMatchObject({
      ...{ records: [], progress: { cursor: null, checkpointAt: minutesAgo(10) } },
    });
  });

  it('of a long absence are asked for day by day', async () => {
    const { client, asked } = answering({ id: 'r1' });
    await readDetectionsFeed(client)({ cursor: null, checkpointAt: minutesAgo(5 * 1_440) }, now);
    expect(asked[0]?.body).toMatchObject({ to: minutesAgo(4 * 1_440 + 5).toISOString() });
  });
});

describe('the inventory', () => {
  it('is read by key, and from the beginning where a key is no longer known', async () => {
    const { client, asked } = answering(
      { items: [{ id: 'a' }], pages: { nextKey: 'k2' } },
      refused,
      { items: [{ id: 'a' }], pages: {} },
    );
    const read = readEndpointsFeed(client);
    const first = await read(nothing, now);
    expect(first).toMatchObject({ isLast: false, progress: { cursor: { pageFromKey: 'k2' } } });
    expect(await read(first.progress, now)).toMatchObject({ isLast: true });
    expect(asked.map(({ query }) => query['pageFromKey'])).toEqual([undefined, 'k2', undefined]);
  });
});
