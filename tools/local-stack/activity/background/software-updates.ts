import type { Random } from '../random.ts';
import type { Activity } from './activity.ts';
import type { CompanyDay, Desk } from './company.ts';
import { explorerOf, servicesOf, svchostOf } from './daemons.ts';
import { daemon, elevated } from './machine.ts';
import {
  installsByPackage,
  installsDriver,
  installsProduct,
  runsDownloaded,
} from './installations.ts';
import { sites, visits } from './network.ts';
import { machinesOn, onEach } from './often.ts';
import { createsFile, setsValue, start } from './process.ts';
import { program } from './program.ts';
import { apps, products } from './programs.ts';
import { windows } from './windows-programs.ts';
import { pass } from './stage.ts';
import type { Stage } from './stage.ts';
import { changesState, registersTask, runsTask, shutsDown } from './system-logs.ts';

/** New versions of what is installed, each about as often as its maker brings one out. */
export function softwareUpdates(company: CompanyDay, random: Random): readonly Activity[] {
  const all = machinesOn(company);
  const desks = all.filter(({ desk }) => desk);
  return [
    ...onEach(desks, random, 1 / 9, 12, (stage) => updatesChrome(stage)),
    ...onEach(all, random, 1 / 8, 10, (stage) => updatesEdge(stage)),
    ...onEach(desks, random, 1 / 18, 10, (stage) => updatesOffice(stage)),
    ...onEach(desks, random, 1 / 28, 12, (stage) => updatesAcrobat(stage)),
    ...onEach(all, random, 1 / 26, 18, (stage) => updatesWindows(stage)),
    ...onEach(desks, random, 1 / 70, 6, (stage) => installsDriver(stage)),
    ...onEach(all, random, 1 / 40, 18, (stage) => installsProduct(stage)),
    ...onEach(desks, random, 1 / 150, 9, (stage, desk) => runsDownloaded(stage, desk)),
    ...onEach(desks, random, 1 / 12, 5, (stage, desk) => updatesAccounts(stage, desk, company)),
  ];
}

/** A browser's last number: everybody gets the same, and a higher one the week after. */
function currentBuild(at: number): number {
  return 60 + (Math.floor(at / 604_800_000) % 140);
}

function updatesChrome(stage: Stage): void {
  const { random, machine } = stage;
  const version = `131.0.6778.${currentBuild(stage.now)}`;
  const updater = start(
    stage,
    svchostOf(machine, 'Schedule'),
    apps.chromeUpdater,
    `"${apps.chromeUpdater.image}" --wake --system`,
    { livesMs: 90_000 },
  );
  visits(stage, updater, sites.updates);
  const folder = `C:\\Program Files (x86)\\chrome_Unpacker_BeginUnzipping${random.between(1_000, 9_000)}_${random.between(1_000_000, 9_999_999)}`;
  createsFile(stage, updater, `${folder}\\${version}_chrome_installer.exe`);
  pass(stage, 900, 9_000);
  const installer = program(`${folder}\\${version}_chrome_installer.exe`, {
    description: 'Google Chrome Installer',
    product: 'Google Chrome Installer',
    company: 'Google LLC',
    fileVersion: version,
  });
  const outer = start(
    stage,
    updater,
    installer,
    `"${installer.image}" --verbose-logging --do-not-launch-chrome --channel=stable`,
    { livesMs: 40_000 },
  );
  const setup = program(`${folder}\\CR_${random.hex(5).toUpperCase()}.tmp\\setup.exe`, {
    description: 'Google Chrome Installer',
    product: 'Google Chrome Installer',
    company: 'Google LLC',
    fileVersion: version,
  });
  pass(stage, 900, 4_000);
  const inner = start(
    stage,
    outer,
    setup,
    `"${setup.image}" --install-archive="${folder}\\CHROME.PACKED.7Z" --verbose-logging --do-not-launch-chrome --system-level`,
    { livesMs: 30_000 },
  );
  createsFile(stage, inner, 'C:\\Program Files\\Google\\Chrome\\Application\\new_chrome.exe');
  pass(stage, 500, 4_000);
  setsValue(
    stage,
    inner,
    'HKLM\\SOFTWARE\\Microsoft\\Active Setup\\Installed Components\\{8A69D345-D564-463c-AFF1-A69D9E530F96}\\StubPath',
    `"C:\\Program Files\\Google\\Chrome\\Application\\${version}\\Installer\\chrmstp.exe" --configure-user-settings --verbose-logging --system-level`,
  );
  if (random.chance(0.1))
    registersTask(
      stage,
      random.chance(0.5) ? 140 : 141,
      '\\GoogleSystem\\GoogleUpdater\\GoogleUpdaterTaskSystem132.0.6833.0',
      machine.system,
    );
}

function updatesEdge(stage: Stage): void {
  const { random, machine } = stage;
  const version = `131.0.2903.${currentBuild(stage.now)}`;
  const task = '\\MicrosoftEdgeUpdateTaskMachineUA';
  const updater = start(
    stage,
    svchostOf(machine, 'Schedule'),
    apps.edgeUpdate,
    `"${apps.edgeUpdate.image}" /ua /installsource scheduler`,
    { livesMs: 70_000 },
  );
  runsTask(stage, task, apps.edgeUpdate.image, updater.pid, 70_000);
  visits(stage, updater, sites.updates);
  const path = `C:\\Program Files (x86)\\Microsoft\\EdgeUpdate\\Install\\{${random.hex(8).toUpperCase()}-7C2B-4E0C-9A51-0D6E5B3A9F12}\\MicrosoftEdge_X64_${version}.exe`;
  createsFile(stage, updater, path);
  pass(stage, 900, 9_000);
  const installer = program(path, {
    description: 'Microsoft Edge Installer',
    product: 'Microsoft Edge Installer',
    company: 'Microsoft Corporation',
    fileVersion: version,
  });
  start(
    stage,
    updater,
    installer,
    `"${path}" --msedge --verbose-logging --do-not-launch-msedge --system-level --channel=stable`,
    { livesMs: 30_000 },
  );
}

