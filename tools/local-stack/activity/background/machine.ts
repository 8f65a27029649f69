import type { Estate, Host } from '../estate.ts';
import { hashWord } from '../random.ts';
import type { Program } from './program.ts';

/** Somebody, or something, signed in to a machine. */
export interface Account {
  readonly domain: string;
  readonly name: string;
  /** Domain and name, as Sysmon writes them. */
  readonly user: string;
  readonly sid: string;
  readonly logonId: string;
  readonly logonGuid: string;
  readonly session: number;
  readonly integrity: 'Medium' | 'High' | 'System';
}

/** A process that runs, or ran. */
export interface Process {
  readonly image: string;
  readonly commandLine: string;
  readonly pid: number;
  readonly guid: string;
  readonly account: Account;
}

/** A host between two starts. */
export interface Machine {
  readonly host: Host;
  readonly fullName: string;
  readonly bootedAt: number;
  /** When it is switched off; Infinity for servers. Then it writes nothing. */
  readonly offAt: number;
  /** The first part of the ids of its processes. */
  readonly guidHead: string;
  /** Local System there. */
  readonly system: Account;
  /** Its lasting processes by name, made when first asked for. */
  readonly daemons: Map<string, Process>;
}

export function createMachine(
  estate: Estate,
  host: Host,
  bootedAt: number,
  offAt = Infinity,
): Machine {
  const guidHead = hashWord(`${estate.domain}/${host.name}`, 1).toString(16).padStart(8, '0');
  return {
    host,
    fullName: `${host.name}.${estate.dnsDomain}`,
    bootedAt,
    offAt,
    guidHead,
    system: builtIn('SYSTEM', 'S-1-5-18', '0x3e7', guidHead),
    daemons: new Map(),
  };
}

export function networkService({ guidHead }: Machine): Account {
  return builtIn('NETWORK SERVICE', 'S-1-5-20', '0x3e4', guidHead);
}

function builtIn(name: string, sid: string, logonId: string, guidHead: string): Account {
  return {
    domain: 'NT AUTHORITY',
    name,
    user: `NT AUTHORITY\\${name}`,
    sid,
    logonId,
    logonGuid: `{${guidHead}-0000-0000-${sid.endsWith('18') ? 'e703' : 'e403'}-000000000000}`,
    session: 0,
    integrity: 'System',
  };
}

/** A process that was there before: the same one each time until the machine starts again. */
export function daemon(
  machine: Machine,
  program: Program,
  commandLine = program.image,
  account = machine.system,
): Process {
  const known = machine.daemons.get(commandLine);
  if (known) return known;
  const word = hashWord(`${machine.guidHead}/${machine.bootedAt}/${commandLine}`, 1);
  const pid = 4 * (120 + (word % 1_400));
  const process = {
    image: program.image.replaceAll('{profile}', `C:\\Users\\${account.name}`),
    commandLine: commandLine.replaceAll('{profile}', `C:\\Users\\${account.name}`),
    pid,
    guid: processGuid(machine, machine.bootedAt + 5_000 + (word % 55_000), pid),
    account,
  };
  machine.daemons.set(commandLine, process);
  return process;
}

/** As Sysmon builds it: machine, time of start in seconds, and a counter, for which the pid stands. */
export function processGuid({ guidHead }: Machine, startedAt: number, pid: number): string {
  const seconds = Math.floor(startedAt / 1_000)
    .toString(16)
    .padStart(8, '0');
  const tail = pid.toString(16).padStart(8, '0');
  return `{${guidHead}-${seconds.slice(4)}-${seconds.slice(0, 4)}-${tail.slice(0, 4)}-${tail.slice(4)}00000000}`;
}

/** An employee, or another account of the domain, signed in. @param sessionKey a text that tells this session from others */
export function signIn(
  estate: Estate,
  name: string,
  sessionKey: string,
  more: Partial<Account> = {},
): Account {
  const key = `${estate.domain}/${name}/${sessionKey}`;
  const word = hashWord(key, 1);
  return {
    domain: estate.domain,
    name,
    user: `${estate.domain}\\${name}`,
    sid: sidOf(estate, name),
    logonId: `0x${(word >>> 4).toString(16)}`,
    logonGuid: `{${hashWord(key, 2).toString(16).padStart(8, '0')}-${(word & 0xffff).toString(16).padStart(4, '0')}-0000-0000-000000000000}`,
    session: 1,
    integrity: 'Medium',
    ...more,
  };
}

/** The same person with full rights, after the question of User Account Control. */
export function elevated(account: Account): Account {
  const logonId = `0x${hashWord(account.logonId, 3).toString(16)}`;
  return { ...account, logonId, integrity: 'High' };
}

export function sidOf(estate: Estate, name: string): string {
  const rank = estate.employees.findIndex(({ account }) => account === name);
  const relative = rank >= 0 ? 1_104 + rank : 2_000 + (hashWord(name, 4) % 500);
  return `${domainSid(estate)}-${relative}`;
}

const domainSids = new WeakMap<Estate, string>();

export function domainSid(estate: Estate): string {
  const known = domainSids.get(estate);
  if (known !== undefined) return known;
  const parts = [1, 2, 3].map((variant) => hashWord(estate.domain, variant));
  const sid = `S-1-5-21-${parts.join('-')}`;
  domainSids.set(estate, sid);
  return sid;
}
