import type { Random } from '../random.ts';
import type { Activity } from './activity.ts';
import { at, isWorkday } from './calendar.ts';
import type { CompanyDay } from './company.ts';
import { agentOf, defenderOf } from './daemons.ts';
import { hashWord } from '../random.ts';
import { asks } from './command-line.ts';
import { sites, visits } from './network.ts';
import { howOften, machinesOn, onEach } from './often.ts';
import { encodeCommand, runsPowerShell } from './powershell.ts';
import { createsFile, deletesFile, setsValue, start } from './process.ts';
import type { Program } from './program.ts';
import { products } from './programs.ts';
import { windows } from './windows-programs.ts';
import { agentScripts } from './scripts.ts';
import { audit, auditsStart, localSystemSubject } from './security-log.ts';
import { pass } from './stage.ts';
import type { Stage } from './stage.ts';
import { changesDefender, changesState, installsService } from './system-logs.ts';
import { installsByPackage } from './installations.ts';

/** What the provider's remote management does on every machine each day. */
export function agentDaily(company: CompanyDay, random: Random): readonly Activity[] {
  const machines = machinesOn(company);
  return [
    ...onEach(machines, random, 0.8, 9, (stage) => runsScriptFile(stage)),
    ...onEach(machines, random, 0.4, 7.5, (stage) => runsEncoded(stage)),
  ];
}

/** What it does now and then, and what technicians do through it. */
export function agentSeldom(company: CompanyDay, random: Random): readonly Activity[] {
  const { day, desks, estate } = company;
  const machines = machinesOn(company);
  const visitsToday = isWorkday(day) ? howOften(random, 0.25 + estate.employees.length / 80) : 0;
  return [
    ...onEach(machines, random, 1 / 8, 9, (stage) => cleansUp(stage)),
    ...onEach(machines, random, 1 / 25, 12, (stage) => compilesOnTheFly(stage)),
    ...onEach(machines, random, 1 / 30, 4, (stage) => changesLocalPassword(stage)),
    ...onEach(machines, random, 1 / 21, 26, (stage) => updatesItself(stage)),
    ...Array.from({ length: desks.length > 0 ? visitsToday : 0 }, () => {
      const desk = random.pick(desks);
      return {
        at: random.between(desk.from + 900_000, desk.until - 900_000),
        machine: desk.machine,
        events: 14,
        play: helpsSomebody,
      };
    }),
    ...exclusionDay(company),
  ];
}

const files = [
  [
    'inventory',
    'Get-ItemProperty HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\*',
  ],
  ['administrators', 'Get-LocalGroupMember -SID S-1-5-32-544'],
  ['disks', 'Get-Volume'],
  ['events', 'Get-WinEvent -FilterHashtable System.Collections.Hashtable'],
] as const;

/** A script from the agent's own folder, whatever the machine's policy for scripts says. */
function runsScriptFile(stage: Stage): void {
  const [name, cmdlet] = stage.random.pick(files);
  const path = `C:\\ProgramData\\RemoteCare\\Scripts\\${name}.ps1`;
  const agent = agentOf(stage.machine);
  const shell = runsPowerShell(stage, agent, {
    commandLine: `"${windows.powershell.image}" -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "${path}" -ResultId ${stage.random.hex(8)}`,
    scripts: [agentScripts[name]],
    path,
    ...(stage.random.chance(0.4) && { cmdlet }),
    livesMs: stage.random.between(12_000, 40_000),
  });
  if (stage.machine.host.role !== 'WORKSTATION') auditsStart(stage, shell, agent);
  pass(stage, 900, 9_000);
  createsFile(stage, shell, `C:\\ProgramData\\RemoteCare\\Results\\${name}.json`);
  visits(stage, agent, sites.agent);
}

