import { describe, expect, it } from '@jest/globals';
import { toTable, toTotal } from './summary.ts';

const types = { name: 'types', passed: 1, failed: 0, seconds: 9.14 };
const unit = { name: 'unit', passed: 120, failed: 2, seconds: 4 };

describe('the summary', () => {
  it('has a line for each outcome', () => {
    expect(toTable([types, unit])).toBe(
      '✓ types     1 passed   0 failed     9.1 s\n✗ unit    120 passed   2 failed     4.0 s',
    );
  });

  it('ends in one total', () => {
    expect(toTotal([types, unit])).toEqual({ line: '121 passed, 2 failed', isSuccess: false });
  });

  it('is a success when something passed and nothing failed', () => {
    expect(toTotal([types]).isSuccess).toBe(true);
  });

  it('is no success when nothing ran', () => {
    expect(toTotal([])).toEqual({ line: '0 passed, 0 failed', isSuccess: false });
  });
});
