import type { Random } from '../random.ts';
import type { Activity } from './activity.ts';
import { at } from './calendar.ts';
import type { CompanyDay } from './company.ts';
import { backupAgentOf, servicesOf, svchostOf } from './daemons.ts';
import { daemon, signIn } from './machine.ts';
import type { Machine } from './machine.ts';
import { asks } from './command-line.ts';
import { connects, createsFile, opensPipe, start } from './process.ts';
import { products } from './programs.ts';
import { windows } from './windows-programs.ts';
import {
  checksPassword,
  getsPrivileges,
  grantsServiceTicket,
  logsOff,
  logsOn,
  machineAccount,
  opensShare,
} from './security-log.ts';
import { elsewhere, pass } from './stage.ts';
import type { Stage } from './stage.ts';
import { changesState, runsTask } from './system-logs.ts';

/** The night's backup: the product fetches every server, one after the other. */
export function backupJobs(company: CompanyDay, random: Random): readonly Activity[] {
  const { day, habits, servers, fileServer, domainController } = company;
  const keeper = servers.find(({ host }) => host.role === 'BACKUP_SERVER') ?? fileServer;
  const nightly = servers.map((machine, index) => ({
    at: at(day, habits.backupClock) + index * random.between(8, 20) * 60_000,
    machine,
    events: 24,
    play: (stage: Stage) => backsUp(stage, company, keeper),
  }));
  const weekly = (
    clock: number,
    machine: Machine,
    events: number,
    play: (stage: Stage) => void,
  ) => ({
    at: at(day, clock) + random.below(600_000),
    ...{ machine, events, play },
  });
  return [
    ...nightly,
    ...(habits.hasWindowsBackup
      ? [weekly(21.5, domainController, 11, (stage) => runsWindowsBackup(stage, keeper))]
      : []),
    ...(day.weekday === 5 ? [weekly(23, fileServer, 5, (stage) => mirrors(stage, keeper))] : []),
    ...(day.weekday === 6 && habits.prunesShadows
      ? [weekly(23.4, fileServer, 5, prunesShadows)]
      : []),
    ...(day.weekday === 6 && habits.hasWindowsBackup
      ? [weekly(22.8, domainController, 4, prunesWindowsBackup)]
      : []),
  ];
}

function backsUp(stage: Stage, company: CompanyDay, keeper: Machine): void {
  const { estate, domainController, habits } = company;
  const { machine } = stage;
  const service = daemon(keeper, products.backup, `"${products.backup.image}" -service`);
  const account = signIn(estate, 'svc-backup', String(stage.now), {
    session: 0,
    integrity: 'High',
  });
  const atKeeper = elsewhere(stage, keeper);
  connects(atKeeper, service, { ip: machine.host.ip, port: 445, name: machine.fullName });
  grantsServiceTicket(
    elsewhere(atKeeper, domainController),
    'svc-backup',
    machineAccount(machine),
    keeper,
  );
  pass(stage, 100, 900);
  logsOn(stage, account, { logonType: 3, from: keeper });
  getsPrivileges(stage, account);
  opensShare(stage, account, keeper, 'ADMIN$', ['Temp\\NsDeploy.log']);
  const agent = backupAgentOf(machine);
  if (habits.stopsDatabase && machine.host.role === 'APPLICATION_SERVER') stopsDatabase(stage);
  copiesVolume(stage);
  pass(stage, 60_000, 1_200_000);
  connects(stage, agent, { ip: keeper.host.ip, port: 6172, name: keeper.fullName });
  pass(stage, 600_000, 2_400_000);
  changesState(stage, 'Volume Shadow Copy', 'stopped');
  createsFile(
    elsewhere(stage, keeper),
    service,
    `E:\\Nachtspeicher\\${machine.host.name}\\${stage.random.hex(8)}.nsb`,
  );
  logsOff(stage, account, 3);
}

