import type { MachineRoutine } from './activity.ts';
import type { CompanyDay } from './company.ts';
import { agentOf, lsassOf, servicesOf, svchostOf, wmiHostOf } from './daemons.ts';
import { networkService, signIn } from './machine.ts';
import type { Machine } from './machine.ts';
import { sites, visits } from './network.ts';
import { connects } from './process.ts';
import {
  getsPrivileges,
  grantsServiceTicket,
  grantsTicket,
  logsOff,
  logsOn,
  machineAccount,
} from './security-log.ts';
import { elsewhere, pass } from './stage.ts';
import type { Stage } from './stage.ts';
import { loadsWmiProvider, subscribesForNow } from './system-logs.ts';

const wmiProviders = [
  ['CIMWin32', '%systemroot%\\system32\\wbem\\cimwin32.dll'],
  ['WMIPerfInst', '%systemroot%\\system32\\wbem\\WMIPerfInst.dll'],
  ['MS_NT_EVENTLOG_PROVIDER', '%systemroot%\\system32\\wbem\\ntevt.dll'],
  ['ProtectionManagement', '%ProgramFiles%\\Windows Defender\\protectionmanagement.dll'],
] as const;

function asksWmi(stage: Stage, machine: Machine): void {
  const [name, path] = stage.random.pick(wmiProviders);
  loadsWmiProvider(stage, name, path, wmiHostOf(machine).pid);
  if (stage.random.chance(0.25))
    subscribesForNow(
      stage,
      machine.system,
      agentOf(machine).pid,
      "SELECT * FROM __InstanceModificationEvent WITHIN 60 WHERE TargetInstance ISA 'Win32_Service'",
    );
}

function reports(stage: Stage, machine: Machine): void {
  visits(stage, agentOf(machine), sites.agent);
}

function looksForUpdates(stage: Stage, machine: Machine): void {
  visits(stage, svchostOf(machine, 'wuauserv'), sites.updates);
}

/** A machine renews its own tickets, for the policies of the domain. */
function renewsTickets(
  stage: Stage,
  machine: Machine,
  { domainController, estate }: CompanyDay,
): void {
  const controller = elsewhere(stage, domainController);
  const name = machineAccount(machine);
  if (stage.random.chance(0.3)) grantsTicket(controller, name, machine);
  const service = stage.random.pick([machineAccount(domainController), name, 'krbtgt']);
  grantsServiceTicket(controller, name, service, machine);
  pass(controller, 20, 900);
  const account = signIn(estate, name, String(controller.now), { session: 0 });
  logsOn(controller, account, { logonType: 3, from: machine });
  logsOff(controller, account, 3, controller.now + stage.random.between(10_000, 200_000));
  if (stage.random.chance(0.3))
    connects(stage, lsassOf(machine), {
      ip: domainController.host.ip,
      port: stage.random.pick([88, 389, 445]),
      name: domainController.fullName,
    });
}

/** Services of Windows sign in when they start. */
function serviceSignsIn(stage: Stage, machine: Machine): void {
  const account = stage.random.chance(0.8) ? machine.system : networkService(machine);
  logsOn(stage, account, { logonType: 5, process: servicesOf(machine) });
  getsPrivileges(stage, account);
}

function publishesName(stage: Stage, machine: Machine, { domainController }: CompanyDay): void {
  connects(stage, svchostOf(machine, 'Dnscache'), {
    ip: domainController.host.ip,
    port: 53,
    name: domainController.fullName,
    protocol: 'udp',
  });
}

/** What machines say to each other and to the world by themselves. */
export const networkRoutines: readonly MachineRoutine[] = [
  { name: 'renew tickets', events: 3.6, weight: 22, play: renewsTickets },
  { name: 'ask WMI', events: 1.3, weight: 6, play: asksWmi },
  { name: 'report to remote management', events: 1.5, weight: 8, play: reports },
  { name: 'look for updates', events: 1.5, weight: 3, play: looksForUpdates },
  { name: 'sign in a service', events: 2, weight: 6, play: serviceSignsIn },
  { name: 'ask for names', events: 1, weight: 8, play: publishesName },
];
