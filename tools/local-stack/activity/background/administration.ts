import { hashWord } from '../random.ts';
import type { Random } from '../random.ts';
import type { Activity } from './activity.ts';
import { isWorkday } from './calendar.ts';
import { asks } from './command-line.ts';
import type { CompanyDay, Desk } from './company.ts';
import { agentOf, explorerOf, lsassOf, svchostOf } from './daemons.ts';
import { daemon, signIn } from './machine.ts';
import type { Process } from './machine.ts';
import { howOften } from './often.ts';
import { usesPsExec } from './psexec.ts';
import { runsPowerShell } from './powershell.ts';
import { connects, createsFile, end, opensProcess, start } from './process.ts';
import type { Program } from './program.ts';
import { products } from './programs.ts';
import { windows } from './windows-programs.ts';
import {
  auditsStart,
  getsPrivileges,
  grantsServiceTicket,
  logsOff,
  logsOn,
  machineAccount,
  usesCredentials,
} from './security-log.ts';
import { elsewhere, log, pass } from './stage.ts';
import type { Stage } from './stage.ts';

/** How often somebody looks after the servers, on a workday. */
const visitsPerDay = 0.3;

/** What administrators do: the provider's through remote management, at some companies one of their own. */
export function administration(company: CompanyDay, random: Random): readonly Activity[] {
  const { day, servers, desks, habits, estate } = company;
  if (!isWorkday(day)) return [];
  const admin = habits.hasOwnAdmin ? adminDesk(company) : undefined;
  const rounds = Array.from({ length: howOften(random, visitsPerDay) }, () => {
    const machine = random.pick(servers);
    const at = random.between(day.startsAt + 30_000_000, day.startsAt + 61_000_000);
    const isAtWork = admin && at > admin.from + 600_000 && at < admin.until;
    const play = (stage: Stage): void =>
      isAtWork ? comesByRemoteDesktop(stage, admin, company) : comesThroughAgent(stage, company);
    return { at, machine, events: 30, play };
  });
  // Once a week, always on the same day.
  const isToolDay = day.weekday === hashWord(estate.domain, 7) % 5;
  if (!admin || !isToolDay) return rounds;
  const target = random.pick(desks);
  const at = random.between(admin.from + 1_800_000, admin.until);
  return [
    ...rounds,
    {
      at,
      machine: admin.machine,
      events: 22,
      play: (stage) => usesPsExec(stage, admin, target.machine, company),
    },
  ];
}

/** The last of those who are in the office by name: it is always the same person, unless they are away. */
function adminDesk({ desks, estate }: CompanyDay): Desk | undefined {
  const admin = estate.employees[Math.min(4, estate.employees.length - 1)];
  return desks.find(({ owner }) => owner === admin);
}

const sessions = {
  channel: 'Microsoft-Windows-TerminalServices-LocalSessionManager/Operational',
  provider: 'Microsoft-Windows-TerminalServices-LocalSessionManager',
};

function comesByRemoteDesktop(stage: Stage, admin: Desk, company: CompanyDay): void {
  const { machine: server, estate } = stage;
  const name = `adm-${admin.owner.account}`;
  const account = signIn(estate, name, String(stage.now), { session: 3, integrity: 'High' });
  const client = elsewhere(stage, admin.machine);
  const mstsc = start(
    client,
    explorerOf(admin),
    windows.mstsc,
    `"C:\\Windows\\system32\\mstsc.exe" /v:${server.host.name}`,
    { livesMs: 1_800_000 },
  );
  pass(client, 4_000, 20_000);
  usesCredentials(client, admin.account, { name, server: `TERMSRV/${server.host.name}` }, mstsc);
  connects(client, mstsc, { ip: server.host.ip, port: 3389, name: server.fullName });
  grantsServiceTicket(
    elsewhere(client, company.domainController),
    name,
    machineAccount(server),
    admin.machine,
  );
  stage.now = client.now + 900;
  logsOn(stage, account, { logonType: 10, from: admin.machine });
  getsPrivileges(stage, account);
  const session = { User: account.user, SessionID: 3, Address: admin.machine.host.ip };
  log(stage, sessions, 21, session);
  const userinit = start(
    stage,
    daemon(server, windows.winlogon, 'winlogon.exe'),
    windows.userinit,
    'C:\\Windows\\system32\\userinit.exe',
    { account, livesMs: 20_000 },
  );
  const explorer = start(stage, userinit, windows.explorer, 'C:\\Windows\\Explorer.EXE');
  looksAfter(stage, explorer, company);
  pass(stage, 60_000, 600_000);
  end(stage, explorer);
  log(stage, sessions, 23, session);
  logsOff(stage, account, 10);
}

/** The provider's people have no account in the house but one, and come by the agent. */
function comesThroughAgent(stage: Stage, company: CompanyDay): void {
  const { machine, estate } = stage;
  const agent = agentOf(machine);
  const screen = start(
    stage,
    agent,
    products.agentScreen,
    `"${products.agentScreen.image}" --session ${stage.random.hex(8)}`,
    { livesMs: 2_000_000 },
  );
  pass(stage, 9_000, 40_000);
  const account = signIn(estate, estate.providerAdmin, String(stage.now), {
    session: 1,
    integrity: 'High',
  });
  logsOn(stage, account, { logonType: 2, process: screen });
  getsPrivileges(stage, account);
  const explorer = start(
    stage,
    daemon(machine, windows.userinit, 'C:\\Windows\\system32\\userinit.exe', account),
    windows.explorer,
    'C:\\Windows\\Explorer.EXE',
  );
  looksAfter(stage, explorer, company);
  pass(stage, 60_000, 600_000);
  logsOff(stage, account, 2);
}

