const minute = 60_000;
export const hour = 60 * minute;
const dayMs = 24 * hour;

/** A day where a company is. */
export interface Day {
  /** Days since 1970-01-01 there. */
  readonly number: number;
  /** Its midnight, epoch ms. In the night that clocks change the early hours are off by one. */
  readonly startsAt: number;
  /** From 0, which is Monday. */
  readonly weekday: number;
  readonly dayOfMonth: number;
}

export interface Calendar {
  /** @param at epoch ms */
  dayAt(at: number): Day;
  dayOf(number: number): Day;
}

/** @param timeZone IANA name @throws {RangeError} no such zone */
export function createCalendar(timeZone: string): Calendar {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, timeZoneName: 'longOffset' });
  const offsetAt = (at: number): number => {
    const zone = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    const [, sign, hours = '0', minutes = '0'] = /([+-])(\d{2}):(\d{2})/.exec(zone) ?? [];
    return (sign === '-' ? -1 : 1) * (Number(hours) * hour + Number(minutes) * minute);
  };
  const dayOf = (number: number): Day => ({
    number,
    startsAt: number * dayMs - offsetAt(number * dayMs + 12 * hour),
    // The first of January 1970 was a Thursday.
    weekday: (number + 3) % 7,
    dayOfMonth: new Date(number * dayMs).getUTCDate(),
  });
  return { dayAt: (at) => dayOf(Math.floor((at + offsetAt(at)) / dayMs)), dayOf };
}

export function isWorkday({ weekday }: Day): boolean {
  return weekday < 5;
}

/** A moment of a day. @param clock hours, such as 22.5 for half past ten in the evening */
export function at(day: Day, clock: number): number {
  return Math.round(day.startsAt + clock * hour);
}
