import { describe, expect, it } from '@jest/globals';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';

const draw = (random: Random): readonly number[] =>
  Array.from({ length: 20 }, () => random.below(1_000));

describe('a stream of choices', () => {
  it('is the same for the same seed and another for another', () => {
    expect(draw(createRandom('deich'))).toEqual(draw(createRandom('deich')));
    expect(draw(createRandom('deich'))).not.toEqual(draw(createRandom('deicg')));
  });

  it('gives a named part that does not depend on what was drawn before', () => {
    const drawn = createRandom('deich');
    draw(drawn);
    expect(draw(drawn.split('kranich'))).toEqual(draw(createRandom('deich').split('kranich')));
    expect(draw(drawn.split('kranich'))).not.toEqual(draw(drawn.split('hafenwerk')));
  });

  it('gives a different part at each fork', () => {
    const random = createRandom('deich');
    expect(draw(random.fork())).not.toEqual(draw(random.fork()));
  });

  it('reaches every value of a range evenly', () => {
    const random = createRandom('even');
    const counts = Array<number>(10).fill(0);
    for (let index = 0; index < 10_000; index += 1) {
      const value = random.between(1, 10) - 1;
      counts[value] = (counts[value] ?? 0) + 1;
    }
    for (const count of counts) {
      expect(count).toBeGreaterThan(880);
      expect(count).toBeLessThan(1_120);
    }
  });
});
