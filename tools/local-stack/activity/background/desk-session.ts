import type { Activity } from './activity.ts';
import type { CompanyDay, Desk } from './company.ts';
import { explorerOf, openApp, servicesOf, svchostOf } from './daemons.ts';
import { daemon, signIn } from './machine.ts';
import { createsFile, end, setsValue, start } from './process.ts';
import { apps, products } from './programs.ts';
import { windows } from './windows-programs.ts';
import {
  failsToLogOn,
  checksPassword,
  grantsServiceTicket,
  grantsTicket,
  logsOff,
  logsOn,
  machineAccount,
} from './security-log.ts';
import { elsewhere, pass } from './stage.ts';
import type { Stage } from './stage.ts';
import { changesState, shutsDown, windowsStarts } from './system-logs.ts';

/** Somebody's day begins and ends: the machine is switched on, they sign in, lock it, leave. */
export function deskSession(desk: Desk, company: CompanyDay): readonly Activity[] {
  const { machine, from, until, lunchUntil } = desk;
  const common = { machine };
  return [
    { ...common, at: machine.bootedAt, events: 7, play: (stage) => boots(stage, company) },
    { ...common, at: from, events: 22, play: (stage) => begins(stage, desk, company) },
    { ...common, at: lunchUntil, events: 2, play: (stage) => unlocks(stage, desk) },
    { ...common, at: until, events: 3, play: (stage) => leaves(stage, desk) },
  ];
}

function boots(stage: Stage, { domainController, estate }: CompanyDay): void {
  const { machine } = stage;
  windowsStarts(stage);
  for (const service of ['Windows Update', 'RemoteCare Agent', 'Print Spooler']) {
    pass(stage, 300, 6_000);
    changesState(stage, service, 'running');
  }
  const controller = elsewhere(stage, domainController);
  grantsTicket(controller, machineAccount(machine), machine);
  pass(controller, 20, 300);
  grantsServiceTicket(
    controller,
    machineAccount(machine),
    machineAccount(domainController),
    machine,
  );
  pass(controller, 20, 300);
  const account = signIn(estate, machineAccount(machine), String(stage.now), { session: 0 });
  logsOn(controller, account, { logonType: 3, from: machine });
  logsOff(controller, account, 3, controller.now + 60_000);
}

function begins(stage: Stage, desk: Desk, company: CompanyDay): void {
  const { machine, account, owner } = desk;
  mistypes(stage, desk, company);
  const controller = elsewhere(stage, company.domainController);
  grantsTicket(controller, owner.account, machine);
  pass(controller, 10, 200);
  grantsServiceTicket(controller, owner.account, machineAccount(machine), machine);
  pass(stage, 200, 900);
  logsOn(stage, account, {
    logonType: stage.random.chance(0.3) ? 11 : 2,
    process: svchostOf(machine, 'Schedule'),
  });
  const winlogon = daemon(machine, windows.winlogon, 'winlogon.exe');
  const userinit = start(stage, winlogon, windows.userinit, 'C:\\Windows\\system32\\userinit.exe', {
    account,
    livesMs: 25_000,
  });
  pass(stage, 100, 900);
  runsLogonScript(stage, desk, company);
  const explorer = explorerOf(desk);
  start(stage, userinit, windows.explorer, explorer.commandLine, { account });
  pass(stage, 2_000, 9_000);
  start(
    stage,
    explorer,
    apps.securityHealth,
    '"C:\\Windows\\System32\\SecurityHealthSystray.exe" ',
  );
  pass(stage, 500, 4_000);
  const oneDrive = start(stage, explorer, apps.oneDrive, `"${apps.oneDrive.image}" /background`);
  if (stage.random.chance(0.2))
    setsValue(
      stage,
      oneDrive,
      'HKCU\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\OneDrive',
      `"${apps.oneDrive.image}" /background`,
    );
  pass(stage, 500, 9_000);
  start(stage, explorer, products.printMonitor, `"${products.printMonitor.image}" -tray`);
  pass(stage, 1_000, 9_000);
  start(stage, svchostOf(machine, 'DcomLaunch'), apps.teams, openApp(desk, 'teams').commandLine, {
    account,
  });
  pass(stage, 5_000, 90_000);
  start(stage, explorer, apps.outlook, openApp(desk, 'outlook').commandLine);
  pass(stage, 5_000, 200_000);
  start(stage, explorer, apps.edge, `"${apps.edge.image}" --profile-directory=Default`);
}

/** A wrong password now and then, more after a weekend. */
function mistypes(
  stage: Stage,
  { machine, owner }: Desk,
  { day, domainController }: CompanyDay,
): void {
  if (!stage.random.chance(day.weekday === 0 ? 0.22 : 0.09)) return;
  const times = stage.random.chance(0.8) ? 1 : stage.random.between(2, 4);
  for (let time = 0; time < times; time += 1) {
    checksPassword(
      elsewhere(stage, domainController),
      owner.account,
      machine.host.name,
      '0xc000006a',
    );
    failsToLogOn(stage, owner.account, '0xc000006a', { logonType: 2 });
    pass(stage, 3_000, 15_000);
  }
}

/** Drives and printers, as small companies still connect them. */
function runsLogonScript(
  stage: Stage,
  desk: Desk,
  { estate, fileServer, domainController }: CompanyDay,
): void {
  const { account, machine } = desk;
  const folder = `\\\\${estate.dnsDomain}\\NETLOGON`;
  const gpscript = start(
    stage,
    svchostOf(machine, 'gpsvc'),
    windows.gpscript,
    'gpscript.exe /Logon',
    {
      account,
      livesMs: 9_000,
    },
  );
  const shell = start(
    stage,
    gpscript,
    windows.cmd,
    `C:\\Windows\\system32\\cmd.exe /c "${folder}\\anmelden.cmd"`,
    {
      directory: `${folder}\\`,
      livesMs: 8_000,
    },
  );
  pass(stage, 300, 900);
  start(
    stage,
    shell,
    windows.net,
    `net  use P: \\\\${fileServer.host.name}\\Projekte /persistent:no`,
    {
      livesMs: 700,
    },
  );
  grantsServiceTicket(
    elsewhere(stage, domainController),
    account.name,
    machineAccount(fileServer),
    machine,
  );
  pass(stage, 300, 900);
  if (stage.random.chance(0.5))
    start(stage, shell, windows.wscript, `wscript.exe  //B "${folder}\\drucker.vbs"`, {
      livesMs: 1_500,
    });
}

function unlocks(stage: Stage, { account }: Desk): void {
  logsOn(stage, account, { logonType: 7 });
  logsOff(stage, account, 7, stage.now + 90);
}

function leaves(stage: Stage, desk: Desk): void {
  const { account, machine } = desk;
  end(stage, openApp(desk, 'outlook'));
  pass(stage, 2_000, 20_000);
  logsOff(stage, account, 2);
  pass(stage, 500, 4_000);
  shutsDown(stage, account, {
    process: 'C:\\Windows\\System32\\RuntimeBroker.exe',
    reason: 'Other (Unplanned)',
    isRestart: false,
  });
  pass(stage, 500, 4_000);
  if (stage.random.chance(0.2))
    createsFile(stage, servicesOf(machine), 'C:\\Windows\\System32\\sru\\SRUDB.dat');
}
