import type { WindowsRecord } from '../windows-record.ts';
import { processGuid } from './machine.ts';
import type { Account, Process } from './machine.ts';
import type { Program } from './program.ts';
import { sysmon } from './stage.ts';
import type { Stage } from './stage.ts';

interface Start {
  /** The parent's account where left out. */
  readonly account?: Account;
  readonly directory?: string;
  /** When it ends, in ms from now; without it nobody sees the end. */
  readonly livesMs?: number;
}

/**
 * Starts a process now (Sysmon 1) and writes its end (5) where it is known.
 * @param commandLine `{profile}` stands for the account's folder, here and in the program's path
 */
export function start(
  stage: Stage,
  parent: Process,
  program: Program,
  commandLine: string,
  { account = parent.account, directory, livesMs }: Start = {},
): Process {
  const pid = 4 * stage.random.between(1_500, 9_000);
  const process = {
    image: atHome(program.image, account),
    commandLine: atHome(commandLine, account),
    pid,
    guid: processGuid(stage.machine, stage.now, pid),
    account,
  };
  sysmon(stage, 1, {
    RuleName: '-',
    ProcessGuid: process.guid,
    ProcessId: pid,
    Image: process.image,
    FileVersion: program.fileVersion,
    Description: program.description,
    Product: program.product,
    Company: program.company,
    OriginalFileName: program.originalFileName,
    CommandLine: process.commandLine,
    CurrentDirectory: directory ?? workingDirectory(account),
    User: account.user,
    LogonGuid: account.logonGuid,
    LogonId: account.logonId,
    TerminalSessionId: account.session,
    IntegrityLevel: account.integrity,
    Hashes: program.hashes,
    ParentProcessGuid: parent.guid,
    ParentProcessId: parent.pid,
    ParentImage: parent.image,
    ParentCommandLine: parent.commandLine,
    ParentUser: parent.account.user,
  });
  if (livesMs !== undefined) end(stage, process, stage.now + livesMs);
  return process;
}

export function end(stage: Stage, process: Process, at = stage.now): void {
  sysmon(stage, 5, { RuleName: '-', ...actor(process) }, at);
}

/** Replaces `{profile}` by the account's folder. */
function atHome(text: string, account: Account): string {
  return text.includes('{profile}') ? text.replaceAll('{profile}', profileOf(account)) : text;
}

function profileOf({ name, integrity }: Account): string {
  return integrity === 'System'
    ? 'C:\\Windows\\System32\\config\\systemprofile'
    : `C:\\Users\\${name}`;
}

function workingDirectory(account: Account): string {
  return account.integrity === 'System' ? 'C:\\Windows\\system32\\' : `${profileOf(account)}\\`;
}

/** Who did it, as nearly every event of Sysmon says it. */
function actor(process: Process): WindowsRecord {
  return {
    ProcessGuid: process.guid,
    ProcessId: process.pid,
    Image: process.image,
    User: process.account.user,
  };
}

/** A connection outward (Sysmon 3). */
export function connects(
  stage: Stage,
  process: Process,
  to: {
    readonly ip: string;
    readonly port: number;
    readonly name?: string;
    readonly protocol?: string;
  },
): void {
  const { host, fullName } = stage.machine;
  sysmon(stage, 3, {
    RuleName: '-',
    ...actor(process),
    Protocol: to.protocol ?? 'tcp',
    Initiated: 'true',
    SourceIsIpv6: 'false',
    SourceIp: host.ip,
    SourceHostname: fullName,
    SourcePort: stage.random.between(49_152, 65_535),
    SourcePortName: '-',
    DestinationIsIpv6: 'false',
    DestinationIp: to.ip,
    DestinationHostname: to.name ?? '-',
    DestinationPort: to.port,
    DestinationPortName: portNames[to.port] ?? '-',
  });
}

const portNames: Readonly<Record<number, string>> = {
  53: 'domain',
  80: 'http',
  88: 'kerberos',
  389: 'ldap',
  443: 'https',
  445: 'microsoft-ds',
  3389: 'ms-wbt-server',
};