/** Short checks are handed over in the command line. */
function runsEncoded(stage: Stage): void {
  const script = agentScripts[stage.random.chance(0.5) ? 'protection' : 'uptime'];
  runsPowerShell(stage, agentOf(stage.machine), {
    commandLine: `powershell.exe -NoProfile -NonInteractive -WindowStyle Hidden -ExecutionPolicy Bypass -EncodedCommand ${encodeCommand(script)}`,
    scripts: [script],
    ...(script === agentScripts.protection && { cmdlet: 'Get-MpComputerStatus' }),
    livesMs: stage.random.between(1_500, 9_000),
  });
}

function cleansUp(stage: Stage): void {
  const path = 'C:\\ProgramData\\RemoteCare\\Scripts\\cleanup.ps1';
  const shell = runsPowerShell(stage, agentOf(stage.machine), {
    commandLine: `"${windows.powershell.image}" -NoProfile -ExecutionPolicy Bypass -File "${path}"`,
    scripts: [agentScripts.cleanup],
    path,
    livesMs: stage.random.between(20_000, 200_000),
  });
  for (let count = stage.random.between(1, 4); count > 0; count -= 1) {
    pass(stage, 100, 2_000);
    deletesFile(
      stage,
      shell,
      `C:\\Windows\\Temp\\${stage.random.hex(8)}.${stage.random.pick(['tmp', 'log', 'exe'])}`,
      26,
    );
  }
}

/** A script with a few lines of C#: PowerShell calls the compiler, which writes a library into a temporary folder. */
function compilesOnTheFly(stage: Stage): void {
  const path = 'C:\\ProgramData\\RemoteCare\\Scripts\\idle.ps1';
  const shell = runsPowerShell(stage, agentOf(stage.machine), {
    commandLine: `"${windows.powershell.image}" -NoProfile -ExecutionPolicy Bypass -File "${path}"`,
    scripts: [agentScripts.idle],
    path,
    livesMs: 9_000,
  });
  const folder = `C:\\Windows\\Temp\\${stage.random.hex(8)}`;
  pass(stage, 200, 900);
  createsFile(stage, shell, `${folder}\\${stage.random.hex(8)}.cmdline`);
  const compiler = start(
    stage,
    shell,
    windows.csc,
    `"${windows.csc.image}" /noconfig /fullpaths @"${folder}\\rc.cmdline"`,
    { livesMs: 900 },
  );
  pass(stage, 100, 400);
  start(
    stage,
    compiler,
    windows.cvtres,
    `${windows.cvtres.image} /NOLOGO /READONLY /MACHINE:IX86 "/OUT:${folder}\\RES.tmp" "${folder}\\CSC.TMP"`,
    { livesMs: 200 },
  );
  createsFile(stage, compiler, `${folder}\\rc.dll`);
}

/** The local administrator gets a new password, which only the provider's vault knows. */
function changesLocalPassword(stage: Stage): void {
  const host = stage.machine.host.name;
  const target = {
    TargetUserName: 'lokaladmin',
    TargetDomainName: host,
    TargetSid: `S-1-5-21-${hashWord(host, 5)}-1002`,
  };
  audit(stage, 4724, { ...target, ...localSystemSubject(stage) });
  pass(stage, 5, 60);
  audit(stage, 4738, {
    Dummy: '-',
    ...target,
    ...localSystemSubject(stage),
    PrivilegeList: '-',
    SamAccountName: 'lokaladmin',
    UserAccountControl: '-',
  });
}

function updatesItself(stage: Stage): void {
  const agent = agentOf(stage.machine);
  const path = 'C:\\ProgramData\\RemoteCare\\Scripts\\update.ps1';
  const shell = runsPowerShell(stage, agent, {
    commandLine: `"${windows.powershell.image}" -NoProfile -ExecutionPolicy Bypass -File "${path}"`,
    scripts: [agentScripts.update],
    path,
    cmdlet:
      'Invoke-WebRequest -UseBasicParsing https://agents.remotecare.example/packages/agent-7.4.2.msi',
    livesMs: 60_000,
  });
  visits(stage, shell, sites.agent);
  createsFile(stage, shell, 'C:\\ProgramData\\RemoteCare\\Packages\\agent.msi');
  pass(stage, 2_000, 9_000);
  changesState(stage, 'RemoteCare Agent', 'stopped');
  installsByPackage(stage, shell, {
    package: 'C:\\ProgramData\\RemoteCare\\Packages\\agent.msi',
    file: products.agent.image,
  });
  if (stage.random.chance(0.3))
    installsService(stage, {
      name: 'RemoteCare Screen',
      path: `"${products.agentScreen.image}" --service`,
    });
  changesState(stage, 'RemoteCare Agent', 'running');
}

