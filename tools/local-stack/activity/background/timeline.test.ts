import { describe, expect, it } from '@jest/globals';
import { createRandom } from '../random.ts';
import { createTimeline } from './timeline.ts';

describe('a timeline', () => {
  it('gives things in order of time, and equals in the order they came', () => {
    const random = createRandom('timeline');
    const items = Array.from({ length: 500 }, (_, order) => ({ at: random.below(60), order }));
    const timeline = createTimeline<(typeof items)[number]>();
    for (const item of items) timeline.add(item.at, item);
    const taken = items.map(() => timeline.take());
    expect(taken).toEqual(
      items.toSorted((one, other) => one.at - other.at || one.order - other.order),
    );
    expect(timeline.nextAt()).toBe(Infinity);
    expect(() => timeline.take()).toThrow(RangeError);
  });
});
