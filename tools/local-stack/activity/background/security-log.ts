import type { WindowsRecord } from '../windows-record.ts';
import { domainSid, sidOf } from './machine.ts';
import type { Account, Machine, Process } from './machine.ts';
import { log } from './stage.ts';
import type { Stage } from './stage.ts';

const securityLog = { channel: 'Security', provider: 'Microsoft-Windows-Security-Auditing' };

/** Writes an event of the Security log on the stage's machine. */
export function audit(stage: Stage, eventId: number, fields: WindowsRecord, at?: number): void {
  log(stage, securityLog, eventId, fields, at);
}

/** The machine's own account in the domain, such as `HW-PC-014$`. */
export function machineAccount({ host }: Machine): string {
  return `${host.name}$`;
}

export function subject(account: Account): WindowsRecord {
  return {
    SubjectUserSid: account.sid,
    SubjectUserName: account.name,
    SubjectDomainName: account.domain,
    SubjectLogonId: account.logonId,
  };
}

export function localSystemSubject(stage: Stage): WindowsRecord {
  return {
    SubjectUserSid: 'S-1-5-18',
    SubjectUserName: machineAccount(stage.machine),
    SubjectDomainName: stage.estate.domain,
    SubjectLogonId: '0x3e7',
  };
}

const nobody = {
  SubjectUserSid: 'S-1-0-0',
  SubjectUserName: '-',
  SubjectDomainName: '-',
  SubjectLogonId: '0x0',
} as const;

interface LogonDetails {
  readonly logonType: 2 | 3 | 4 | 5 | 7 | 10 | 11;
  /** Where it comes from; the machine itself where left out. */
  readonly from?: Machine;
  readonly package?: 'Kerberos' | 'NTLM' | 'Negotiate';
  /** Who asked for it, where that is a process there. */
  readonly process?: Process;
}

/** Somebody is signed in (4624), with special rights where the account has them (4672). */
export function logsOn(stage: Stage, account: Account, details: LogonDetails): void {
  const { logonType, from, process } = details;
  const isNetwork = logonType === 3;
  const auth = details.package ?? (isNetwork ? 'Kerberos' : 'Negotiate');
  audit(stage, 4624, {
    ...(isNetwork ? nobody : localSystemSubject(stage)),
    TargetUserSid: account.sid,
    TargetUserName: account.name,
    TargetDomainName: account.domain,
    TargetLogonId: account.logonId,
    LogonType: logonType,
    LogonProcessName: auth === 'NTLM' ? 'NtLmSsp ' : isNetwork ? 'Kerberos' : 'User32 ',
    AuthenticationPackageName: auth,
    WorkstationName: isNetwork
      ? auth === 'NTLM'
        ? (from?.host.name ?? '-')
        : '-'
      : stage.machine.host.name,
    LogonGuid: auth === 'NTLM' ? '{00000000-0000-0000-0000-000000000000}' : account.logonGuid,
    TransmittedServices: '-',
    LmPackageName: auth === 'NTLM' ? 'NTLM V2' : '-',
    KeyLength: auth === 'NTLM' ? 128 : 0,
    ProcessId: process ? `0x${process.pid.toString(16)}` : '0x0',
    ProcessName: process?.image ?? '-',
    IpAddress: from?.host.ip ?? (isNetwork ? '-' : '127.0.0.1'),
    IpPort: isNetwork ? stage.random.between(49_152, 65_535) : 0,
    ImpersonationLevel: '%%1833',
    ElevatedToken: account.integrity === 'Medium' ? '%%1843' : '%%1842',
  });
}

export function getsPrivileges(stage: Stage, account: Account): void {
  audit(stage, 4672, { ...subject(account), PrivilegeList: privileges });
}

const privileges = [
  ...['SeSecurityPrivilege', 'SeBackupPrivilege', 'SeRestorePrivilege', 'SeTakeOwnershipPrivilege'],
  ...['SeDebugPrivilege', 'SeSystemEnvironmentPrivilege', 'SeLoadDriverPrivilege'],
  'SeImpersonatePrivilege',
].join('\n\t\t\t');

export function logsOff(stage: Stage, account: Account, logonType: number, at?: number): void {
  const fields = {
    TargetUserSid: account.sid,
    TargetUserName: account.name,
    TargetDomainName: account.domain,
    TargetLogonId: account.logonId,
  };
  // People say that they leave; connections just end.
  if (logonType === 2 || logonType === 11) audit(stage, 4647, fields, at);
  else audit(stage, 4634, { ...fields, LogonType: logonType }, at);
}

/** A wrong password, or an account that may not (4625). @param status such as `0xc000006a`, a wrong password */
export function failsToLogOn(
  stage: Stage,
  name: string,
  status: string,
  { logonType, from }: { readonly logonType: 2 | 3 | 7; readonly from?: Machine },
): void {
  const isNetwork = logonType === 3;
  audit(stage, 4625, {
    ...(isNetwork ? nobody : localSystemSubject(stage)),
    TargetUserSid: 'S-1-0-0',
    TargetUserName: name,
    TargetDomainName: stage.estate.domain,
    Status: '0xc000006d',
    FailureReason: '%%2313',
    SubStatus: status,
    LogonType: logonType,
    LogonProcessName: isNetwork ? 'NtLmSsp ' : 'User32 ',
    AuthenticationPackageName: isNetwork ? 'NTLM' : 'Negotiate',
    WorkstationName: (from ?? stage.machine).host.name,
    TransmittedServices: '-',
    LmPackageName: '-',
    KeyLength: 0,
    ProcessId: '0x0',
    ProcessName: isNetwork ? '-' : 'C:\\Windows\\System32\\svchost.exe',
    IpAddress: from?.host.ip ?? '127.0.0.1',
    IpPort: isNetwork ? stage.random.between(49_152, 65_535) : 0,
  });
}