const consoles = [
  'dsa.msc',
  'gpmc.msc',
  'eventvwr.msc /s',
  'services.msc',
  'compmgmt.msc /s',
  'taskschd.msc /s',
  'dnsmgmt.msc',
] as const;

function looksAfter(stage: Stage, explorer: Process, company: CompanyDay): void {
  const { random } = stage;
  pass(stage, 9_000, 60_000);
  start(
    stage,
    explorer,
    windows.mmc,
    `"C:\\Windows\\system32\\mmc.exe" "C:\\Windows\\system32\\${random.pick(consoles)}"`,
    { livesMs: 600_000 },
  );
  pass(stage, 20_000, 200_000);
  if (random.chance(0.25)) opensTaskManager(stage, explorer);
  if (random.chance(0.6)) asksAround(stage, explorer, company);
  if (random.chance(0.5)) usesDirectoryModule(stage, explorer, company);
  if (random.chance(0.1)) savesLog(stage, explorer);
}

/** It shows what each process may do, and so opens each of them, the one with the passwords as well. */
function opensTaskManager(stage: Stage, explorer: Process): void {
  const manager = start(
    stage,
    explorer,
    windows.taskmgr,
    '"C:\\Windows\\system32\\taskmgr.exe" /4',
    { livesMs: 90_000 },
  );
  pass(stage, 900, 3_000);
  opensProcess(stage, manager, lsassOf(stage.machine), '0x1000');
}

function questionsOf(
  { estate, domainController }: CompanyDay,
  somebody: string,
): readonly (readonly [Program, string])[] {
  return [
    [windows.whoami, 'whoami  /groups'],
    [windows.net, `net  user ${somebody} /domain`],
    [windows.net, 'net  group "Domain Admins" /domain'],
    [windows.net, 'net  accounts /domain'],
    [windows.nltest, `nltest  /dclist:${estate.domain.toLowerCase()}`],
    [windows.nltest, `nltest  /sc_query:${estate.dnsDomain}`],
    [windows.dsquery, 'dsquery  user -inactive 8 -limit 0'],
    [windows.dsquery, 'dsquery  computer -stalepwd 90'],
    [windows.repadmin, 'repadmin  /replsummary'],
    [windows.gpupdate, 'gpupdate  /force'],
    [windows.sc, `sc  \\\\${domainController.host.name} query Netlogon`],
    [windows.tasklist, 'tasklist  /svc'],
    [windows.ipconfig, 'ipconfig  /all'],
    [windows.quser, `quser  /server:${domainController.host.name}`],
    [windows.systeminfo, 'systeminfo'],
    [windows.vssadmin, 'vssadmin  list shadows'],
    [windows.certutil, 'certutil  -store My'],
    [windows.wmic, 'wmic  qfe list brief'],
  ];
}

function asksAround(stage: Stage, explorer: Process, company: CompanyDay): void {
  const shell = start(stage, explorer, windows.cmd, '"C:\\Windows\\system32\\cmd.exe" ', {
    livesMs: 900_000,
  });
  if (stage.machine.host.role !== 'WORKSTATION') auditsStart(stage, shell, explorer);
  const questions = questionsOf(company, stage.random.pick(company.estate.employees).account);
  for (let count = stage.random.between(2, 5); count > 0; count -= 1) {
    pass(stage, 4_000, 60_000);
    asks(stage, shell, ...stage.random.pick(questions));
  }
}

const directoryQuestions = [
  'Search-ADAccount -LockedOut | Select-Object Name, LastLogonDate',
  'Get-ADUser -Filter * -Properties PasswordLastSet, LastLogonDate | Sort-Object LastLogonDate | Format-Table Name, LastLogonDate',
  'Get-ADComputer -Filter "OperatingSystem -like \'*Server*\'" -Properties OperatingSystem',
  'Get-ADGroupMember "Domain Admins"',
  'Get-WinEvent -FilterHashtable @{LogName="Security"; Id=4740} -MaxEvents 20',
  'Get-Service | Where-Object { $_.StartType -eq "Automatic" -and $_.Status -ne "Running" }',
  'Test-ComputerSecureChannel -Verbose',
] as const;

function usesDirectoryModule(
  stage: Stage,
  explorer: Process,
  { domainController }: CompanyDay,
): void {
  const script = stage.random.pick(directoryQuestions);
  const shell = runsPowerShell(stage, explorer, {
    commandLine: `"${windows.powershell.image}" `,
    scripts: ['prompt', script],
    cmdlet: script,
    livesMs: 600_000,
  });
  if (script.includes('-AD'))
    connects(stage, shell, {
      ip: domainController.host.ip,
      port: 9389,
      name: domainController.fullName,
    });
}

function savesLog(stage: Stage, explorer: Process): void {
  const shell = start(stage, explorer, windows.cmd, '"C:\\Windows\\system32\\cmd.exe" ', {
    livesMs: 90_000,
  });
  pass(stage, 4_000, 20_000);
  asks(stage, shell, windows.wevtutil, 'wevtutil  epl System C:\\Tools\\logs\\system.evtx');
  createsFile(stage, svchostOf(stage.machine, 'Winmgmt'), 'C:\\Tools\\logs\\system.evtx');
}
