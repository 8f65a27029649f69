import { defineFields } from './field-entry.ts';

const processClass = [1007];

/** Facts about a process: the one that starts, ends or is reached into. */
export const processFields = [
  ...defineFields(
    processClass,
    [],
    [
      ['Image', 'process.file', 'process.executable', 'path'],
      ['ProcessName', 'process.file', 'process.executable', 'path'],
      ['CommandLine', 'process.cmd_line', 'process.command_line'],
      ['ProcessId', 'process.pid', 'process.pid', 'integer'],
      ['ProcessGuid', 'process.uid', 'process.entity_id'],
      ['CurrentDirectory', 'process.working_directory', 'process.working_directory'],
      ['User', 'process.user', 'user', 'account'],
      ['IntegrityLevel', 'process.integrity', null],
      ['LogonId', 'process.session.uid', 'winlog.logon.id'],
      ['LogonGuid', 'process.session.uid_alt', null],
      ['OriginalFileName', 'process.file.internal_name', 'process.pe.original_file_name'],
      ['Company', 'process.file.company_name', 'process.pe.company'],
      ['Description', 'process.file.desc', 'process.pe.description'],
      ['Product', 'process.file.product.name', 'process.pe.product'],
      ['FileVersion', 'process.file.version', 'process.pe.file_version'],
      ['Hashes', 'process.file.hashes', 'process.hash', 'hashes'],
      ['ParentImage', 'process.parent_process.file', 'process.parent.executable', 'path'],
      ['ParentCommandLine', 'process.parent_process.cmd_line', 'process.parent.command_line'],
      ['ParentProcessId', 'process.parent_process.pid', 'process.parent.pid', 'integer'],
      ['ParentProcessGuid', 'process.parent_process.uid', 'process.parent.entity_id'],
      ['ParentUser', 'process.parent_process.user', 'process.parent.user', 'account'],
    ],
  ),
  // Sysmon 8 (remote thread) and 10 (access): the source acts on the target.
  ...defineFields(
    processClass,
    [8, 10],
    [
      ['SourceImage', 'actor.process.file', 'process.executable', 'path'],
      ['SourceProcessId', 'actor.process.pid', 'process.pid', 'integer'],
      ['SourceProcessGuid', 'actor.process.uid', 'process.entity_id'],
      ['SourceProcessGUID', 'actor.process.uid', 'process.entity_id'],
      ['SourceThreadId', 'actor.process.tid', 'process.thread.id', 'integer'],
      ['SourceUser', 'actor.user', 'user', 'account'],
      ['TargetImage', 'process.file', null, 'path'],
      ['TargetProcessId', 'process.pid', null, 'integer'],
      ['TargetProcessGuid', 'process.uid', null],
      ['TargetProcessGUID', 'process.uid', null],
      ['TargetUser', 'process.user', null, 'account'],
      ['NewThreadId', 'process.tid', null, 'integer'],
      ['GrantedAccess', 'actual_permissions', null, 'integer'],
      ['StartAddress', 'module.start_address', null],
      ['StartModule', 'module.file', null, 'path'],
      ['StartFunction', 'module.function_name', null],
    ],
  ),
  // Security audit of a new process: `ProcessId` is the creator's, in hexadecimal.
  ...defineFields(
    processClass,
    [4688],
    [
      ['NewProcessName', 'process.file', 'process.executable', 'path'],
      ['NewProcessId', 'process.pid', 'process.pid', 'integer'],
      ['ProcessId', 'process.parent_process.pid', 'process.parent.pid', 'integer'],
      ['ParentProcessName', 'process.parent_process.file', 'process.parent.executable', 'path'],
      ['TargetUserName', 'process.user.name', 'user.target.name'],
      ['TargetDomainName', 'process.user.domain', 'user.target.domain'],
      ['TargetUserSid', 'process.user.uid', 'user.target.id'],
      ['TargetLogonId', 'process.session.uid', null],
      ['MandatoryLabel', 'process.integrity', null],
    ],
  ),
  // AppLocker, about a program.
  ...defineFields(
    processClass,
    [8002, 8003, 8004],
    [['FilePath', 'process.file', 'process.executable', 'path']],
  ),
  // Handle audits on process objects: `ProcessName` asked, `ObjectName` was asked for.
  ...defineFields(
    processClass,
    [4656, 4658, 4663, 4690],
    [
      ['ProcessName', 'actor.process.file', 'process.executable', 'path'],
      ['ProcessId', 'actor.process.pid', 'process.pid', 'integer'],
      ['ObjectName', 'process.file', null, 'path'],
      ['AccessMask', 'actual_permissions', null, 'integer'],
    ],
  ),
];