/** Names another account and its password, by `runas` or for a connection (4648). */
export function usesCredentials(
  stage: Stage,
  account: Account,
  other: { readonly name: string; readonly server: string },
  process: Process,
): void {
  audit(stage, 4648, {
    ...subject(account),
    LogonGuid: account.logonGuid,
    TargetUserName: other.name,
    TargetDomainName: stage.estate.domain,
    TargetLogonGuid: '{00000000-0000-0000-0000-000000000000}',
    TargetServerName: other.server,
    TargetInfo: other.server,
    ProcessId: `0x${process.pid.toString(16)}`,
    ProcessName: process.image,
    IpAddress: '-',
    IpPort: '-',
  });
}

/** A domain controller gives a ticket-granting ticket (4768). */
export function grantsTicket(stage: Stage, name: string, from: Machine): void {
  const { estate, random } = stage;
  audit(stage, 4768, {
    TargetUserName: name,
    TargetDomainName: estate.domain,
    TargetSid: sidOf(estate, name),
    ServiceName: 'krbtgt',
    ServiceSid: `${domainSid(estate)}-502`,
    TicketOptions: '0x40810010',
    Status: '0x0',
    TicketEncryptionType: '0x12',
    PreAuthType: 2,
    IpAddress: `::ffff:${from.host.ip}`,
    IpPort: random.between(49_152, 65_535),
    CertIssuerName: '',
    CertSerialNumber: '',
    CertThumbprint: '',
  });
}

/** A domain controller gives a ticket for a service (4769). @param encryption `0x17`, RC4, for what is old */
export function grantsServiceTicket(
  stage: Stage,
  name: string,
  service: string,
  from: Machine,
  encryption: '0x12' | '0x17' = '0x12',
): void {
  const { estate, random } = stage;
  const realm = estate.dnsDomain.toUpperCase();
  audit(stage, 4769, {
    TargetUserName: `${name}@${realm}`,
    TargetDomainName: realm,
    ServiceName: service,
    ServiceSid: sidOf(estate, service),
    TicketOptions: encryption === '0x17' ? '0x40800000' : '0x40810000',
    TicketEncryptionType: encryption,
    IpAddress: `::ffff:${from.host.ip}`,
    IpPort: random.between(49_152, 65_535),
    Status: '0x0',
    LogonGuid: `{${random.hex(8)}-${random.hex(4)}-${random.hex(4)}-${random.hex(4)}-${random.hex(8)}${random.hex(4)}}`,
    TransmittedServices: '-',
  });
}

/** A domain controller checks a password for somebody who does not speak Kerberos (4776). */
export function checksPassword(
  stage: Stage,
  name: string,
  workstation: string,
  status: string,
): void {
  audit(stage, 4776, {
    PackageName: 'MICROSOFT_AUTHENTICATION_PACKAGE_V1_0',
    TargetUserName: name,
    Workstation: workstation,
    Status: status,
  });
}

/** A share is opened (5140), a file in it checked (5145) where there is one. */
export function opensShare(
  stage: Stage,
  account: Account,
  from: Machine,
  share: string,
  files: readonly string[],
): void {
  const port = stage.random.between(49_152, 65_535);
  const common = {
    ...subject(account),
    ObjectType: 'File',
    IpAddress: from.host.ip,
    IpPort: port,
    ShareName: `\\\\*\\${share}`,
    ShareLocalPath: share.endsWith('$') ? '' : `\\??\\D:\\Shares\\${share}`,
  };
  audit(stage, 5140, { ...common, AccessMask: '0x1', AccessList: '%%4416\n\t\t\t\t' });
  for (const file of files) {
    stage.now += stage.random.between(20, 4_000);
    audit(stage, 5145, {
      ...common,
      RelativeTargetName: file,
      AccessMask: '0x120089',
      AccessList:
        '%%1538\n\t\t\t\t%%1541\n\t\t\t\t%%4416\n\t\t\t\t%%4419\n\t\t\t\t%%4423\n\t\t\t\t',
      AccessReason: '-',
    });
  }
}

/** A process starts, as audited by Windows itself (4688): on the servers that have it switched on. */
export function auditsStart(stage: Stage, process: Process, parent: Process): void {
  audit(stage, 4688, {
    ...subject(process.account),
    NewProcessId: `0x${process.pid.toString(16)}`,
    NewProcessName: process.image,
    TokenElevationType: process.account.integrity === 'Medium' ? '%%1938' : '%%1936',
    ProcessId: `0x${parent.pid.toString(16)}`,
    CommandLine: process.commandLine,
    TargetUserSid: 'S-1-0-0',
    TargetUserName: '-',
    TargetDomainName: '-',
    TargetLogonId: '0x0',
    ParentProcessName: parent.image,
    MandatoryLabel: process.account.integrity === 'System' ? 'S-1-16-16384' : 'S-1-16-12288',
  });
}