/** A shadow copy of the volume with the data, asked for before the copy and after. */
function copiesVolume(stage: Stage): void {
  const { machine } = stage;
  const agent = backupAgentOf(machine);
  const shell = start(
    stage,
    agent,
    windows.cmd,
    'C:\\Windows\\system32\\cmd.exe /c "C:\\ProgramData\\Nachtspeicher\\Agent\\vorher.cmd"',
    { livesMs: 40_000 },
  );
  pass(stage, 200, 900);
  asks(stage, shell, windows.vssadmin, 'vssadmin  list writers');
  pass(stage, 4_000, 9_000);
  changesState(stage, 'Volume Shadow Copy', 'running');
  start(stage, servicesOf(machine), windows.vssvc, 'C:\\Windows\\system32\\vssvc.exe', {
    livesMs: 1_800_000,
  });
  asks(stage, shell, windows.vssadmin, 'vssadmin  create shadow /for=D:');
  pass(stage, 2_000, 20_000);
  opensPipe(stage, agent, '\\Nachtspeicher.Agent', 17);
}

/** A small database is stopped while it is copied, as its maker's handbook has it. */
function stopsDatabase(stage: Stage): void {
  const agent = backupAgentOf(stage.machine);
  const shell = start(
    stage,
    agent,
    windows.cmd,
    'C:\\Windows\\system32\\cmd.exe /c net stop MSSQL$KONTOR /y',
    { livesMs: 9_000 },
  );
  asks(stage, shell, windows.net, 'net  stop MSSQL$KONTOR /y');
  pass(stage, 2_000, 9_000);
  changesState(stage, 'SQL Server (KONTOR)', 'stopped');
  const later = { ...stage, now: stage.now + 900_000 };
  start(later, agent, windows.net, 'net start MSSQL$KONTOR', { livesMs: 4_000 });
  pass(later, 2_000, 9_000);
  changesState(later, 'SQL Server (KONTOR)', 'running');
}

function runsWindowsBackup(stage: Stage, keeper: Machine): void {
  const scheduler = svchostOf(stage.machine, 'Schedule');
  const line = `"C:\\Windows\\System32\\wbadmin.exe" start backup -backupTarget:\\\\${keeper.host.name}\\wbadmin$ -include:C: -systemState -vssFull -quiet`;
  const wbadmin = start(stage, scheduler, windows.wbadmin, line, { livesMs: 1_900_000 });
  runsTask(
    stage,
    '\\Microsoft\\Windows\\Backup\\Microsoft-Windows-WindowsBackup',
    windows.wbadmin.image,
    wbadmin.pid,
    1_900_000,
  );
  pass(stage, 2_000, 9_000);
  changesState(stage, 'Block Level Backup Engine Service', 'running');
  connects(stage, wbadmin, { ip: keeper.host.ip, port: 445, name: keeper.fullName });
  checksPassword(stage, 'svc-backup', stage.machine.host.name, '0x0');
}

function prunesWindowsBackup(stage: Stage): void {
  const shell = start(
    stage,
    svchostOf(stage.machine, 'Schedule'),
    windows.cmd,
    'C:\\Windows\\system32\\cmd.exe /c "C:\\Tools\\backup\\aufraeumen.cmd"',
    { livesMs: 90_000 },
  );
  pass(stage, 300, 900);
  asks(stage, shell, windows.wbadmin, 'wbadmin  delete backup -keepVersions:14 -quiet');
}

/** Few do it: when the volume is short of space, the oldest shadow copy goes. */
function prunesShadows(stage: Stage): void {
  const shell = start(
    stage,
    svchostOf(stage.machine, 'Schedule'),
    windows.cmd,
    'C:\\Windows\\system32\\cmd.exe /c "C:\\Tools\\backup\\platz.cmd"',
    { livesMs: 9_000 },
  );
  pass(stage, 300, 900);
  asks(stage, shell, windows.vssadmin, 'vssadmin  delete shadows /for=D: /oldest /quiet');
  asks(stage, shell, windows.vssadmin, 'vssadmin  list shadowstorage');
}

function mirrors(stage: Stage, keeper: Machine): void {
  const shell = start(
    stage,
    svchostOf(stage.machine, 'Schedule'),
    windows.cmd,
    'C:\\Windows\\system32\\cmd.exe /c "C:\\Tools\\backup\\spiegel.cmd"',
    { livesMs: 3_000_000 },
  );
  pass(stage, 300, 900);
  const copy = start(
    stage,
    shell,
    windows.robocopy,
    `robocopy  D:\\Shares \\\\${keeper.host.name}\\spiegel$ /MIR /R:1 /W:1 /NP /LOG:C:\\Tools\\backup\\spiegel.log`,
    { livesMs: 2_900_000 },
  );
  connects(stage, copy, { ip: keeper.host.ip, port: 445, name: keeper.fullName });
}
