import type { Desk } from './company.ts';
import { agentOf, explorerOf, servicesOf, svchostOf } from './daemons.ts';
import { daemon, elevated } from './machine.ts';
import type { Process } from './machine.ts';
import { sites, visits } from './network.ts';
import { changesKey, connects, createsFile, setsValue, start } from './process.ts';
import { program } from './program.ts';
import { apps, products } from './programs.ts';
import { windows } from './windows-programs.ts';
import { audit, localSystemSubject } from './security-log.ts';
import { pass } from './stage.ts';
import type { Stage } from './stage.ts';
import { changesState, installsService, registersTask } from './system-logs.ts';

/** The service of Windows Installer unpacks a package, runs what is in it and writes the registry. */
export function installsByPackage(
  stage: Stage,
  caller: Process,
  what: { readonly package: string; readonly file: string },
): void {
  const { random, machine } = stage;
  start(
    stage,
    caller,
    windows.msiexec,
    `"C:\\Windows\\System32\\msiexec.exe" /i "${what.package}" /qn /norestart`,
    { livesMs: 40_000 },
  );
  pass(stage, 400, 2_000);
  const service = start(
    stage,
    servicesOf(machine),
    windows.msiexec,
    'C:\\Windows\\system32\\msiexec.exe /V',
    { livesMs: 600_000 },
  );
  start(
    stage,
    service,
    windows.msiexec,
    `C:\\Windows\\System32\\MsiExec.exe -Embedding ${random.hex(8).toUpperCase().repeat(4)} E Global\\MSI0000`,
    { livesMs: 30_000 },
  );
  pass(stage, 400, 4_000);
  createsFile(stage, service, `C:\\Windows\\Installer\\${random.hex(5)}.msi`);
  createsFile(stage, service, what.file);
  pass(stage, 100, 900);
  changesKey(
    stage,
    service,
    `HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{${random.hex(8).toUpperCase()}-3C1E-4D55-8A07-91F0C6E2B7D4}`,
  );
}

export function installsDriver(stage: Stage): void {
  const { machine, random } = stage;
  const installer = svchostOf(machine, 'DcomLaunch');
  const folder = `C:\\Windows\\System32\\DriverStore\\Temp\\{${random.hex(8)}-91c2-4f41-b0d5-2f7e60a1c3d8}`;
  const drvinst = start(
    stage,
    installer,
    windows.drvinst,
    `DrvInst.exe "4" "0" "${folder}\\dfusb.inf" "9" "4${random.hex(8)}" "0000000000000158" "WinSta0\\Default"`,
    { livesMs: 9_000 },
  );
  createsFile(stage, drvinst, `${folder}\\dfusb.sys`);
  pass(stage, 900, 4_000);
  createsFile(stage, drvinst, 'C:\\Windows\\System32\\drivers\\dfusb.sys');
  setsValue(
    stage,
    drvinst,
    'HKLM\\SYSTEM\\CurrentControlSet\\Services\\dfusb\\ImagePath',
    '\\SystemRoot\\System32\\drivers\\dfusb.sys',
  );
  installsService(stage, {
    name: 'Druckfein USB Driver',
    path: '\\SystemRoot\\System32\\drivers\\dfusb.sys',
    isDriver: true,
    startType: 'demand start',
  });
}

const newProducts = [
  {
    name: 'Nachtspeicher Agent',
    file: products.backupAgent.image,
    package: 'C:\\ProgramData\\RemoteCare\\Packages\\nsagent.msi',
  },
  {
    name: 'Druckfein Status',
    file: products.printMonitor.image,
    package: 'C:\\ProgramData\\RemoteCare\\Packages\\druckfein.msi',
  },
  {
    name: 'KontorPlus Service',
    file: 'C:\\Program Files (x86)\\KontorPlus\\KpService.exe',
    package: 'C:\\ProgramData\\RemoteCare\\Packages\\kontorplus.msi',
  },
] as const;

