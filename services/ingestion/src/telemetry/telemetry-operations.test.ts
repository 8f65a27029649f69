import { describe, expect, it } from '@jest/globals';
import { InvalidInputError } from '@vedette/service-kit';
import { toPeriod } from './telemetry-operations.ts';

const now = new Date('2026-03-31T12:00:00Z');

describe('the period of a telemetry search', () => {
  it('is the last 24 hours unless something else is said', () => {
    expect(toPeriod({}, now)).toEqual({ from: new Date('2026-03-30T12:00:00Z'), to: now });
    expect(toPeriod({ to: new Date('2026-03-02T00:00:00Z') }, now).from).toEqual(
      new Date('2026-03-01T00:00:00Z'),
    );
  });

  it('has 31 days at most and is not empty', () => {
    const from = new Date('2026-03-01T00:00:00Z');
    expect(() => toPeriod({ from, to: new Date('2026-04-01T00:00:00Z') }, now)).not.toThrow();
    expect(() => toPeriod({ from, to: new Date('2026-04-01T00:00:01Z') }, now)).toThrow(
      InvalidInputError,
    );
    expect(() => toPeriod({ from, to: from }, now)).toThrow(InvalidInputError);
  });
});
