import { describe, expect, it } from '@jest/globals';
import { createRequestPace } from './request-pace.ts';

/** A pace in a time of its own, in which waiting takes none of ours. */
function aPace(perMinute: number, burst: number) {
  const time = { now: 0 };
  const pace = createRequestPace(
    { perMinute, burst },
    () => time.now,
    async (ms) => {
      time.now += ms;
    },
  );
  return { time, pace };
}

describe('the pace of a credential', () => {
  it('lets a burst go at once, and keeps to the quota of any minute', async () => {
    const { time, pace } = aPace(100, 20);
    const calls: number[] = [];
    for (let n = 0; n < 300; n += 1) {
      await pace.takeTurn();
      calls.push(time.now);
    }
    expect(calls.filter((at) => at === 0)).toHaveLength(20);
    const busiest = calls.map(
      (from) => calls.filter((at) => at >= from && at < from + 60_000).length,
    );
    expect(Math.max(...busiest)).toBeLessThanOrEqual(100);
  });

  it('tells when to come again where the turn is far away', async () => {
    const { pace } = aPace(2, 1);
    await pace.takeTurn();
    await expect(pace.takeTurn()).rejects.toMatchObject({ code: 'PACED', retryAfterSeconds: 60 });
  });

  it('stops for all once the source has asked for a pause', async () => {
    const { time, pace } = aPace(100, 20);
    pace.pauseFor(300);
    await expect(pace.takeTurn()).rejects.toMatchObject({ retryAfterSeconds: 300 });
    time.now = 301_000;
    await pace.takeTurn();
  });
});