const questions: readonly (readonly [Program, string])[] = [
  [windows.whoami, 'whoami'],
  [windows.ipconfig, 'ipconfig  /all'],
  [windows.systeminfo, 'systeminfo'],
  [windows.tasklist, 'tasklist  /v'],
  [windows.quser, 'quser'],
  [windows.net, 'net  localgroup Administratoren'],
  [windows.sc, 'sc  query state= all'],
  [windows.netstat, 'netstat  -ano'],
  [windows.gpupdate, 'gpupdate  /force'],
  [windows.ping, 'ping  -n 2 192.0.2.53'],
  [windows.nslookup, 'nslookup  outlook.wolkenbuero.example'],
  [windows.reg, 'reg  query "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run"'],
  [windows.wmic, 'wmic  product get name,version'],
  [
    windows.reg,
    'reg  add "HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows NT\\Printers" /v RegisterSpoolerRemoteRpcEndPoint /t REG_DWORD /d 1 /f',
  ],
  [windows.taskkill, 'taskkill  /f /im OUTLOOK.EXE'],
  [windows.net, 'net  stop Spooler'],
  [windows.net, 'net  start Spooler'],
  [windows.ipconfig, 'ipconfig  /flushdns'],
  [windows.sfc, 'sfc  /scannow'],
  [windows.dism, 'dism  /online /cleanup-image /restorehealth'],
  [windows.netsh, 'netsh  winsock show catalog'],
  [windows.schtasks, 'schtasks  /query /fo LIST /v'],
];

/** A technician watches the screen and types into the agent's console, as Local System. */
function helpsSomebody(stage: Stage): void {
  const agent = agentOf(stage.machine);
  start(
    stage,
    agent,
    products.agentScreen,
    `"${products.agentScreen.image}" --session ${stage.random.hex(8)}`,
    { livesMs: 900_000 },
  );
  visits(stage, agent, sites.agent);
  pass(stage, 9_000, 90_000);
  const shell = start(stage, agent, windows.cmd, 'cmd.exe', { livesMs: 600_000 });
  for (let count = stage.random.between(2, 6); count > 0; count -= 1) {
    pass(stage, 4_000, 60_000);
    const [program, line] = stage.random.pick(questions);
    asks(stage, shell, program, line);
  }
}

/** How often a company's backup folder is entered anew, in days. */
const exclusionCycle = 90;

/** On one day in ninety the provider keeps the antivirus out of the backup product's folder, on each server. */
function exclusionDay({ day, estate, servers }: CompanyDay): readonly Activity[] {
  if ((day.number + hashWord(estate.domain, 6)) % exclusionCycle !== 0) return [];
  return servers.map((machine, index) => ({
    at: at(day, 10.2 + index / 10),
    machine,
    events: 12,
    play: excludesBackup,
  }));
}

function excludesBackup(stage: Stage): void {
  const folder = 'C:\\Program Files\\Nachtspeicher';
  const command = `Add-MpPreference -ExclusionPath '${folder}'`;
  runsPowerShell(stage, agentOf(stage.machine), {
    commandLine: `powershell.exe -NoProfile -ExecutionPolicy Bypass -Command "${command}"`,
    scripts: [command],
    cmdlet: command,
    livesMs: 5_000,
  });
  pass(stage, 300, 900);
  changesDefender(stage, `Exclusions\\Paths\\${folder}`, '', '0x0');
  setsValue(
    stage,
    defenderOf(stage.machine),
    `HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Exclusions\\Paths\\${folder}`,
    'DWORD (0x00000000)',
  );
}
