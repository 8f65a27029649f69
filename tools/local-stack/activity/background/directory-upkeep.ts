import { hashWord } from '../random.ts';
import type { Random } from '../random.ts';
import type { WindowsRecord } from '../windows-record.ts';
import type { Activity } from './activity.ts';
import { isWorkday } from './calendar.ts';
import type { CompanyDay } from './company.ts';
import { domainSid, sidOf, signIn } from './machine.ts';
import type { Account, Machine } from './machine.ts';
import { howOften } from './often.ts';
import {
  audit,
  checksPassword,
  failsToLogOn,
  grantsServiceTicket,
  logsOff,
  logsOn,
  machineAccount,
  subject,
} from './security-log.ts';
import { elsewhere, pass } from './stage.ts';
import type { Stage } from './stage.ts';

/** What changes in the company's directory, and who copies it. */
export function directoryUpkeep(company: CompanyDay, random: Random): readonly Activity[] {
  const { day, domainController: machine, habits, desks } = company;
  const during = () => random.between(day.startsAt + 29_000_000, day.startsAt + 60_000_000);
  const seldom = (
    perDay: number,
    events: number,
    play: (stage: Stage) => void,
  ): readonly Activity[] =>
    Array.from({ length: isWorkday(day) ? howOften(random, perDay) : 0 }, () => ({
      at: during(),
      machine,
      events,
      play,
    }));
  return [
    ...seldom(1 / 22, 5, (stage) => welcomes(stage, company)),
    ...seldom(1 / 8, 2, (stage) => resetsPassword(stage, company)),
    ...seldom(1 / 25, 5, (stage) => locksOut(stage, company)),
    ...seldom(1 / 50, 1, (stage) => addsToLocalGroup(stage, company)),
    ...seldom(desks.length / 60, 1, (stage) => changesOwnPassword(stage, company)),
    ...(habits.hasDirectorySync ? syncCycles(company, random) : []),
    ...(habits.hasOldDevice ? oldDevice(company, random) : []),
  ];
}

function helpDesk(stage: Stage): Account {
  return signIn(stage.estate, stage.estate.providerAdmin, String(stage.now), { integrity: 'High' });
}

function target(stage: Stage, name: string): WindowsRecord {
  return {
    TargetUserName: name,
    TargetDomainName: stage.estate.domain,
    TargetSid: sidOf(stage.estate, name),
  };
}

/** Somebody new: an account, a first password, a group. */
function welcomes(stage: Stage, { estate }: CompanyDay): void {
  const admin = helpDesk(stage);
  const name = `neu.${stage.random.hex(4)}`;
  const who = { ...target(stage, name), ...subject(admin) };
  audit(stage, 4720, {
    ...{ ...who, PrivilegeList: '-', SamAccountName: name, DisplayName: 'Neue Kraft' },
    ...{
      UserPrincipalName: `${name}@${estate.dnsDomain}`,
      HomeDirectory: '-',
      ScriptPath: 'anmelden.cmd',
    },
    ...{ AccountExpires: '%%1794', PrimaryGroupId: 513, OldUacValue: '0x0', NewUacValue: '0x15' },
  });
  for (const eventId of [4722, 4724]) {
    pass(stage, 10, 90);
    audit(stage, eventId, who);
  }
  pass(stage, 2_000, 60_000);
  const member = {
    MemberName: `CN=${name},OU=Personal,DC=${estate.dnsDomain.replace('.', ',DC=')}`,
    MemberSid: sidOf(estate, name),
  };
  audit(stage, 4728, {
    ...member,
    TargetUserName: 'Alle Mitarbeiter',
    TargetDomainName: estate.domain,
    TargetSid: `${domainSid(estate)}-1610`,
    ...subject(admin),
    PrivilegeList: '-',
  });
}

function resetsPassword(stage: Stage, { estate }: CompanyDay): void {
  const { account } = stage.random.pick(estate.employees);
  const who = { ...target(stage, account), ...subject(helpDesk(stage)) };
  audit(stage, 4724, who);
  pass(stage, 10, 60);
  audit(stage, 4738, { Dummy: '-', ...who, PrivilegeList: '-', PasswordLastSet: '%%1794' });
}

function changesOwnPassword(stage: Stage, { desks }: CompanyDay): void {
  const { account } = stage.random.pick(desks);
  audit(stage, 4723, { ...target(stage, account.name), ...subject(account), PrivilegeList: '-' });
}

