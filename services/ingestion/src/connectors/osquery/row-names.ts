import type { FieldValue } from '@vedette/event-model';

import { readJsonText } from '../cloud-record.ts';
import { textOf } from '../json-values.ts';
import { isRecord, setField } from '../record-fields.ts';
import type { DraftFields } from '../record-fields.ts';
import type { Platform, RowKind } from './tables.ts';

/** Adds Sigma's names for what a row of this kind tells, and only for what it tells. */
export function addRuleNames(fields: DraftFields, kind: RowKind, platform: Platform | null): void {
  switch (kind) {
    case 'process':
    case 'process-list':
      addProcess(fields, platform);
      break;
    case 'socket':
      addSocket(fields);
      break;
    case 'file':
      set(fields, 'TargetFilename', fields.target_path ?? fields.dest_filename ?? fields.path);
      addHashes(fields);
      if (fields.executable !== undefined) set(fields, 'Image', fields.executable);
      break;
    case 'sign-in':
      addSignIn(fields);
      break;
    case 'session':
      set(fields, 'TargetUserName', fields.user);
      break;
    case 'account':
      set(fields, 'TargetUserName', fields.username);
      break;
    case 'script':
      set(fields, 'ScriptBlockText', fields.script_text);
      set(fields, 'ScriptBlockId', fields.script_block_id);
      set(fields, 'Path', fields.script_path);
      break;
    case 'dns':
      set(fields, 'QueryName', fields.name);
      set(fields, 'QueryResults', fields.response);
      set(fields, 'QueryStatus', fields.status);
      break;
    case 'windows-event':
      addWindowsEvent(fields);
      break;
    default:
  }
}

/** Absent, empty and `-` are no value. */
function set(fields: DraftFields, name: string, value: FieldValue | undefined): void {
  const isText = typeof value === 'string' ? textOf(value) !== null : typeof value === 'number';
  if (isText && value !== undefined) fields[name] ??= value;
}

function addProcess(fields: DraftFields, platform: Platform | null): void {
  set(fields, 'Image', fields.path);
  set(fields, 'CommandLine', fields.cmdline);
  set(fields, 'CurrentDirectory', fields.cwd);
  set(fields, 'ProcessId', fields.pid);
  set(fields, 'ParentProcessId', fields.parent ?? fields.ppid);
  // Only where the query joined the parent in.
  set(fields, 'ParentImage', fields.parent_path);
  set(fields, 'ParentCommandLine', fields.parent_cmdline);
  set(fields, 'IntegrityLevel', fields.mandatory_label);
  set(fields, 'User', fields.username);
  if (platform !== 'windows' && String(fields.uid) === '0') set(fields, 'User', 'root');
  addHashes(fields);
}

/** IANA numbers of the protocols that sockets have. */
const protocols: Readonly<Record<string, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp' };

/** Who connected is the source: of an accepted connection that is the other side. */
function addSocket(fields: DraftFields): void {
  const { action, syscall, protocol } = fields;
  const isComingIn = /accept/i.test(String(action ?? syscall).slice(0, 64));
  const near = isComingIn ? 'Destination' : 'Source';
  const far = isComingIn ? 'Source' : 'Destination';
  set(fields, `${near}Ip`, fields.local_address);
  set(fields, `${near}Port`, fields.local_port);
  set(fields, `${far}Ip`, fields.remote_address);
  set(fields, `${far}Port`, fields.remote_port);
  fields.Initiated ??= isComingIn ? 'false' : 'true';
  set(fields, 'Image', fields.path);
  set(fields, 'ProcessId', fields.pid);
  const number = String(protocol);
  if (Object.hasOwn(protocols, number)) set(fields, 'Protocol', protocols[number]);
}

/** Sysmon's form of hashes, which projections take apart. */
function addHashes(fields: DraftFields): void {
  const hashes = ['md5', 'sha1', 'sha256'].flatMap((name) => {
    const value = textOf(fields[name]);
    return value === null ? [] : [`${name.toUpperCase()}=${value}`];
  });
  if (hashes.length > 0) fields.Hashes ??= hashes.join(',');
}

const maxMessageLength = 4_096;

/** The audit's message: `op=login acct="ann" exe="/usr/sbin/sshd" … addr=198.51.100.7 res=failed`. */
function addSignIn(fields: DraftFields): void {
  const { message } = fields;
  if (typeof message !== 'string' || message.length > maxMessageLength) return;
  const account = /\bacct="([^"]{1,256})"/.exec(message)?.[1];
  const result = /\bres=(success|failed|1|0)\b/.exec(message)?.[1];
  const address = /\baddr=([\da-fA-F.:]{2,45})(?=\s|$|')/.exec(message)?.[1];
  const program = /\bexe="([^"]{1,1024})"/.exec(message)?.[1];
  set(fields, 'TargetUserName', account);
  set(fields, 'IpAddress', fields.address ?? address);
  set(fields, 'Image', program);
  if (result !== undefined) {
    fields.outcome = result === 'success' || result === '1' ? 'success' : 'failure';
  }
}

/** An event of Windows' own log: its data are JSON in a text. */
function addWindowsEvent(fields: DraftFields): void {
  const number = Number(fields.eventid);
  if (Number.isSafeInteger(number)) fields.EventID ??= number;
  set(fields, 'Channel', fields.channel);
  set(fields, 'Provider_Name', fields.provider_name);
  set(fields, 'Computer', fields.computer_name);
  const data = readJsonText(fields.data);
  const holder = isRecord(data) ? (data.EventData ?? data.UserData ?? data) : null;
  if (!isRecord(holder)) return;
  for (const name of Object.keys(holder)) {
    if (fields[name] === undefined) setField(fields, name, holder[name]);
  }
}
