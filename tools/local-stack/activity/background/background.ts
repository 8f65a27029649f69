import type { Estate } from '../estate.ts';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import type { WindowsRecord } from '../windows-record.ts';
import type { Activity } from './activity.ts';
import { createCalendar } from './calendar.ts';
import { habitsOf, openCompany } from './company.ts';
import { planDay } from './plan-day.ts';
import { createTimeline } from './timeline.ts';

export interface BackgroundOptions {
  readonly estate: Estate;
  /** Epoch ms, included. */
  readonly from: number;
  /** Epoch ms, not included. */
  readonly to: number;
  readonly seed: string;
  /** On average over a week; weekdays have more and weekends less. Below some 500 what is rare takes it all. */
  readonly eventsPerDay: number;
}

/** Wide enough for whatever began on the day before and goes on. */
const daysBefore = 1;

/**
 * What goes on at a company when nobody attacks it, in order of time. The same arguments give the same records,
 * and a part of a time gives the same as that part of the whole. It holds about one day's plan and the records of
 * what is going on, whatever the length.
 * What is rare (an administrator's visit, a backup, an update) happens as often as it does in life; only the
 * ordinary noise is thinned to `eventsPerDay`, which is far below what Windows writes. So what is rare is
 * over-represented: a rule that is quiet here is quieter there.
 */
export function* backgroundOf(options: BackgroundOptions): Generator<WindowsRecord> {
  const { estate, from, to, seed, eventsPerDay } = options;
  const calendar = createCalendar(estate.timeZone);
  const habits = habitsOf(estate, seed);
  const due = createTimeline<Due>();
  const write = (at: number, record: WindowsRecord): void => due.add(at, { record });
  let day = calendar.dayOf(calendar.dayAt(from).number - daysBefore);
  for (;;) {
    // Whatever a day holds must be on the timeline before its first moment is told.
    while (day.startsAt <= Math.min(due.nextAt(), to)) {
      const random = createRandom(`${seed}/${estate.domain}/day/${day.number}`);
      const company = openCompany(estate, habits, day, random);
      for (const activity of planDay(company, eventsPerDay, random))
        due.add(activity.at, { activity, random: random.fork() });
      day = calendar.dayOf(day.number + 1);
    }
    const now = due.nextAt();
    if (now >= to) return;
    const next = due.take();
    if ('record' in next) {
      if (now >= from) yield next.record;
    } else {
      const { activity, random } = next;
      activity.play({ estate, machine: activity.machine, random, now, write });
    }
  }
}

type Due =
  { readonly record: WindowsRecord } | { readonly activity: Activity; readonly random: Random };
