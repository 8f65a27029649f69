import type { MachineRoutine } from './activity.ts';
import { networkRoutines } from './network-upkeep.ts';
import { agentOf, defenderOf, indexerOf, lsassOf, svchostOf, wmiHostOf } from './daemons.ts';
import { daemon } from './machine.ts';
import type { Machine } from './machine.ts';
import {
  changesKey,
  createsFile,
  deletesFile,
  loads,
  opensPipe,
  opensProcess,
  setsValue,
  start,
} from './process.ts';
import { windowsProgram } from './program.ts';
import { apps } from './programs.ts';
import { windows } from './windows-programs.ts';
import { pass } from './stage.ts';
import type { Stage } from './stage.ts';
import { changesStartType, changesState, runsTask } from './system-logs.ts';

const ownTasks = [
  [
    '\\Microsoft\\Windows\\UpdateOrchestrator\\Schedule Scan',
    '%systemroot%\\system32\\usoclient.exe',
  ],
  [
    '\\Microsoft\\Windows\\Windows Defender\\Windows Defender Scheduled Scan',
    windows.mpCmdRun.image,
  ],
  ['\\Microsoft\\Windows\\Flighting\\OneSettings\\RefreshCache', 'UtcSvc Handler'],
  [
    '\\Microsoft\\Windows\\Customer Experience Improvement Program\\Consolidator',
    '%SystemRoot%\\System32\\wsqmcons.exe',
  ],
  ['\\Microsoft\\Office\\Office Feature Updates', apps.sdxHelper.image],
  ['\\GoogleSystem\\GoogleUpdater\\GoogleUpdaterTaskSystem132.0.6833.0', apps.chromeUpdater.image],
  ['\\MicrosoftEdgeUpdateTaskMachineUA', apps.edgeUpdate.image],
] as const;

function runsOwnTask(stage: Stage): void {
  const [task, path] = stage.random.pick(ownTasks);
  const scheduler = svchostOf(stage.machine, 'Schedule');
  const pid = 4 * stage.random.between(1_500, 9_000);
  const lives = stage.random.between(800, 40_000);
  runsTask(stage, task, path, pid, lives);
  if (stage.random.chance(0.4))
    start(
      stage,
      scheduler,
      windows.taskhostw,
      stage.random.pick(['taskhostw.exe', 'taskhostw.exe Install $(Arg0)', 'taskhostw.exe SYSTEM']),
      { livesMs: lives },
    );
}

function hostsTasks(stage: Stage, machine: Machine): void {
  const launcher = svchostOf(machine, 'DcomLaunch');
  const [program, line] = stage.random.pick([
    [
      windows.dllhost,
      'C:\\Windows\\system32\\DllHost.exe /Processid:{AB8902B4-09CA-4BB6-B78D-A8F59079A8D5}',
    ],
    [
      windows.backgroundTask,
      '"C:\\Windows\\system32\\backgroundTaskHost.exe" -ServerName:App.AppXmtcan0h2tfbfy7k9kn8hbxb6dmzz1zh0.mca',
    ],
    [windows.runtimeBroker, 'C:\\Windows\\System32\\RuntimeBroker.exe -Embedding'],
    [windows.wmiPrvSE, 'C:\\Windows\\system32\\wbem\\wmiprvse.exe -secured -Embedding'],
  ] as const);
  start(stage, launcher, program, line, { livesMs: stage.random.between(5_000, 120_000) });
}

function indexes(stage: Stage, machine: Machine): void {
  const indexer = indexerOf(machine);
  const number = stage.random.between(2, 900);
  const pipe = `Global\\UsGthrFltPipeMssGthrPipe${number}_ Global\\UsGthrCtrlFltPipeMssGthrPipe${number} 1 -2147483646 "Software\\Microsoft\\Windows Search" "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT; MS Search 4.0 Robot)" "C:\\ProgramData\\Microsoft\\Search\\Data\\Temp\\usgthrsvc" "DownLevelDaemon" `;
  const livesMs = stage.random.between(60_000, 180_000);
  start(
    stage,
    indexer,
    windows.searchProtocol,
    `"C:\\Windows\\system32\\SearchProtocolHost.exe" ${pipe}`,
    { livesMs },
  );
  pass(stage, 20, 300);
  start(
    stage,
    indexer,
    windows.searchFilter,
    '"C:\\Windows\\system32\\SearchFilterHost.exe" 828 2664 2672 812 {0E5DCEC5-7795-4E38-9621-94DFD9F9A421}',
    { livesMs },
  );
}

const quietServices = [
  ...['Windows Update', 'Windows Modules Installer', 'Background Intelligent Transfer Service'],
  ...[
    'WinHTTP Web Proxy Auto-Discovery Service',
    'Device Setup Manager',
    'Microsoft Store Install Service',
  ],
  ...['Network Setup Service', 'Application Experience', 'Portable Device Enumerator Service'],
] as const;

function startsService(stage: Stage): void {
  const service = stage.random.pick(quietServices);
  changesState(stage, service, 'running');
  pass(stage, 60_000, 900_000);
  changesState(stage, service, 'stopped');
}

/** The transfer service goes back and forth between its two kinds of start, many times a day everywhere. */
function togglesTransferService(stage: Stage): void {
  const kinds = stage.random.chance(0.5)
    ? (['auto start', 'demand start'] as const)
    : (['demand start', 'auto start'] as const);
  changesStartType(stage, 'Background Intelligent Transfer Service', 'BITS', kinds);
}

