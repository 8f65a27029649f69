import type { Random } from '../random.ts';
import type { Activity, DeskRoutine, MachineRoutine } from './activity.ts';
import { hour, isWorkday } from './calendar.ts';
import type { CompanyDay, Desk } from './company.ts';
import { administration } from './administration.ts';
import { backupJobs } from './backup-job.ts';
import { deskSession } from './desk-session.ts';
import { directoryUpkeep } from './directory-upkeep.ts';
import type { Machine } from './machine.ts';
import { officeRoutines } from './office-work.ts';
import { protectionDaily, protectionSeldom } from './protection-upkeep.ts';
import { agentDaily, agentSeldom } from './remote-care.ts';
import { serverUpkeep } from './server-upkeep.ts';
import { softwareUpdates } from './software-updates.ts';
import { systemRoutines } from './windows-upkeep.ts';

/** A weekend day has this part of a weekday's events; over the week the average is what was asked for. */
const weekendShare = 0.42;
/** Of what is left for the ordinary on a weekday, the part that people cause; the rest runs by itself. */
const peoplesShare = 0.62;
/** What every machine does daily takes at most this part of a day; a small budget is spread over fewer machines. */
const mostForTheDaily = 0.6;

/** All that happens at a company on a day, in no order. */
export function planDay(
  company: CompanyDay,
  eventsPerDay: number,
  random: Random,
): readonly Activity[] {
  const weekday = (eventsPerDay * 7) / (5 + 2 * weekendShare);
  const budget = isWorkday(company.day) ? weekday : weekday * weekendShare;
  const seldom = seldomActivities(company, random);
  const rest = Math.max(0, budget - sumOf(seldom));
  const daily = thinOut(dailyActivities(company, random), rest * mostForTheDaily, random);
  const left = rest - sumOf(daily);
  const forPeople = isWorkday(company.day)
    ? left * peoplesShare
    : left * peoplesShare * weekendPresence(company);
  return [
    ...seldom,
    ...daily,
    ...fillDesks(company, forPeople, random),
    ...fillMachines(company, left - forPeople, random),
  ];
}

/** What every machine does once or twice a day. */
function dailyActivities(company: CompanyDay, random: Random): readonly Activity[] {
  return [
    ...company.desks.flatMap((desk) => deskSession(desk, company)),
    ...agentDaily(company, random.split('agent')),
    ...protectionDaily(company, random.split('protection')),
  ];
}

/** What comes once a night, a week or a month: never thinned, for it is what a hunter stumbles over. */
function seldomActivities(company: CompanyDay, random: Random): readonly Activity[] {
  return [
    ...backupJobs(company, random.split('backup')),
    ...administration(company, random.split('administration')),
    ...directoryUpkeep(company, random.split('directory')),
    ...softwareUpdates(company, random.split('updates')),
    ...serverUpkeep(company, random.split('servers')),
    ...agentSeldom(company, random.split('agent seldom')),
    ...protectionSeldom(company, random.split('protection seldom')),
  ];
}

/** On a weekend the few who are there do not do the work of all. */
function weekendPresence({ desks, estate }: CompanyDay): number {
  return Math.min(1, (2 * desks.length) / estate.employees.length);
}

function thinOut(
  activities: readonly Activity[],
  most: number,
  random: Random,
): readonly Activity[] {
  const share = most / sumOf(activities);
  return share >= 1 ? activities : activities.filter(() => random.chance(share));
}

function sumOf(activities: readonly Activity[]): number {
  return activities.reduce((sum, { events }) => sum + events, 0);
}

function fillDesks(company: CompanyDay, budget: number, random: Random): Activity[] {
  if (company.desks.length === 0) return [];
  const planned: Activity[] = [];
  for (let spent = 0; spent < budget;) {
    const desk = random.pick(company.desks);
    const routine = choose(officeRoutines, random, ({ isFor }) => isFor?.(desk, company) ?? true);
    spent += routine.events;
    planned.push({
      at: momentAt(desk, random),
      machine: desk.machine,
      events: routine.events,
      play: (stage) => routine.play(stage, desk, company),
    });
  }
  return planned;
}

/** Some time in somebody's day; little during lunch. */
function momentAt({ from, until, lunchFrom, lunchUntil }: Desk, random: Random): number {
  // The sign-in comes first.
  const begin = from + 4 * 60_000;
  for (;;) {
    const moment = random.between(begin, until - 2 * 60_000);
    if (moment < lunchFrom || moment >= lunchUntil || random.chance(0.15)) return moment;
  }
}

function fillMachines(company: CompanyDay, budget: number, random: Random): Activity[] {
  const planned: Activity[] = [];
  for (let spent = 0; spent < budget;) {
    const { machine, at } = machineAt(company, random);
    const routine = choose(
      systemRoutines,
      random,
      ({ isFor }) => isFor?.(machine, company) ?? true,
    );
    spent += routine.events;
    planned.push({
      at,
      machine,
      events: routine.events,
      play: (stage) => routine.play(stage, machine, company),
    });
  }
  return planned;
}

/** Servers run day and night; a workstation while somebody has it on. */
function machineAt(company: CompanyDay, random: Random): { machine: Machine; at: number } {
  if (company.desks.length > 0 && random.chance(0.45)) {
    const desk = random.pick(company.desks);
    return { machine: desk.machine, at: random.between(desk.from, desk.until - 1) };
  }
  const at = company.day.startsAt + random.below(24 * hour);
  return { machine: random.pick(company.servers), at };
}

function choose<Routine extends DeskRoutine | MachineRoutine>(
  routines: readonly Routine[],
  random: Random,
  fits: (routine: Routine) => boolean,
): Routine {
  const most = Math.max(...routines.map(({ weight }) => weight));
  for (;;) {
    const routine = random.pick(routines);
    if (random.next() * most < routine.weight && fits(routine)) return routine;
  }
}
