import { asks } from './command-line.ts';
import type { CompanyDay, Desk } from './company.ts';
import { explorerOf, kernelOf, servicesOf } from './daemons.ts';
import { elevated, signIn } from './machine.ts';
import type { Account, Machine } from './machine.ts';
import { connects, createsFile, opensPipe, start } from './process.ts';
import { products } from './programs.ts';
import { windows } from './windows-programs.ts';
import {
  getsPrivileges,
  grantsServiceTicket,
  logsOff,
  logsOn,
  machineAccount,
  opensShare,
} from './security-log.ts';
import { elsewhere, pass } from './stage.ts';
import type { Stage } from './stage.ts';
import { changesState, installsService } from './system-logs.ts';

/** From the administrator's own machine, once a week: policies are fetched anew on somebody's machine. */
export function usesPsExec(stage: Stage, admin: Desk, target: Machine, company: CompanyDay): void {
  const rights = elevated(admin.account);
  const shell = start(stage, explorerOf(admin), windows.cmd, '"C:\\Windows\\system32\\cmd.exe" ', {
    account: rights,
    livesMs: 300_000,
  });
  pass(stage, 4_000, 20_000);
  const tool = start(
    stage,
    shell,
    products.psExec,
    `PsExec64.exe  \\\\${target.host.name} -s cmd /c "gpupdate /force & ipconfig /registerdns"`,
    { livesMs: 60_000 },
  );
  connects(stage, tool, { ip: target.host.ip, port: 445, name: target.fullName });
  const name = `adm-${admin.owner.account}`;
  grantsServiceTicket(
    elsewhere(stage, company.domainController),
    name,
    machineAccount(target),
    admin.machine,
  );
  const there = elsewhere(stage, target);
  pass(there, 100, 900);
  const account = signIn(stage.estate, name, String(there.now), { session: 0, integrity: 'High' });
  runsPsExecService(there, account, admin.machine);
}

function runsPsExecService(there: Stage, account: Account, from: Machine): void {
  const { machine } = there;
  logsOn(there, account, { logonType: 3, from });
  getsPrivileges(there, account);
  opensShare(there, account, from, 'ADMIN$', ['PSEXESVC.exe']);
  const kernel = kernelOf(machine);
  createsFile(there, kernel, products.psExecService.image);
  pass(there, 100, 600);
  installsService(there, {
    name: 'PSEXESVC',
    path: '%SystemRoot%\\PSEXESVC.exe',
    startType: 'demand start',
  });
  const service = start(
    there,
    servicesOf(machine),
    products.psExecService,
    products.psExecService.image,
    { livesMs: 30_000 },
  );
  changesState(there, 'PSEXESVC', 'running');
  opensPipe(there, service, '\\PSEXESVC', 17);
  opensPipe(
    there,
    service,
    `\\PSEXESVC-${from.host.name}-${there.random.between(2_000, 9_000)}-stdout`,
    17,
  );
  pass(there, 100, 600);
  const shell = start(
    there,
    service,
    windows.cmd,
    '"cmd" /c "gpupdate /force & ipconfig /registerdns"',
    { livesMs: 20_000 },
  );
  asks(there, shell, windows.gpupdate, 'gpupdate  /force');
  pass(there, 4_000, 12_000);
  asks(there, shell, windows.ipconfig, 'ipconfig  /registerdns');
  pass(there, 9_000, 15_000);
  changesState(there, 'PSEXESVC', 'stopped');
  logsOff(there, account, 3);
}
