import type { WindowsRecord } from '../windows-record.ts';
import type { Account } from './machine.ts';
import { log } from './stage.ts';
import type { Stage } from './stage.ts';

const serviceControl = { channel: 'System', provider: 'Service Control Manager' };

/** A service starts or stops (7036). */
export function changesState(stage: Stage, service: string, state: 'running' | 'stopped'): void {
  log(stage, serviceControl, 7036, { param1: service, param2: state });
}

/** How a service starts is changed (7040). */
export function changesStartType(
  stage: Stage,
  displayName: string,
  service: string,
  [before, after]: readonly [string, string],
): void {
  log(stage, serviceControl, 7040, {
    param1: displayName,
    param2: before,
    param3: after,
    param4: service,
  });
}

/** A service or driver is new (7045). */
export function installsService(
  stage: Stage,
  service: {
    readonly name: string;
    readonly path: string;
    readonly isDriver?: boolean;
    readonly startType?: string;
  },
): void {
  const { name, path, isDriver = false, startType = 'auto start' } = service;
  log(stage, serviceControl, 7045, {
    ServiceName: name,
    ImagePath: path,
    ServiceType: isDriver ? 'kernel mode driver' : 'user mode service',
    StartType: startType,
    AccountName: isDriver ? '' : 'LocalSystem',
  });
}

/** The event log starts with Windows (6005). */
export function windowsStarts(stage: Stage): void {
  log(stage, { channel: 'System', provider: 'EventLog' }, 6005, {
    Message: 'The Event log service was started.',
  });
}

/** Somebody, or an update, shuts down or restarts (1074). */
export function shutsDown(
  stage: Stage,
  account: Account,
  why: { readonly process: string; readonly reason: string; readonly isRestart: boolean },
): void {
  log(stage, { channel: 'System', provider: 'User32' }, 1074, {
    param1: `${why.process} (${stage.machine.host.name})`,
    param2: stage.machine.host.name,
    param3: why.reason,
    param4: '0x80020010',
    param5: why.isRestart ? 'restart' : 'power off',
    param6: '',
    param7: account.user,
  });
}

const defender = {
  channel: 'Microsoft-Windows-Windows Defender/Operational',
  provider: 'Microsoft-Windows-Windows Defender',
};

const defenderProduct = {
  'Product Name': 'Microsoft Defender Antivirus',
  'Product Version': '4.18.24090.11',
} as const;

/** An event of Defender. */
export function defends(stage: Stage, eventId: number, fields: WindowsRecord): void {
  log(stage, defender, eventId, { ...defenderProduct, ...fields });
}

/** A setting of Defender has changed (5007). @param key below Defender's own key */
export function changesDefender(stage: Stage, key: string, before: string, after: string): void {
  const path = `HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\${key}`;
  defends(stage, 5007, {
    'Old Value': before && `${path} = ${before}`,
    'New Value': after && `${path} = ${after}`,
  });
}

const wmi = {
  channel: 'Microsoft-Windows-WMI-Activity/Operational',
  provider: 'Microsoft-Windows-WMI-Activity',
};

/** A provider of WMI is loaded (5857). */
export function loadsWmiProvider(stage: Stage, name: string, path: string, hostPid: number): void {
  log(stage, wmi, 5857, {
    ProviderName: name,
    Code: '0x0',
    HostProcess: 'wmiprvse.exe',
    ProcessID: hostPid,
    ProviderPath: path,
  });
}

/** A program asks to be told of events until it ends (5860). */
export function subscribesForNow(stage: Stage, account: Account, pid: number, query: string): void {
  log(stage, wmi, 5860, {
    NamespaceName: '\\\\.\\root\\cimv2',
    Query: query,
    User: account.user,
    Processid: pid,
    MachineName: stage.machine.host.name,
    PossibleCause: 'Temporary',
  });
}

/** A lasting subscription is made (5861). */
export function subscribesForGood(
  stage: Stage,
  filter: string,
  consumer: string,
  cause: string,
): void {
  log(stage, wmi, 5861, {
    Namespace: '//./root/subscription',
    ESS: filter,
    CONSUMER: consumer,
    PossibleCause: cause,
  });
}

const taskScheduler = {
  channel: 'Microsoft-Windows-TaskScheduler/Operational',
  provider: 'Microsoft-Windows-TaskScheduler',
};

/** A task is registered (106), changed (140) or removed (141). */
export function registersTask(
  stage: Stage,
  eventId: 106 | 140 | 141,
  task: string,
  account: Account,
): void {
  log(stage, taskScheduler, eventId, { TaskName: task, UserContext: account.user });
}

/** A task starts a program (129, 200) and is done (201). @returns when it is done, epoch ms */
export function runsTask(
  stage: Stage,
  task: string,
  path: string,
  pid: number,
  livesMs: number,
): number {
  const { random } = stage;
  const instance = `{${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-a${random.hex(3)}-${random.hex(8)}${random.hex(4)}}`;
  log(stage, taskScheduler, 129, { TaskName: task, Path: path, ProcessID: pid, Priority: 16384 });
  const run = { TaskName: task, ActionName: path, TaskInstanceId: instance, EnginePID: pid };
  log(stage, taskScheduler, 200, run);
  const doneAt = stage.now + livesMs;
  log(stage, taskScheduler, 201, { ...run, ResultCode: 0 }, doneAt);
  return doneAt;
}
