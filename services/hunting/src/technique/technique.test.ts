import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@vedette/service-kit';
import { techniqueIdsOf, toCountedPeriod } from './technique.ts';

describe('the tags of a rule', () => {
  it('name techniques and sub-techniques, in any case', () => {
    expect(techniqueIdsOf(['attack.t1003', 'attack.T1003.002'])).toEqual(['T1003', 'T1003.002']);
  });

  it('that name tactics, groups, software or something else are no techniques', () => {
    expect(
      techniqueIdsOf([
        'attack.credential-access',
        'attack.g0007',
        'attack.s0002',
        'cve.2021-44228',
        't1003',
      ]),
    ).toEqual([]);
  });
});

describe('the period that is counted', () => {
  const now = new Date('2026-05-31T12:00:00Z');

  it('is the last 30 days when nothing is said', () => {
    expect(toCountedPeriod({}, now)).toEqual({ from: new Date('2026-05-01T12:00:00Z'), to: now });
  });

  it('ends now, or begins 30 days before its end, when one side is said', () => {
    const from = new Date('2026-05-30T00:00:00Z');
    const to = new Date('2026-02-01T00:00:00Z');
    expect(toCountedPeriod({ from }, now)).toEqual({ from, to: now });
    expect(toCountedPeriod({ to }, now)).toEqual({ from: new Date('2026-01-02T00:00:00Z'), to });
  });

  it('is refused when it ends before it begins, or is longer than a year', () => {
    const later = new Date('2026-06-01T00:00:00Z');
    expect(() => toCountedPeriod({ from: later }, now)).toThrow(InvalidInputError);
    const long = new Date('2025-05-01T00:00:00Z');
    expect(() => toCountedPeriod({ from: long }, now)).toThrow(InvalidInputError);
  });
});
