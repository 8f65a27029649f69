import type { CompanyDay, Desk } from './company.ts';
import type { Machine } from './machine.ts';
import type { Stage } from './stage.ts';

/** Something that happens at a certain time; it writes its events when its time has come. */
export interface Activity {
  /** Epoch ms. */
  readonly at: number;
  readonly machine: Machine;
  /** About how many events it writes, for the day's budget. */
  readonly events: number;
  readonly play: (stage: Stage) => void;
}

/** What people do again and again at their desks. */
export interface DeskRoutine {
  readonly name: string;
  /** About how many events it writes. */
  readonly events: number;
  /** How often, against the others. */
  readonly weight: number;
  /** Everybody where left out. */
  readonly isFor?: (desk: Desk, company: CompanyDay) => boolean;
  readonly play: (stage: Stage, desk: Desk, company: CompanyDay) => void;
}

/** What machines do again and again by themselves. */
export interface MachineRoutine {
  readonly name: string;
  readonly events: number;
  readonly weight: number;
  readonly isFor?: (machine: Machine, company: CompanyDay) => boolean;
  readonly play: (stage: Stage, machine: Machine, company: CompanyDay) => void;
}
