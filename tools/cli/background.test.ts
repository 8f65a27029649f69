import { describe, expect, it } from '@jest/globals';
import { background } from './background.ts';
import { UsageError } from './usage-error.ts';

describe('the command background', () => {
  it.each([
    ['--until', '2026-02-31'],
    ['--until', 'yesterday'],
    ['--until=-1'],
    ['--days', '0'],
    ['--days', '999999999'],
    ['--customers', '1.5'],
    ['--customer=-3'],
    ['--events-per-day', 'many'],
  ])('refuses %s %s', async (...args) => {
    await expect(background(args)).rejects.toThrow(UsageError);
  });
});
