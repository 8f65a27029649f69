import { describe, expect, it } from '@jest/globals';
import { createExpiringCache } from './expiring-cache.ts';

function createCounted(options: { readonly maxEntries?: number } = {}) {
  const clock = { now: 0 };
  let loads = 0;
  const cache = createExpiringCache<number>({
    lifeMs: 5_000,
    maxEntries: options.maxEntries ?? 10,
    now: () => clock.now,
  });
  return { clock, get: (key: string) => cache.get(key, async () => ++loads), cache };
}

describe('an expiring cache', () => {
  it('loads once for readers at the same time', async () => {
    const { get } = createCounted();
    expect(await Promise.all([get('a'), get('a'), get('b'), get('a')])).toEqual([1, 1, 2, 1]);
  });

  it('loads again when the life of a value is over', async () => {
    const { clock, get } = createCounted();
    await get('a');
    clock.now = 4_999;
    expect(await get('a')).toBe(1);
    clock.now = 5_000;
    expect(await get('a')).toBe(2);
  });

  it('gives up the oldest value when it is full', async () => {
    const { get } = createCounted({ maxEntries: 2 });
    for (const key of ['a', 'b', 'c']) await get(key);
    expect(await get('c')).toBe(3);
    expect(await get('b')).toBe(2);
    expect(await get('a')).toBe(4);
  });

  it('gives up the oldest values when together they weigh too much, and never the newest', async () => {
    const cache = createExpiringCache<number>({
      ...{ lifeMs: 5_000, maxEntries: 10, maxWeight: 100, weigh: (value) => value, now: () => 0 },
    });
    const loaded: string[] = [];
    const get = (key: string, weight: number) =>
      cache.get(key, async () => {
        loaded.push(key);
        return weight;
      });
    for (const [key, weight] of [
      ['a', 40],
      ['b', 60],
      ['b', 60],
      ['c', 30],
      ['b', 60],
    ] as const) {
      await get(key, weight);
    }
    expect(loaded).toEqual(['a', 'b', 'c']);
    await get('a', 40);
    await get('heavy', 1_000);
    await get('heavy', 1_000);
    await get('b', 60);
    expect(loaded).toEqual(['a', 'b', 'c', 'a', 'heavy', 'b']);
    // Giving back what it weighs, it makes room for as much as before.
    cache.forget(() => true);
    for (const key of ['x', 'y', 'x', 'y']) await get(key, 50);
    expect(loaded.slice(-2)).toEqual(['x', 'y']);
  });

  it('keeps nothing that has expired once something else is loaded', async () => {
    const clock = { now: 0 };
    const cache = createExpiringCache<object>({
      ...{ lifeMs: 5_000, maxEntries: 10, now: () => clock.now },
    });
    for (const key of ['a', 'b', 'c']) await cache.get(key, async () => ({}));
    clock.now = 5_000;
    await cache.get('d', async () => ({}));
    const held: object[] = [];
    cache.forget((value) => {
      held.push(value);
      return false;
    });
    expect(held).toHaveLength(1);
  });

  it('does not remember a failure', async () => {
    const { cache, get } = createCounted();
    await expect(cache.get('a', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await get('a')).toBe(1);
  });

  it('forgets what fits', async () => {
    const { cache, get } = createCounted();
    expect([await get('a'), await get('b')]).toEqual([1, 2]);
    cache.forget((value) => value === 1);
    expect([await get('a'), await get('b')]).toEqual([3, 2]);
  });

  it('forgets what is being loaded, since nobody knows whether it fits', async () => {
    const { cache } = createCounted();
    const answer = Promise.withResolvers<number>();
    const waiting = cache.get('a', () => answer.promise);
    cache.forget(() => false);
    answer.resolve(1);
    expect(await waiting).toBe(1);
    expect(await cache.get('a', async () => 2)).toBe(2);
  });
});
