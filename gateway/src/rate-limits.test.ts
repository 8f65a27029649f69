import { describe, expect, it } from '@jest/globals';
import { createRateLimits } from './rate-limits.ts';

const limited = (message: string) => ({
  ...{ code: 'RATE_LIMITED', message, details: { retryAfterSeconds: 1 } },
});

describe('a principal', () => {
  it('may ask so often in a second and a burst more, and nobody else is held up by it', async () => {
    const limits = createRateLimits({ perSecond: 3, burst: 2, maxConcurrent: 10 });
    const ask = async (principalId: string) => (await limits.enter(principalId))();
    for (let n = 0; n < 5; n += 1) await ask('anna');
    await expect(ask('anna')).rejects.toMatchObject(limited('Too many requests.'));
    await expect(ask('tim')).resolves.toBeUndefined();
  });

  it('may ask again in the next second', async () => {
    const limits = createRateLimits({ perSecond: 1, burst: 1, maxConcurrent: 10 });
    const ask = async () => (await limits.enter('anna'))();
    await ask();
    await ask();
    await expect(ask()).rejects.toMatchObject(limited('Too many requests.'));
    await new Promise((resolve) => setTimeout(resolve, 1_010));
    await expect(ask()).resolves.toBeUndefined();
  });

  it('may have so many requests running at a time, however they end', async () => {
    const limits = createRateLimits({ perSecond: 100, burst: 1, maxConcurrent: 2 });
    const leave = await limits.enter('anna');
    await limits.enter('anna');
    const third = limits.enter('anna');
    await expect(third).rejects.toMatchObject(limited('Too many requests at the same time.'));
    await expect(limits.enter('tim')).resolves.toBeDefined();
    leave();
    await expect(limits.enter('anna')).resolves.toBeDefined();
    await expect(limits.enter('anna')).rejects.toMatchObject({ code: 'RATE_LIMITED' });
  });

  it('that was held back for asking too often does not count as running', async () => {
    const limits = createRateLimits({ perSecond: 1, burst: 1, maxConcurrent: 3 });
    for (let n = 0; n < 2; n += 1) await limits.enter('anna');
    for (let n = 0; n < 5; n += 1) {
      await expect(limits.enter('anna')).rejects.toMatchObject(limited('Too many requests.'));
    }
  });
});

describe('an address', () => {
  it('is held back for a moment once it was refused too often', async () => {
    const { strangers } = createRateLimits({
      ...{ perSecond: 1, burst: 1, maxConcurrent: 1, maxRefusals: 2 },
    });
    strangers.countRefusal('192.0.2.1');
    await expect(strangers.admit('192.0.2.1')).resolves.toBeUndefined();
    strangers.countRefusal('192.0.2.1');
    await expect(strangers.admit('192.0.2.1')).rejects.toMatchObject(limited('Too many requests.'));
    await expect(strangers.admit('192.0.2.2')).resolves.toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 1_010));
    await expect(strangers.admit('192.0.2.1')).resolves.toBeUndefined();
  });
});
