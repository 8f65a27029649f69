import type { WindowsRecord } from '../windows-record.ts';
import type { Account, Process } from './machine.ts';
import { createsFile, loads, opensPipe, start } from './process.ts';
import { windowsProgram } from './program.ts';
import { windows } from './windows-programs.ts';
import { log, pass } from './stage.ts';
import type { Stage } from './stage.ts';

interface Run {
  readonly commandLine: string;
  /** Texts that PowerShell compiles, as its log shows them (4104). */
  readonly scripts: readonly string[];
  /** The script's file, where there is one. */
  readonly path?: string;
  /** A command that its module log shows (4103). */
  readonly cmdlet?: string;
  readonly account?: Account;
  readonly livesMs: number;
}

const operational = {
  channel: 'Microsoft-Windows-PowerShell/Operational',
  provider: 'Microsoft-Windows-PowerShell',
};
const classic = { channel: 'Windows PowerShell', provider: 'PowerShell' };

const automation = windowsProgram(
  'assembly\\NativeImages_v4.0.30319_64\\System.Manaa57fc8cc#\\1b2d0f6c7a93e84d5f10c2b7e6a94d38\\System.Management.Automation.ni.dll',
  'System.Management.Automation',
  'System.Management.Automation.dll',
);

/** Runs PowerShell with all that it leaves in the logs. @returns its process */
export function runsPowerShell(stage: Stage, parent: Process, run: Run): Process {
  const { random } = stage;
  const { account = parent.account, livesMs, path = '' } = run;
  const shell = start(stage, parent, windows.powershell, run.commandLine, { account, livesMs });
  if (random.chance(0.6))
    start(
      stage,
      shell,
      windows.conhost,
      '\\??\\C:\\Windows\\system32\\conhost.exe 0xffffffff -ForceV1',
      { livesMs },
    );
  pass(stage, 90, 400);
  if (random.chance(0.3)) loads(stage, shell, automation, 'Microsoft Windows');
  log(stage, classic, 400, engineStart(stage, run.commandLine));
  if (random.chance(0.5))
    opensPipe(
      stage,
      shell,
      `\\PSHost.133${random.between(100_000_000, 999_999_999)}.${shell.pid}.DefaultAppDomain.powershell`,
      17,
    );
  // It tries whether scripts are allowed, with a file of a few bytes.
  const folder =
    account.integrity === 'System' ? 'C:\\Windows\\Temp' : '{profile}\\AppData\\Local\\Temp';
  createsFile(
    stage,
    shell,
    `${folder}\\__PSScriptPolicyTest_${random.hex(8)}.${random.hex(3)}.ps1`,
  );
  for (const script of run.scripts) {
    pass(stage, 30, 600);
    log(stage, operational, 4104, {
      MessageNumber: 1,
      MessageTotal: 1,
      ScriptBlockText: script,
      ScriptBlockId: `${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-9${random.hex(3)}-${random.hex(8)}${random.hex(4)}`,
      Path: path,
    });
  }
  if (run.cmdlet !== undefined) logsCommand(stage, run, account, path);
  return shell;
}

function engineStart({ random }: Stage, commandLine: string): WindowsRecord {
  const data = `\tNewEngineState=Available\r\n\tPreviousEngineState=None\r\n\r\n\tSequenceNumber=13\r\n\r\n\tHostName=ConsoleHost\r\n\tHostVersion=5.1.22621.3672\r\n\tHostId=${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(8)}${random.hex(4)}\r\n\tHostApplication=${commandLine}\r\n\tEngineVersion=5.1.22621.3672\r\n\tRunspaceId=${random.hex(8)}-${random.hex(4)}-4${random.hex(3)}-8${random.hex(3)}-${random.hex(8)}${random.hex(4)}\r\n\tPipelineId=\r\n\tCommandName=\r\n\tCommandType=\r\n\tScriptName=\r\n\tCommandPath=\r\n\tCommandLine=`;
  return {
    Data: data,
    Message: `Engine state is changed from None to Available. \r\n\r\nDetails: \r\n${data}`,
  };
}

function logsCommand(stage: Stage, run: Run, account: Account, path: string): void {
  const command = run.cmdlet ?? '';
  const name = command.split(' ')[0] ?? '';
  log(stage, operational, 4103, {
    ContextInfo: `        Severity = Informational\r\n        Host Name = ConsoleHost\r\n        Host Version = 5.1.22621.3672\r\n        Host Application = ${run.commandLine}\r\n        Engine Version = 5.1.22621.3672\r\n        Command Name = ${name}\r\n        Command Type = Cmdlet\r\n        Script Name = ${path}\r\n        Sequence Number = ${stage.random.between(15, 90)}\r\n        User = ${account.user}\r\n        Shell ID = Microsoft.PowerShell\r\n`,
    UserData: '',
    Payload: `CommandInvocation(${name}): "${command}"\r\n`,
  });
}

/** What `-EncodedCommand` takes: UTF-16, in base 64. */
export function encodeCommand(script: string): string {
  return Buffer.from(script, 'utf16le').toString('base64');
}
