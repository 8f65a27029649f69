import { describe, expect, it } from '@jest/globals';
import { createHistoryProgress } from './history-progress.ts';
import type { HistoryPlace } from './history-progress.ts';

function progressOver(places: readonly HistoryPlace[]): Promise<(number | null)[]> {
  let minute = 0;
  const knownUntil = createHistoryProgress(
    async () => places[minute - 1] ?? { lastSequence: 0, storedSequence: 0, isIdle: true },
    () => new Date(60_000 * (minute += 1)),
  );
  return places.reduce<Promise<(number | null)[]>>(async (before, _) => {
    const known = await before;
    const until = await knownUntil();
    return [...known, until === null ? null : until.getTime() / 60_000];
  }, Promise.resolve([]));
}

const behind = (lastSequence: number, storedSequence: number): HistoryPlace => ({
  ...{ lastSequence, storedSequence },
  isIdle: false,
});

describe('how far history is', () => {
  it('is now while nothing waits to be stored', async () => {
    const idle = { lastSequence: 7, storedSequence: 7, isIdle: true };
    expect(await progressOver([idle, idle])).toEqual([1, 2]);
  });

  it('is not known before a first end of the stream was passed', async () => {
    expect(await progressOver([behind(100, 40), behind(200, 99), behind(300, 150)])).toEqual([
      ...[null, null, 1],
    ]);
  });

  it('follows under a load that never pauses, a look behind', async () => {
    const places = [1, 2, 3, 4].map((n) => behind(n * 100, n * 100 - 5));
    expect(await progressOver(places)).toEqual([null, 1, 2, 3]);
  });

  it('stands still while nothing is stored', async () => {
    const idle = { lastSequence: 7, storedSequence: 7, isIdle: true };
    const places = [idle, behind(100, 7), behind(200, 7), behind(300, 250)];
    expect(await progressOver(places)).toEqual([1, 1, 1, 3]);
  });
});
