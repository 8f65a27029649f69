import type { Employee, Estate, Host, HostRole } from './estate.ts';
import { departmentsOf, familyNames, givenNames } from './invented-names.ts';
import { createRandom } from './random.ts';
import type { Random } from './random.ts';

/** What a company is like; everything else follows from it. */
export interface EstatePlan {
  readonly seed: string;
  readonly company: string;
  /** Such as `HAFENWERK`. */
  readonly domain: string;
  readonly dnsDomain: string;
  /** IANA name. */
  readonly timeZone: string;
  /** One of invented-names.ts, or any other text. */
  readonly sector: string;
  /** From 1 to 180; each has a workstation. */
  readonly employees: number;
  /** What host names start with, such as `HW`. */
  readonly hostPrefix: string;
  /** The first three numbers of the addresses, such as `10.20.4`. */
  readonly network: string;
}

/** Workstations count from here, in name and address: `HW-PC-011` is 10.20.4.11. */
const firstWorkstation = 11;
const maxEmployees = 180;
const firstServerAddress = 201;

/**
 * Makes up a company. The n-th employee and the n-th workstation are the same whatever the size,
 * and servers have fixed names: `-SRV-DC`, `-SRV-FILE`, `-SRV-APP`, `-SRV-BACKUP`.
 * @throws {RangeError} more people than addresses
 */
export function buildEstate(plan: EstatePlan): Estate {
  if (!Number.isInteger(plan.employees) || plan.employees < 1 || plan.employees > maxEmployees)
    throw new RangeError(`an estate has 1 to ${maxEmployees} employees, not ${plan.employees}`);
  const random = createRandom(`${plan.seed}/${plan.domain}`);
  const employees = inventEmployees(plan, random);
  const { company, domain, dnsDomain, timeZone, sector } = plan;
  const hosts = [...serversOf(plan), ...employees.map((owner, index) => desk(plan, owner, index))];
  return {
    ...{ company, domain, dnsDomain, timeZone, sector, employees, hosts },
    providerAdmin: 'msp-admin',
  };
}

function inventEmployees(plan: EstatePlan, random: Random): readonly Employee[] {
  const taken = new Set<string>();
  return Array.from({ length: plan.employees }, (_, index) => {
    const own = random.split(`employee/${index}`);
    const given = own.pick(givenNames);
    const family = own.pick(familyNames);
    const account = freeAccount(`${given.charAt(0)}.${family}`.toLowerCase(), taken);
    const departments = departmentsOf(plan.sector);
    // The first three exist everywhere; whoever comes later works in what the company lives by.
    const department = departments[index < 3 ? index : own.below(departments.length)] ?? 'Office';
    return { account, name: `${given} ${family}`, department };
  });
}

function freeAccount(wanted: string, taken: Set<string>): string {
  let account = wanted;
  for (let number = 2; taken.has(account); number += 1) account = `${wanted}${number}`;
  taken.add(account);
  return account;
}

function desk({ hostPrefix, network }: EstatePlan, owner: Employee, index: number): Host {
  const number = firstWorkstation + index;
  return {
    name: `${hostPrefix}-PC-${String(number).padStart(3, '0')}`,
    ip: `${network}.${number}`,
    role: 'WORKSTATION',
    owner,
  };
}

/** Which servers a company has at which size; the smallest back up their file server by itself. */
const servers: readonly (readonly [name: string, role: HostRole, fromEmployees: number])[] = [
  ['SRV-DC', 'DOMAIN_CONTROLLER', 1],
  ['SRV-FILE', 'FILE_SERVER', 1],
  ['SRV-APP', 'APPLICATION_SERVER', 10],
  ['SRV-BACKUP', 'BACKUP_SERVER', 15],
  ['SRV-APP2', 'APPLICATION_SERVER', 45],
];

function serversOf({ hostPrefix, network, employees }: EstatePlan): readonly Host[] {
  return servers
    .filter(([, , fromEmployees]) => employees >= fromEmployees)
    .map(([name, role], index) => ({
      name: `${hostPrefix}-${name}`,
      ip: `${network}.${firstServerAddress + index}`,
      role,
    }));
}