/** A name is looked up (Sysmon 22). */
export function looksUp(stage: Stage, process: Process, name: string, ip: string): void {
  sysmon(stage, 22, {
    RuleName: '-',
    ...actor(process),
    QueryName: name,
    QueryStatus: '0',
    QueryResults: `::ffff:${ip};`,
  });
}

/** A file is made or replaced (Sysmon 11). */
export function createsFile(stage: Stage, process: Process, path: string): void {
  const created = new Date(stage.now).toISOString().replace('T', ' ').replace('Z', '');
  sysmon(stage, 11, {
    RuleName: '-',
    ...actor(process),
    TargetFilename: atHome(path, process.account),
    CreationUtcTime: created,
  });
}

/** A file is deleted: 23 keeps a copy, 26 only says so. */
export function deletesFile(stage: Stage, process: Process, path: string, eventId: 23 | 26): void {
  sysmon(stage, eventId, {
    RuleName: '-',
    ...actor(process),
    TargetFilename: atHome(path, process.account),
    Hashes: `SHA256=${stage.random.hex(8).repeat(8).toUpperCase()}`,
    IsExecutable: /\.(exe|dll|sys|msi)$/i.test(path) ? 'true' : 'false',
    ...(eventId === 23 && { Archived: 'true' }),
  });
}

/** A registry value is set (Sysmon 13). */
export function setsValue(stage: Stage, process: Process, target: string, details: string): void {
  sysmon(stage, 13, {
    RuleName: '-',
    EventType: 'SetValue',
    ...actor(process),
    TargetObject: hive(target, process.account),
    Details: atHome(details, process.account),
  });
}

/** A registry key is made or removed (Sysmon 12). */
export function changesKey(
  stage: Stage,
  process: Process,
  target: string,
  eventType: 'CreateKey' | 'DeleteKey' | 'DeleteValue' = 'CreateKey',
): void {
  sysmon(stage, 12, {
    RuleName: '-',
    EventType: eventType,
    ...actor(process),
    TargetObject: hive(target, process.account),
  });
}

/** The current user's part of the registry lies below their SID. */
function hive(target: string, { sid }: Account): string {
  return target.startsWith('HKCU\\') ? `HKU\\${sid}${target.slice(4)}` : target;
}

/** A pipe is made (17) or joined (18). */
export function opensPipe(stage: Stage, process: Process, name: string, eventId: 17 | 18): void {
  sysmon(stage, eventId, {
    RuleName: '-',
    EventType: eventId === 17 ? 'CreatePipe' : 'ConnectPipe',
    ...actor(process),
    PipeName: name,
  });
}

/** A library is loaded (Sysmon 7). */
export function loads(
  stage: Stage,
  process: Process,
  library: Program,
  signature: string | null,
): void {
  sysmon(stage, 7, {
    RuleName: '-',
    ...actor(process),
    ImageLoaded: atHome(library.image, process.account),
    FileVersion: library.fileVersion,
    Description: library.description,
    Product: library.product,
    Company: library.company,
    OriginalFileName: library.originalFileName,
    Hashes: library.hashes,
    Signed: signature === null ? 'false' : 'true',
    Signature: signature ?? '-',
    SignatureStatus: signature === null ? 'Unavailable' : 'Valid',
  });
}

/** A process opens another (Sysmon 10). @param access the rights it got, such as `0x1000` */
export function opensProcess(
  stage: Stage,
  source: Process,
  target: Process,
  access: string,
  callTrace = 'C:\\Windows\\SYSTEM32\\ntdll.dll+9fc24|C:\\Windows\\System32\\KERNELBASE.dll+20d0e',
): void {
  sysmon(stage, 10, {
    RuleName: '-',
    SourceProcessGUID: source.guid,
    SourceProcessId: source.pid,
    SourceThreadId: stage.random.between(500, 9_000),
    SourceImage: source.image,
    TargetProcessGUID: target.guid,
    TargetProcessId: target.pid,
    TargetImage: target.image,
    GrantedAccess: access,
    CallTrace: callTrace,
    SourceUser: source.account.user,
    TargetUser: target.account.user,
  });
}
