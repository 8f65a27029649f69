import { describe, expect, it } from '@jest/globals';
import { createCopyCounter } from './copy-counter.ts';

describe('exact copies of a line', () => {
  it('are told apart within ten seconds, and forgotten within twenty', () => {
    let now = 0;
    const count = createCopyCounter(() => now);
    const at = (seconds: number, line: string): number => {
      now = seconds * 1_000;
      return count(line);
    };
    expect([at(0, 'a'), at(0, 'a'), at(1, 'b'), at(9, 'a')]).toEqual([0, 1, 0, 2]);
    expect(at(18, 'a')).toBe(3);
    expect(at(60, 'a')).toBe(0);
  });

  it('are counted for each connection', () => {
    const [first, second] = [createCopyCounter(), createCopyCounter()];
    expect([first('a'), first('a'), second('a')]).toEqual([0, 1, 0]);
  });

  it('are not taken for others that differ in one character', () => {
    const count = createCopyCounter(() => 0);
    const lines = Array.from(
      { length: 50_000 },
      (_, n) => `<30>device="SFW" con_id=${n} x=${n % 7}`,
    );
    expect(lines.map(count).filter((copies) => copies > 0)).toEqual([]);
  });
});
