import type { Random } from '../random.ts';
import type { Activity } from './activity.ts';
import { isWorkday } from './calendar.ts';
import type { CompanyDay, Desk } from './company.ts';
import { defenderOf, svchostOf } from './daemons.ts';
import { howOften, machinesOn, onEach } from './often.ts';
import { createsFile, start } from './process.ts';
import { windows } from './windows-programs.ts';
import { pass } from './stage.ts';
import type { Stage } from './stage.ts';
import { changesDefender, defends, installsService } from './system-logs.ts';

/** What Defender does on every machine each day. */
export function protectionDaily(company: CompanyDay, random: Random): readonly Activity[] {
  const machines = machinesOn(company);
  return [
    ...onEach(machines, random, 1, 5, (stage) => getsSignatures(stage)),
    ...onEach(machines, random, 0.6, 2, (stage) => scans(stage)),
  ];
}

/** What it does now and then. */
export function protectionSeldom(company: CompanyDay, random: Random): readonly Activity[] {
  const { desks, day } = company;
  const machines = machinesOn(company);
  const tests = isWorkday(day) && desks.length > 0 ? howOften(random, 1 / 60) : 0;
  return [
    ...onEach(machines, random, 1 / 6, 1, (stage) => changesSetting(stage)),
    ...onEach(machines, random, 1 / 20, 1, (stage) =>
      defends(stage, 1013, { 'Scan Time': stage.now, Domain: 'NT AUTHORITY', User: 'SYSTEM' }),
    ),
    ...onEach(machines, random, 1 / 25, 1, (stage) => defends(stage, 5000, {})),
    ...onEach(machines, random, 1 / 60, 1, (stage) => loadsSignatureDriver(stage)),
    ...Array.from({ length: tests }, () => {
      const desk = random.pick(desks);
      return {
        at: random.between(desk.from, desk.until),
        machine: desk.machine,
        events: 2,
        play: (stage: Stage) => findsTestFile(stage, desk),
      };
    }),
  ];
}

function getsSignatures(stage: Stage): void {
  const { machine, random } = stage;
  const version = `1.421.${random.between(100, 1_900)}.0`;
  const update = start(
    stage,
    svchostOf(machine, 'wuauserv'),
    windows.mpSigStub,
    `C:\\Windows\\system32\\MpSigStub.exe /stub 1.1.24090.11 /payload ${version} /program C:\\Windows\\SoftwareDistribution\\Download\\Install\\AM_Delta_Patch_${version}.exe`,
    { livesMs: 9_000 },
  );
  createsFile(
    stage,
    defenderOf(machine),
    `C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\{${random.hex(8).toUpperCase()}-1C0F-4A5B-9D33-6B9E02F7A8C1}\\mpasdlta.vdm`,
  );
  pass(stage, 2_000, 9_000);
  start(
    stage,
    update,
    windows.mpCmdRun,
    `"${windows.mpCmdRun.image}" SignaturesUpdateService -ScheduleJob -UnmanagedUpdate`,
    { livesMs: 4_000 },
  );
  defends(stage, 2000, {
    'Current security intelligence Version': version,
    'Previous security intelligence Version': `1.421.${random.between(20, 99)}.0`,
    Domain: 'NT AUTHORITY',
    User: 'SYSTEM',
    SID: 'S-1-5-18',
    'Security intelligence Type': 'AntiVirus',
    'Update Type': 'Delta',
  });
}

function scans(stage: Stage): void {
  const scan = {
    'Scan ID': `{${stage.random.hex(8).toUpperCase()}-5E21-4F0B-8A4D-2C90B71D6E55}`,
    'Scan Type': 'Antimalware',
    'Scan Parameters': 'Quick scan',
    Domain: 'NT AUTHORITY',
    User: 'SYSTEM',
    SID: 'S-1-5-18',
  };
  defends(stage, 1000, scan);
  pass(stage, 60_000, 400_000);
  defends(stage, 1001, scan);
}

const settings = [
  ['SpyNet\\LastMAPSSuccessTime', '0x1DB3D0A1', '0x1DB3E2B4'],
  ['Features\\EcsConfigs\\MpFC_Kernel_SystemIoRequestWorkOnBehalfOf', '', '0x4'],
  ['Scan\\LastScanRun', '0x1DB3D0A1', '0x1DB3E2B4'],
  ['CoreService\\DisableCoreService1DSTelemetry', '0x0', '0x1'],
] as const;

function changesSetting(stage: Stage): void {
  const [key, before, after] = stage.random.pick(settings);
  changesDefender(stage, key, before, after);
}

/** Newer definitions bring a driver, whose service is gone again soon. */
function loadsSignatureDriver(stage: Stage): void {
  const id = stage.random.hex(8);
  installsService(stage, {
    name: `MpKsl${id}`,
    path: `C:\\ProgramData\\Microsoft\\Windows Defender\\Definition Updates\\{${id.toUpperCase()}-7A10-4C3E-B5D2-0E9F41C6A8B7}\\MpKslDrv.sys`,
    isDriver: true,
    startType: 'system start',
  });
}

/** Somebody tries whether the antivirus works, with the file that is made for it. */
function findsTestFile(stage: Stage, { account }: Desk): void {
  const finding = {
    'Detection ID': `{${stage.random.hex(8).toUpperCase()}-93B4-4D0C-A1F7-58E2C06B9D31}`,
    'Threat ID': '2147519003',
    'Threat Name': 'Virus:DOS/EICAR_Test_File',
    'Severity ID': '5',
    'Severity Name': 'Severe',
    'Category ID': '42',
    'Category Name': 'Virus',
    Path: `file:_C:\\Users\\${account.name}\\Downloads\\eicar.com`,
    'Detection User': account.user,
    'Process Name': 'C:\\Windows\\explorer.exe',
    'Origin Name': 'Local machine',
    'Type Name': 'Concrete',
  };
  defends(stage, 1116, { ...finding, 'Action Name': 'Not Applicable' });
  pass(stage, 2_000, 30_000);
  defends(stage, 1117, {
    ...finding,
    'Action ID': '2',
    'Action Name': 'Quarantine',
    'Error Code': '0x00000000',
  });
}
