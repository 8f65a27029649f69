import type { Random } from '../random.ts';
import type { Activity } from './activity.ts';
import { at, isWorkday } from './calendar.ts';
import { asks } from './command-line.ts';
import { isServerStartDay } from './company.ts';
import type { CompanyDay } from './company.ts';
import { servicesOf, svchostOf } from './daemons.ts';
import { daemon, domainSid, signIn } from './machine.ts';
import type { Machine } from './machine.ts';
import { connects, createsFile, start } from './process.ts';
import { apps, products } from './programs.ts';
import { windows } from './windows-programs.ts';
import {
  checksPassword,
  failsToLogOn,
  getsPrivileges,
  logsOff,
  logsOn,
  opensShare,
} from './security-log.ts';
import { elsewhere, pass } from './stage.ts';
import type { Stage } from './stage.ts';
import {
  changesState,
  runsTask,
  shutsDown,
  subscribesForGood,
  windowsStarts,
} from './system-logs.ts';

/** What servers do on their calendar: start again, export, run their reports, be scanned for holes. */
export function serverUpkeep(company: CompanyDay, random: Random): readonly Activity[] {
  const { day, servers, habits } = company;
  const database = servers.find(({ host }) => host.role === 'APPLICATION_SERVER');
  return [
    ...(isServerStartDay(day)
      ? servers.map((machine) => ({
          at: day.startsAt + random.below(60_000),
          machine,
          events: 9,
          play: startsAgain,
        }))
      : []),
    ...(database && habits.hasMacros
      ? [
          {
            at: at(day, 5) + random.below(900_000),
            machine: database,
            events: 9,
            play: exportsFigures,
          },
        ]
      : []),
    ...(database && isWorkday(day)
      ? Array.from({ length: 6 }, () => ({
          at: at(day, 7) + random.below(36_000_000),
          machine: database,
          events: 4,
          play: recyclesPool,
        }))
      : []),
    ...(database && habits.hasScanner && day.weekday === 6
      ? [
          {
            at: at(day, 1.5) + random.below(900_000),
            machine: database,
            events: 13 * servers.length,
            play: (stage: Stage) => looksForHoles(stage, company),
          },
        ]
      : []),
  ];
}

/** Patches are in, the server starts again; its permanent subscription of WMI is read anew. */
function startsAgain(stage: Stage): void {
  const { machine } = stage;
  shutsDown(stage, machine.system, {
    process: windows.trustedInstaller.image,
    reason: 'Operating System: Upgrade (Planned)',
    isRestart: true,
  });
  pass(stage, 60_000, 200_000);
  windowsStarts(stage);
  for (const service of [
    'Netlogon',
    'Windows Event Log',
    'RemoteCare Agent',
    'Nachtspeicher Agent',
    'Server',
  ]) {
    pass(stage, 300, 4_000);
    changesState(stage, service, 'running');
  }
  pass(stage, 4_000, 20_000);
  subscribesForGood(
    stage,
    'SCM Event Log Filter',
    'NTEventLogEventConsumer="SCM Event Log Consumer"',
    'Binding EventFilter: instance of __EventFilter { Name = "SCM Event Log Filter"; Query = "select * from MSFT_SCMEventLogEvent"; QueryLanguage = "WQL"; }; Perm. Consumer: instance of NTEventLogEventConsumer { Name = "SCM Event Log Consumer"; SourceName = "Service Control Manager"; }',
  );
}

/** The database writes last night's figures, by a command line of its own. */
function exportsFigures(stage: Stage): void {
  const { machine } = stage;
  const agent = start(
    stage,
    svchostOf(machine, 'Schedule'),
    windows.cmd,
    'C:\\Windows\\system32\\cmd.exe /c "C:\\KontorPlus\\nacht\\export.cmd"',
    { livesMs: 60_000 },
  );
  runsTask(
    stage,
    '\\KontorPlus\\Nachtexport',
    'C:\\KontorPlus\\nacht\\export.cmd',
    agent.pid,
    60_000,
  );
  pass(stage, 900, 9_000);
  const server = daemon(machine, apps.sqlServer, `"${apps.sqlServer.image}" -sKONTOR`);
  const shell = start(
    stage,
    server,
    windows.cmd,
    '"C:\\Windows\\system32\\cmd.exe" /c bcp kontor.dbo.salden out D:\\Export\\salden.csv -c -T',
    { livesMs: 9_000 },
  );
  createsFile(stage, shell, 'D:\\Export\\salden.csv');
  asks(stage, agent, windows.robocopy, 'robocopy  D:\\Export D:\\Shares\\Verwaltung\\Export /MOV');
}