function updatesOffice(stage: Stage): void {
  const { machine, random } = stage;
  const service = daemon(machine, apps.clickToRun, `"${apps.clickToRun.image}" /service`);
  const task = '\\Microsoft\\Office\\Office Automatic Updates 2.0';
  const client = start(
    stage,
    svchostOf(machine, 'Schedule'),
    apps.officeC2r,
    `"${apps.officeC2r.image}" /frequentupdate SCHEDULEDTASK displaylevel=False`,
    { livesMs: 60_000 },
  );
  runsTask(stage, task, apps.officeC2r.image, client.pid, 60_000);
  visits(stage, service, sites.office);
  pass(stage, 9_000, 90_000);
  createsFile(
    stage,
    service,
    `C:\\Program Files\\Microsoft Office\\Updates\\Download\\PackageFiles\\${random.hex(8).toUpperCase()}\\root\\office16\\mso.dll`,
  );
  registersTask(stage, 140, task, machine.system);
  if (random.chance(0.3))
    setsValue(
      stage,
      service,
      'HKLM\\SOFTWARE\\Microsoft\\Office\\ClickToRun\\Configuration\\VersionToReport',
      '16.0.18025.20160',
    );
}

function updatesAcrobat(stage: Stage): void {
  const { machine } = stage;
  const arm = start(
    stage,
    svchostOf(machine, 'Schedule'),
    apps.adobeArm,
    `"${apps.adobeArm.image}" /PRODUCT:Acrobat /VERSION:24.0 /MODE:3`,
    { livesMs: 300_000 },
  );
  visits(stage, arm, sites.updates);
  const patch = `C:\\ProgramData\\Adobe\\ARM\\S\\${stage.random.hex(5)}\\AcrobatDCx64Upd2400420272.msp`;
  createsFile(stage, arm, patch);
  installsByPackage(stage, arm, { package: patch, file: apps.acrobat.image });
}

function updatesWindows(stage: Stage): void {
  const { random, machine } = stage;
  const worker = start(
    stage,
    svchostOf(machine, 'UsoSvc'),
    windows.usoWorker,
    'C:\\Windows\\UUS\\amd64\\MoUsoCoreWorker.exe',
    { livesMs: 900_000 },
  );
  visits(stage, svchostOf(machine, 'wuauserv'), sites.updates);
  changesState(stage, 'Windows Modules Installer', 'running');
  const installer = start(
    stage,
    servicesOf(machine),
    windows.trustedInstaller,
    'C:\\Windows\\servicing\\TrustedInstaller.exe',
    { livesMs: 900_000 },
  );
  pass(stage, 900, 4_000);
  const tiWorker = start(
    stage,
    svchostOf(machine, 'DcomLaunch'),
    windows.tiWorker,
    `${windows.tiWorker.image} -Embedding`,
    { livesMs: 900_000 },
  );
  for (let count = random.between(2, 5); count > 0; count -= 1) {
    pass(stage, 900, 60_000);
    createsFile(
      stage,
      tiWorker,
      `C:\\Windows\\WinSxS\\Temp\\InFlight\\${random.hex(8)}\\amd64_microsoft-windows-${random.pick(['kernel', 'shell32', 'winlogon', 'lsasrv'])}.dll`,
    );
  }
  setsValue(
    stage,
    installer,
    'HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\SessionsPending\\Exclusive',
    'DWORD (0x00000001)',
  );
  start(stage, worker, windows.ngen, `"${windows.ngen.image}" ExecuteQueuedItems /nologo`, {
    livesMs: 30_000,
  });
  if (machine.host.role === 'WORKSTATION' && random.chance(0.3))
    shutsDown(stage, machine.system, {
      process: windows.usoWorker.image,
      reason: 'Operating System: Service pack (Planned)',
      isRestart: true,
    });
}

/** The maker of the accounts ships a script that registers a library anew. */
function updatesAccounts(stage: Stage, desk: Desk | undefined, { habits }: CompanyDay): void {
  if (desk?.owner.department !== 'Accounts' || !habits.hasMacros) return;
  const update = start(
    stage,
    explorerOf(desk),
    products.kontorUpdate,
    `"${products.kontorUpdate.image}" /still`,
    { account: elevated(desk.account), livesMs: 60_000 },
  );
  visits(stage, update, ['update.kontorwerk.example']);
  const shell = start(
    stage,
    update,
    windows.cmd,
    'cmd.exe /c "C:\\Program Files (x86)\\KontorPlus\\update\\nacharbeit.cmd"',
    { livesMs: 9_000 },
  );
  pass(stage, 500, 2_000);
  start(
    stage,
    shell,
    windows.regsvr32,
    'regsvr32  /s "C:\\Program Files (x86)\\KontorPlus\\KpBericht.dll"',
    { livesMs: 500 },
  );
  start(
    stage,
    shell,
    windows.icacls,
    'icacls  "C:\\ProgramData\\KontorPlus" /grant *S-1-5-32-545:(OI)(CI)M /t /q',
    { livesMs: 900 },
  );
}