/** A telephone still knows last month's password. */
function locksOut(stage: Stage, { desks }: CompanyDay): void {
  const { account } = stage.random.pick(desks);
  for (let count = 0; count < 5; count += 1) {
    checksPassword(stage, account.name, 'TELEFON', '0xc000006a');
    pass(stage, 20_000, 200_000);
  }
  audit(stage, 4740, {
    TargetUserName: account.name,
    TargetDomainName: 'TELEFON',
    TargetSid: account.sid,
    SubjectUserSid: 'S-1-5-18',
    SubjectUserName: machineAccount(stage.machine),
    SubjectDomainName: stage.estate.domain,
    SubjectLogonId: '0x3e7',
  });
  pass(stage, 300_000, 1_800_000);
  audit(stage, 4767, { ...target(stage, account.name), ...subject(helpDesk(stage)) });
}

/** A new product's service account becomes an administrator of one server. */
function addsToLocalGroup(stage: Stage, { servers, estate }: CompanyDay): void {
  const there = elsewhere(stage, stage.random.pick(servers));
  const member = { MemberName: '-', MemberSid: sidOf(estate, 'svc-kontor') };
  audit(there, 4732, {
    ...member,
    TargetUserName: 'Administratoren',
    TargetDomainName: 'Builtin',
    TargetSid: 'S-1-5-32-544',
    ...subject(helpDesk(stage)),
    PrivilegeList: '-',
  });
}

const halfHour = 1_800_000;
/** Rights of the directory's schema: replicate changes, all changes, and the object class of the domain. */
const replicate = '{1131f6aa-9c07-11d1-f79f-00c04fc2dcd2}';
const replicateAll = '{1131f6ad-9c07-11d1-f79f-00c04fc2dcd2}';
const domainObject = '{19195a5b-6da0-11d0-afd3-00c04fd930c9}';

/** Every half hour the directory is read with its password hashes, for the cloud: rightly, by an account made for it. */
function syncCycles(company: CompanyDay, random: Random): readonly Activity[] {
  const { day, domainController, servers } = company;
  const from = servers.find(({ host }) => host.role === 'APPLICATION_SERVER') ?? domainController;
  const first = random.below(halfHour);
  return Array.from({ length: 48 }, (_, index) => ({
    at: day.startsAt + first + index * halfHour,
    machine: domainController,
    events: 3,
    play: (stage: Stage) => copiesDirectory(stage, from),
  }));
}

function copiesDirectory(stage: Stage, from: Machine): void {
  const { estate } = stage;
  const name = `MSOL_${hashWord(estate.domain, 8).toString(16)}`;
  const account = signIn(estate, name, String(stage.now), { session: 0 });
  logsOn(stage, account, { logonType: 3, from });
  for (const right of [replicate, replicateAll]) {
    pass(stage, 20, 400);
    audit(stage, 4662, {
      ...subject(account),
      ObjectServer: 'DS',
      ObjectType: `%${domainObject}`,
      ObjectName: '%{6f0b3a5e-42d1-4c87-9b6e-51a7d2c0e8f4}',
      OperationType: 'Object Access',
      HandleId: '0x0',
      AccessList: '%%7688\n\t\t\t\t',
      AccessMask: '0x100',
      Properties: `%%7688\n\t\t${right}\n\t${domainObject}\n`,
      AdditionalInfo: '-',
      AdditionalInfo2: '',
    });
  }
  logsOff(stage, account, 3, stage.now + 20_000);
}

/** A copier puts its scans on a share: with an old cipher, and by the name of somebody who has left. */
function oldDevice(company: CompanyDay, random: Random): readonly Activity[] {
  const { day, domainController, fileServer, desks } = company;
  if (desks.length === 0) return [];
  return Array.from({ length: isWorkday(day) ? 7 : 2 }, (_, index) => ({
    at: day.startsAt + 27_000_000 + index * 5_000_000 + random.below(4_000_000),
    machine: domainController,
    events: 2.5,
    play: (stage: Stage) => scans(stage, fileServer),
  }));
}

function scans(stage: Stage, fileServer: Machine): void {
  const { ip } = stage.machine.host;
  const copier = {
    ...fileServer,
    host: { ...fileServer.host, name: 'KOPIERER-EG', ip: ip.replace(/\d+$/, '230') },
  };
  grantsServiceTicket(stage, 'scan2ordner', machineAccount(fileServer), copier, '0x17');
  if (!stage.random.chance(0.6)) return;
  pass(stage, 500, 9_000);
  checksPassword(stage, 'h.frueher', 'KOPIERER-EG', '0xc0000064');
  failsToLogOn(elsewhere(stage, fileServer), 'h.frueher', '0xc0000064', {
    logonType: 3,
    from: copier,
  });
}