/** The web server gives its pool a fresh process. */
function recyclesPool(stage: Stage): void {
  const { machine, estate } = stage;
  const host = daemon(machine, windows.svchost, 'C:\\Windows\\system32\\svchost.exe -k iissvcs');
  const pool = {
    ...signIn(estate, 'KontorPlusPool', 'pool', { session: 0, integrity: 'High' }),
    domain: 'IIS APPPOOL',
    user: 'IIS APPPOOL\\KontorPlusPool',
  };
  const worker = start(
    stage,
    host,
    windows.w3wp,
    `c:\\windows\\system32\\inetsrv\\w3wp.exe -ap "KontorPlusPool" -v "v4.0" -l "webengine4.dll" -a \\\\.\\pipe\\iisipm${stage.random.hex(8)} -h "C:\\inetpub\\temp\\apppools\\KontorPlusPool\\KontorPlusPool.config" -w "" -m 0`,
    { account: pool },
  );
  pass(stage, 900, 9_000);
  if (stage.random.chance(0.3)) {
    // Pages are compiled when they are first asked for.
    const folder =
      'C:\\Windows\\Microsoft.NET\\Framework64\\v4.0.30319\\Temporary ASP.NET Files\\kontor\\4b2f9c01';
    start(
      stage,
      worker,
      windows.csc,
      `"${windows.csc.image}" /t:library /utf8output /R:"C:\\Windows\\Microsoft.Net\\assembly\\GAC_64\\System.Web\\System.Web.dll" /out:"${folder}\\App_Web_${stage.random.hex(8)}.dll"`,
      { livesMs: 2_000 },
    );
    createsFile(stage, worker, `${folder}\\App_Web_${stage.random.hex(8)}.0.cs`);
  }
  connects(stage, worker, { ip: machine.host.ip, port: 1433, name: machine.fullName });
}

/** Once a week, in the night to Sunday or on it, every server is tried from inside, with and without an account. */
function looksForHoles(stage: Stage, { servers, domainController, estate }: CompanyDay): void {
  const scanner = start(
    stage,
    servicesOf(stage.machine),
    products.scanner,
    `"${products.scanner.image}" --plan woche --targets C:\\ProgramData\\Luecke\\ziele.txt`,
    { livesMs: 3_000_000 },
  );
  for (const target of servers) {
    pass(stage, 20_000, 200_000);
    for (const port of [22, 80, 135, 443, 445, 3389, 5985])
      connects(stage, scanner, { ip: target.host.ip, port, name: target.fullName });
    const there = elsewhere(stage, target);
    for (const name of ['Administrator', 'guest']) {
      pass(there, 50, 900);
      checksPassword(
        elsewhere(there, domainController),
        name,
        stage.machine.host.name,
        '0xc000006a',
      );
      failsToLogOn(there, name, '0xc000006a', { logonType: 3, from: stage.machine });
    }
    triesWithAccount(there, stage.machine, domainSid(estate));
  }
}

function triesWithAccount(there: Stage, from: Machine, domain: string): void {
  const account = {
    ...signIn(there.estate, 'svc-scan', String(there.now), { session: 0, integrity: 'High' }),
    sid: `${domain}-2999`,
  };
  pass(there, 500, 4_000);
  logsOn(there, account, { logonType: 3, from, package: 'NTLM' });
  getsPrivileges(there, account);
  opensShare(there, account, from, 'IPC$', ['winreg', 'svcctl', 'srvsvc']);
  logsOff(there, account, 3);
}
