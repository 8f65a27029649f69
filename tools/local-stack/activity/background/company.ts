import type { Employee, Estate, Host } from '../estate.ts';
import { createRandom } from '../random.ts';
import type { Random } from '../random.ts';
import { at, isWorkday } from './calendar.ts';
import type { Day } from './calendar.ts';
import { createMachine, signIn } from './machine.ts';
import type { Account, Machine } from './machine.ts';

/** Habits of a company that not every company has. */
export interface Habits {
  /** Accounts are kept with a program of their own and spreadsheets with macros. */
  readonly hasMacros: boolean;
  /** Accounts are copied to a cloud directory, which reads password hashes as a domain controller would. */
  readonly hasDirectorySync: boolean;
  /** Somebody in the house looks after the machines, with PsExec. */
  readonly hasOwnAdmin: boolean;
  readonly hasScanner: boolean;
  /** An old device still asks for tickets in RC4, and for names that are gone. */
  readonly hasOldDevice: boolean;
  /** Windows' own backup runs beside the product. */
  readonly hasWindowsBackup: boolean;
  /** The database of the accounts is stopped while it is copied. */
  readonly stopsDatabase: boolean;
  /** The backup's script deletes the oldest shadow copy to make room; one company in fifteen. */
  readonly prunesShadows: boolean;
  /** The clock of the nightly backup. */
  readonly backupClock: number;
}

/** Somebody at work with a machine that is on. */
export interface Desk {
  readonly machine: Machine;
  readonly owner: Employee;
  readonly account: Account;
  readonly from: number;
  readonly until: number;
  readonly lunchFrom: number;
  readonly lunchUntil: number;
}

/** A company on one day. */
export interface CompanyDay {
  readonly estate: Estate;
  readonly habits: Habits;
  readonly day: Day;
  readonly domainController: Machine;
  readonly fileServer: Machine;
  /** All of them, the two above as well. */
  readonly servers: readonly Machine[];
  /** Those who work today. */
  readonly desks: readonly Desk[];
}

/** What stays the same at a company; it depends on nothing but the seed and the domain. */
export function habitsOf(estate: Estate, seed: string): Habits {
  const random = createRandom(`${seed}/${estate.domain}/habits`);
  const size = estate.employees.length;
  return {
    hasMacros: estate.employees.some(({ department }) => department === 'Accounts'),
    hasDirectorySync: random.chance(0.5),
    hasOwnAdmin: size >= 25 || estate.sector === 'Software',
    hasScanner: size >= 20 && random.chance(0.4),
    hasOldDevice: random.chance(0.4),
    hasWindowsBackup: random.chance(0.25),
    stopsDatabase: random.chance(0.3),
    prunesShadows: random.chance(1 / 15),
    backupClock: 20 + random.below(16) / 4,
  };
}

/** @param random the day's own */
export function openCompany(estate: Estate, habits: Habits, day: Day, random: Random): CompanyDay {
  const servers = estate.hosts
    .filter(({ role }) => role !== 'WORKSTATION')
    .map((host) => createMachine(estate, host, serverStart(day)));
  const [first] = servers;
  const find = (role: Host['role']) => servers.find(({ host }) => host.role === role) ?? first;
  const domainController = find('DOMAIN_CONTROLLER');
  const fileServer = find('FILE_SERVER');
  if (!domainController || !fileServer) throw new RangeError(`${estate.domain} has no server`);
  const desks = estate.hosts.flatMap((host) => {
    const desk = host.owner && comeToWork(estate, host, host.owner, day, random);
    return desk ? [desk] : [];
  });
  return { estate, habits, day, domainController, fileServer, servers, desks };
}

/** Servers start again at midnight after every fourth Wednesday, as patches want it. */
function serverStart(day: Day): number {
  return day.startsAt - daysSinceStart(day) * 86_400_000;
}

/** True on the day whose first minutes see the servers start again. */
export function isServerStartDay(day: Day): boolean {
  return daysSinceStart(day) === 0;
}

function daysSinceStart(day: Day): number {
  return day.number % 28;
}

/** Absent people's machines are off. A few come on a Saturday, and hotels and wards know no weekend. */
function comeToWork(
  estate: Estate,
  host: Host,
  owner: Employee,
  day: Day,
  random: Random,
): Desk | null {
  const own = random.split(`desk/${owner.account}`);
  const worksWeekends = ['Reception', 'Care', 'Kitchen', 'Dispatch'].includes(owner.department);
  const presence = isWorkday(day) ? 0.9 : worksWeekends ? 0.3 : 0.03;
  if (!own.chance(presence)) return null;
  const from = at(day, 7 + own.next() * 2.2);
  const length = isWorkday(day) ? 7.5 + own.next() * 2 : 2 + own.next() * 4;
  const lunchFrom = at(day, 11.6 + own.next() * 1.3);
  const until = Math.round(from + length * 3_600_000);
  const bootedAt = from - own.between(60_000, 200_000);
  const machine = createMachine(estate, host, bootedAt, until + own.between(20_000, 60_000));
  return {
    machine,
    owner,
    account: signIn(estate, owner.account, `${host.name}/${day.number}`),
    from,
    until,
    lunchFrom,
    lunchUntil: lunchFrom + own.between(30, 65) * 60_000,
  };
}