const settings = [
  [
    'HKLM\\SYSTEM\\CurrentControlSet\\Services\\W32Time\\Config\\LastKnownGoodTime',
    'QWORD (0x01db3f5c-0x0a3be100)',
  ],
  [
    'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Diagnostics\\DiagTrack\\LastHeartbeat',
    'DWORD (0x00000001)',
  ],
  [
    'HKLM\\SYSTEM\\CurrentControlSet\\Services\\bam\\State\\UserSettings\\S-1-5-18\\LastRun',
    'Binary Data',
  ],
  [
    'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Schedule\\TaskCache\\Tasks\\{5F0C3B8A-11D2-4B7E-9C55-2E6B8A7D4410}\\DynamicInfo',
    'Binary Data',
  ],
  [
    'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters\\Interfaces\\{8a1c0b22-6b1d-4e0f-9a77-3f0d5c2e9b10}\\LeaseObtainedTime',
    'DWORD (0x6740c1a8)',
  ],
  [
    'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Orchestrator\\LastScan',
    '2026-11-20 04:12:09',
  ],
] as const;

function keepsRegistry(stage: Stage, machine: Machine): void {
  const [key, details] = stage.random.pick(settings);
  setsValue(stage, svchostOf(machine, 'DiagTrack'), key, details);
  if (stage.random.chance(0.3))
    changesKey(
      stage,
      svchostOf(machine, 'wuauserv'),
      'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired',
      stage.random.pick(['CreateKey', 'DeleteKey']),
    );
}

/** Who looks into the process that keeps the passwords, and may: each with the rights that it really asks for. */
function looksIntoLsass(stage: Stage, machine: Machine): void {
  const lsass = lsassOf(machine);
  const [source, access] = stage.random.pick([
    [svchostOf(machine, 'DcomLaunch'), '0x1000'],
    [svchostOf(machine, 'SysMain'), '0x1000'],
    [defenderOf(machine), '0x101000'],
    [defenderOf(machine), '0x1040'],
    [
      daemon(machine, windows.csrss, '%SystemRoot%\\system32\\csrss.exe ObjectDirectory=\\Windows'),
      '0x1fffff',
    ],
    [daemon(machine, windows.wininit, 'wininit.exe'), '0x1fffff'],
    [wmiHostOf(machine), '0x1400'],
    [agentOf(machine), '0x1410'],
  ] as const);
  opensProcess(stage, source, lsass, access);
}

function opensPipes(stage: Stage, machine: Machine): void {
  const [process, name] = stage.random.pick([
    [svchostOf(machine, 'Winmgmt'), '\\wkssvc'],
    [svchostOf(machine, 'DcomLaunch'), '\\srvsvc'],
    [agentOf(machine), '\\RemoteCare.Control'],
    [indexerOf(machine), `\\SearchTextHarvester${stage.random.hex(4)}`],
    [lsassOf(machine), '\\lsass'],
  ] as const);
  opensPipe(stage, process, name, stage.random.chance(0.5) ? 17 : 18);
}

const signed = [
  windowsProgram('System32\\amsi.dll', 'Anti-Malware Scan Interface', 'amsi.dll'),
  windowsProgram('System32\\wbem\\wmiutils.dll', 'WMI', 'wmiutils.dll'),
  windowsProgram('System32\\taskschd.dll', 'Task Scheduler COM API', 'taskschd.dll'),
  windowsProgram('System32\\dbghelp.dll', 'Windows Image Helper', 'DBGHELP.DLL'),
] as const;

function loadsLibrary(stage: Stage, machine: Machine): void {
  const process = stage.random.pick([
    wmiHostOf(machine),
    agentOf(machine),
    svchostOf(machine, 'Schedule'),
  ]);
  loads(stage, process, stage.random.pick(signed), 'Microsoft Windows');
}

function cleansUp(stage: Stage, machine: Machine): void {
  const process = stage.random.pick([svchostOf(machine, 'wuauserv'), defenderOf(machine)]);
  const path = `C:\\Windows\\Temp\\${stage.random.pick(['MpSigStub', 'wct', 'cab_'])}${stage.random.hex(6)}${stage.random.pick(['.tmp', '.log', '.dll'])}`;
  createsFile(stage, process, path);
  pass(stage, 2_000, 90_000);
  deletesFile(stage, process, path, stage.random.chance(0.3) ? 23 : 26);
}

const isWorkstation = ({ host }: Machine): boolean => host.role === 'WORKSTATION';

/** What Windows and its services do by themselves. */
export const systemRoutines: readonly MachineRoutine[] = [
  { name: 'run a task of its own', events: 3.8, weight: 10, play: runsOwnTask },
  { name: 'host tasks', events: 2, weight: 12, play: hostsTasks },
  { name: 'index', events: 4, weight: 5, isFor: isWorkstation, play: indexes },
  { name: 'start a service', events: 2, weight: 8, play: startsService },
  { name: 'toggle the transfer service', events: 1, weight: 3, play: togglesTransferService },
  { name: 'keep the registry', events: 1.3, weight: 12, play: keepsRegistry },
  { name: 'look into lsass', events: 1, weight: 6, play: looksIntoLsass },
  { name: 'open pipes', events: 1, weight: 8, play: opensPipes },
  { name: 'load a library', events: 1, weight: 6, play: loadsLibrary },
  { name: 'clean up', events: 2, weight: 7, play: cleansUp },
  ...networkRoutines,
];
