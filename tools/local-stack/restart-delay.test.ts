import { describe, expect, it } from '@jest/globals';
import { nextRestartDelayMs } from './restart-delay.ts';

describe('the delay before a restart', () => {
  it('doubles from a quarter of a second up to ten seconds', () => {
    const delays: number[] = [];
    for (let crash = 0; crash < 8; crash += 1) {
      delays.push(nextRestartDelayMs(delays.at(-1) ?? null, 100));
    }
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it('begins anew after a healthy minute', () => {
    expect(nextRestartDelayMs(10_000, 60_000)).toBe(250);
  });
});
