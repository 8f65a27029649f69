import { describe, expect, it } from '@jest/globals';
import { pauseAfter } from './run-poll.ts';
import { createSeenRecords } from './seen-records.ts';

const records = (...texts: readonly string[]) => texts.map((raw) => ({ raw }));

describe('records that were stored', () => {
  it('are not stored again from the same feed, and are from another', () => {
    const seen = createSeenRecords();
    seen.add('tills', records('a', 'b'));
    expect(seen.unseen('tills', records('a', 'c'))).toEqual(records('c'));
    expect(seen.unseen('doors', records('a'))).toEqual(records('a'));
  });

  it('are forgotten oldest first', () => {
    const seen = createSeenRecords();
    const many = Array.from({ length: 10_001 }, (_, n) => ({ raw: `r${n}` }));
    seen.add('tills', many);
    expect(seen.unseen('tills', many)).toEqual(records('r0'));
  });
});

describe('the pause after a failure', () => {
  it('doubles up to a quarter of an hour, and is never alike for all', () => {
    expect([0, 1, 2].map((failures) => pauseAfter(failures, 1))).toEqual([5_000, 10_000, 20_000]);
    expect(pauseAfter(50, 1)).toBe(900_000);
    expect(pauseAfter(50, 0)).toBe(450_000);
  });
});
