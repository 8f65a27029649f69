import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lowerToMandate, mandateInForce, nextMandateChange, responseModes } from './mandate.ts';
import type { MandateTimes } from './mandate.ts';

const day = (n: number): Date => new Date(Date.UTC(2026, 0, n));

/** Holds from the first of January on, unless something else is said. */
function aMandate(number: number, times: Partial<MandateTimes> = {}): MandateTimes {
  return { number, validFrom: day(1), validUntil: null, revokedAt: null, ...times };
}

describe('the mandate in force', () => {
  const numberAt = (at: Date, ...mandates: readonly MandateTimes[]): number | null =>
    mandateInForce(mandates, at)?.number ?? null;

  it('is none where none was recorded', () => {
    expect(numberAt(day(5))).toBeNull();
  });

  it('holds from its first instant to the one before its end', () => {
    const mandate = aMandate(1, { validFrom: day(2), validUntil: day(4) });
    const justBefore = (date: Date): Date => new Date(date.getTime() - 1);
    expect(numberAt(justBefore(day(2)), mandate)).toBeNull();
    expect(numberAt(day(2), mandate)).toBe(1);
    expect(numberAt(justBefore(day(4)), mandate)).toBe(1);
    expect(numberAt(day(4), mandate)).toBeNull();
  });

  it('is the one recorded last, also where an older one was valid from later on', () => {
    expect(numberAt(day(5), aMandate(2), aMandate(1, { validFrom: day(3) }))).toBe(2);
  });

  it('is the older one until the first day of the next', () => {
    const mandates = [aMandate(1), aMandate(2, { validFrom: day(3) })];
    expect(numberAt(day(2), ...mandates)).toBe(1);
    expect(numberAt(day(3), ...mandates)).toBe(2);
  });

  it('is none when it was revoked, and until then it was in force', () => {
    const mandate = aMandate(1, { revokedAt: day(3) });
    expect(numberAt(day(2), mandate)).toBe(1);
    expect(numberAt(day(3), mandate)).toBeNull();
  });

  it('never is an older one again when its successor ran out or was revoked', () => {
    expect(numberAt(day(5), aMandate(1), aMandate(2, { validUntil: day(4) }))).toBeNull();
    expect(numberAt(day(5), aMandate(1), aMandate(2, { revokedAt: day(4) }))).toBeNull();
  });

  it('stays the older one when its successor was revoked before its first day', () => {
    const successor = aMandate(2, { validFrom: day(4), revokedAt: day(2) });
    expect(numberAt(day(5), aMandate(1), successor)).toBe(1);
  });
});

describe('the next change by time', () => {
  it('is the first begin or end that is still to come', () => {
    const mandates = [
      aMandate(1, { validUntil: day(9) }),
      aMandate(2, { validFrom: day(6) }),
      aMandate(3, { validFrom: day(5), revokedAt: day(2) }),
    ];
    expect(nextMandateChange(mandates, day(2))).toEqual(day(6));
    expect(nextMandateChange(mandates, day(6))).toEqual(day(9));
    expect(nextMandateChange(mandates, day(9))).toBeNull();
  });

  it('comes before every instant at which another mandate is in force', () => {
    const dayOfMonth = fc.integer({ min: 1, max: 20 }).map(day);
    const times = fc.record({
      validFrom: dayOfMonth,
      validUntil: fc.option(dayOfMonth),
      revokedAt: fc.option(fc.constant(day(1))),
    });
    const property = fc.property(
      fc.array(times, { maxLength: 5 }),
      fc.integer({ min: 2, max: 20 }),
      fc.integer({ min: 2, max: 20 }),
      (recorded, from, later) => {
        const mandates = recorded.map((each, index) => ({ ...each, number: index + 1 }));
        const change = nextMandateChange(mandates, day(from));
        const isBefore = later > from && (change === null || day(later) < change);
        if (!isBefore) return true;
        return mandateInForce(mandates, day(later)) === mandateInForce(mandates, day(from));
      },
    );
    fc.assert(property, { numRuns: 1_000 });
  });
});

describe('a mode', () => {
  it('is lowered to what the mandate allows at most, and to NOTIFY without one', () => {
    const lowered = responseModes.map((highestMode) =>
      responseModes.map((mode) => lowerToMandate(mode, { highestMode })),
    );
    expect(lowered).toEqual([
      ['NOTIFY', 'NOTIFY', 'NOTIFY'],
      ['NOTIFY', 'COLLABORATE', 'COLLABORATE'],
      ['NOTIFY', 'COLLABORATE', 'AUTHORIZE'],
    ]);
    expect(responseModes.map((mode) => lowerToMandate(mode, null))).toEqual([
      ...['NOTIFY', 'NOTIFY', 'NOTIFY'],
    ]);
  });
});
