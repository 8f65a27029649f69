import { describe, expect, it } from '@jest/globals';
import { at, createCalendar, isWorkday } from './calendar.ts';

describe('a calendar', () => {
  const berlin = createCalendar('Europe/Berlin');

  it('tells the day where the company is', () => {
    const late = berlin.dayAt(Date.parse('2026-11-22T23:30:00Z'));
    expect(new Date(late.startsAt).toISOString()).toBe('2026-11-22T23:00:00.000Z');
    expect(late.weekday).toBe(0);
    expect(late.dayOfMonth).toBe(23);
    expect(isWorkday(late)).toBe(true);
    expect(isWorkday(berlin.dayOf(late.number - 1))).toBe(false);
  });

  it('begins work at the same hour in summer and in winter', () => {
    const moment = (date: string) =>
      new Date(at(berlin.dayAt(Date.parse(date)), 8.5)).toISOString();
    expect(moment('2026-07-01T12:00:00Z')).toBe('2026-07-01T06:30:00.000Z');
    expect(moment('2026-12-01T12:00:00Z')).toBe('2026-12-01T07:30:00.000Z');
  });

  it('knows no zone that does not exist', () => {
    expect(() => createCalendar('Europe/Nowhere')).toThrow(RangeError);
  });
});
