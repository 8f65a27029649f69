import type { Random } from '../random.ts';
import type { Activity } from './activity.ts';
import type { CompanyDay, Desk } from './company.ts';
import type { Machine } from './machine.ts';
import type { Stage } from './stage.ts';

/** How often something happens on a day, of which the average is known. */
export function howOften(random: Random, perDay: number): number {
  return Math.floor(perDay) + (random.chance(perDay % 1) ? 1 : 0);
}

/** An hour in which a machine is on. */
interface OnTime {
  readonly machine: Machine;
  readonly desk: Desk | undefined;
  readonly from: number;
  readonly until: number;
}

/** The machines that are on today: servers all day, workstations with those who sit at them. */
export function machinesOn({ servers, desks, day }: CompanyDay): readonly OnTime[] {
  return [
    ...servers.map((machine) => ({
      machine,
      desk: undefined,
      from: day.startsAt + 600_000,
      until: day.startsAt + 86_000_000,
    })),
    ...desks.map((desk) => ({
      machine: desk.machine,
      desk,
      from: desk.from + 300_000,
      until: desk.until,
    })),
  ];
}

/** Something that each machine does so often a day, at any time that it is on. */
export function onEach(
  machines: readonly OnTime[],
  random: Random,
  perDay: number,
  events: number,
  play: (stage: Stage, desk: Desk | undefined) => void,
): readonly Activity[] {
  return machines.flatMap(({ machine, desk, from, until }) =>
    Array.from({ length: howOften(random, perDay) }, () => ({
      at: random.between(from, until),
      machine,
      events,
      play: (stage: Stage) => play(stage, desk),
    })),
  );
}
