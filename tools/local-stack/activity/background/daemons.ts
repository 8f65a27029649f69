import type { Desk } from './company.ts';
import { daemon, networkService, processGuid } from './machine.ts';
import type { Machine, Process } from './machine.ts';
import { apps, products } from './programs.ts';
import { windows } from './windows-programs.ts';

/** What the kernel does for others, such as writing what comes over the network, it does as process 4. */
export function kernelOf(machine: Machine): Process {
  const guid = processGuid(machine, machine.bootedAt, 4);
  return { image: 'System', commandLine: '', pid: 4, guid, account: machine.system };
}

/** The process that starts all services. */
export function servicesOf(machine: Machine): Process {
  return daemon(machine, windows.services, 'C:\\Windows\\system32\\services.exe');
}

export function lsassOf(machine: Machine): Process {
  return daemon(machine, windows.lsass, 'C:\\Windows\\system32\\lsass.exe');
}

/** The host of a service of Windows, by the service's short name. */
export function svchostOf(machine: Machine, service: keyof typeof groups): Process {
  const account = service === 'Dnscache' ? networkService(machine) : machine.system;
  const commandLine = `C:\\Windows\\system32\\svchost.exe -k ${groups[service]} -p -s ${service}`;
  return daemon(machine, windows.svchost, commandLine, account);
}

const groups = {
  Schedule: 'netsvcs',
  Winmgmt: 'netsvcs',
  gpsvc: 'netsvcs',
  BITS: 'netsvcs',
  wuauserv: 'netsvcs',
  UsoSvc: 'netsvcs',
  Appinfo: 'netsvcs',
  DcomLaunch: 'DcomLaunch',
  Dnscache: 'NetworkService',
  SysMain: 'LocalSystemNetworkRestricted',
  DiagTrack: 'utcsvc',
} as const;

/** The agent of remote management; it runs on every machine. */
export function agentOf(machine: Machine): Process {
  return daemon(
    machine,
    products.agent,
    '"C:\\Program Files\\RemoteCare\\RemoteCareAgent.exe" --service',
  );
}

export function defenderOf(machine: Machine): Process {
  return daemon(machine, windows.msMpEng, `"${windows.msMpEng.image}"`);
}

export function spoolerOf(machine: Machine): Process {
  return daemon(machine, windows.spooler, 'C:\\Windows\\System32\\spoolsv.exe');
}

export function indexerOf(machine: Machine): Process {
  return daemon(
    machine,
    windows.searchIndexer,
    'C:\\Windows\\system32\\SearchIndexer.exe /Embedding',
  );
}

export function backupAgentOf(machine: Machine): Process {
  return daemon(machine, products.backupAgent, `"${products.backupAgent.image}" -service`);
}

export function wmiHostOf(machine: Machine): Process {
  return daemon(
    machine,
    windows.wmiPrvSE,
    'C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding',
    networkService(machine),
  );
}

/** What somebody sees of Windows; it starts what they click. */
export function explorerOf({ machine, account }: Desk): Process {
  return daemon(machine, windows.explorer, 'C:\\Windows\\Explorer.EXE', account);
}

/** A program that somebody has open all day. */
export function openApp(
  desk: Desk,
  app: 'outlook' | 'teams' | 'edge' | 'chrome' | 'oneDrive',
): Process {
  const { image } = apps[app];
  const tail = {
    outlook: '',
    teams: ' msteams:system-initiated',
    edge: '',
    chrome: '',
    oneDrive: ' /background',
  };
  return daemon(desk.machine, apps[app], `"${image}"${tail[app]}`, desk.account);
}