/** Remote management rolls out a product: a service, a task for its updates, a hole in the firewall. */
export function installsProduct(stage: Stage): void {
  const { machine, random } = stage;
  const product = random.pick(newProducts);
  installsByPackage(stage, agentOf(machine), product);
  const service = daemon(machine, windows.msiexec, 'C:\\Windows\\system32\\msiexec.exe /V');
  pass(stage, 300, 2_000);
  installsService(stage, { name: product.name, path: `"${product.file}" -service` });
  changesState(stage, product.name, 'running');
  pass(stage, 300, 2_000);
  const task = `\\${product.name} Update`;
  start(
    stage,
    service,
    windows.schtasks,
    `schtasks.exe /Create /F /RU SYSTEM /SC DAILY /ST 12:${random.between(10, 59)} /TN "${product.name} Update" /TR "\\"${product.file}\\" -update"`,
    { livesMs: 400 },
  );
  registersTask(stage, 106, task, machine.system);
  registersWithXml(stage, task, product.file);
  pass(stage, 300, 900);
  start(
    stage,
    service,
    windows.netsh,
    `netsh.exe advfirewall firewall add rule name="${product.name}" dir=in action=allow program="${product.file}" enable=yes`,
    { livesMs: 600 },
  );
  if (random.chance(0.5))
    setsValue(
      stage,
      service,
      `HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Run\\${product.name}`,
      `"${product.file}" -tray`,
    );
  if (random.chance(0.4))
    start(
      stage,
      service,
      windows.regsvr32,
      `"C:\\Windows\\System32\\regsvr32.exe" /s "${product.file.replace('.exe', 'Shell.dll')}"`,
      { livesMs: 500 },
    );
}

function registersWithXml(stage: Stage, task: string, file: string): void {
  audit(stage, 4698, {
    ...localSystemSubject(stage),
    TaskName: task,
    TaskContent: `<?xml version="1.0" encoding="UTF-16"?>\r\n<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">\r\n  <Triggers><CalendarTrigger><ScheduleByDay><DaysInterval>1</DaysInterval></ScheduleByDay></CalendarTrigger></Triggers>\r\n  <Principals><Principal id="Author"><UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel></Principal></Principals>\r\n  <Actions Context="Author"><Exec><Command>${file}</Command><Arguments>-update</Arguments></Exec></Actions>\r\n</Task>`,
    ClientProcessStartKey: '2533274790396033',
    ClientProcessId: stage.random.between(1_000, 9_000),
    ParentProcessId: servicesOf(stage.machine).pid,
    RpcCallClientLocality: 0,
    FQDN: stage.machine.fullName,
  });
}

const helper = program('{profile}\\Downloads\\FernhilfeQS.exe', {
  description: 'Fernhilfe QuickSupport',
  product: 'Fernhilfe',
  company: 'Fernhilfe Software',
  fileVersion: '15.59.3',
});
const unpackedHelper = program('{profile}\\AppData\\Local\\Temp\\FernhilfeQS\\Fernhilfe.exe', {
  description: 'Fernhilfe',
  product: 'Fernhilfe',
  company: 'Fernhilfe Software',
  fileVersion: '15.59.3',
});

/** Another firm's support asks somebody to fetch its tool and run it; it unpacks itself and asks for more rights. */
export function runsDownloaded(stage: Stage, desk: Desk | undefined): void {
  if (!desk) return;
  const browser = daemon(stage.machine, apps.edge, `"${apps.edge.image}"`, desk.account);
  visits(stage, browser, sites.web);
  createsFile(stage, browser, '{profile}\\Downloads\\FernhilfeQS.exe');
  pass(stage, 5_000, 30_000);
  const outer = start(stage, explorerOf(desk), helper, `"${helper.image}" `, { livesMs: 900_000 });
  createsFile(stage, outer, unpackedHelper.image);
  pass(stage, 500, 4_000);
  const inner = start(stage, outer, unpackedHelper, `"${unpackedHelper.image}" --qs`, {
    account: elevated(desk.account),
    livesMs: 890_000,
  });
  connects(stage, inner, { ip: '203.0.113.158', port: 5938, name: 'router4.fernhilfe.example' });
}
