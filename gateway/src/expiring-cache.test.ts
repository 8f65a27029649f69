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
