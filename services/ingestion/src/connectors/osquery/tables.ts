/** What a row of a table tells. */
export type RowKind =
  | 'process'
  | 'process-list'
  | 'socket'
  | 'port'
  | 'file'
  | 'sign-in'
  | 'session'
  | 'account'
  | 'script'
  | 'windows-event'
  | 'dns'
  | 'yara'
  | 'hardware'
  | 'job'
  | 'service'
  | 'kernel-module'
  | 'state'
  | 'inventory';

export type Platform = 'linux' | 'darwin' | 'windows';

interface TableFacts {
  readonly kind: RowKind;
  /** Whether its rows are things that happened, each told once, and not what there is. */
  readonly isOfEvents: boolean;
  /** Absent: on several. */
  readonly platform?: Platform;
}

const events = (kind: RowKind, platform?: Platform): TableFacts =>
  platform === undefined ? { kind, isOfEvents: true } : { kind, isOfEvents: true, platform };
const lists = (kind: RowKind, platform?: Platform): TableFacts => ({
  ...events(kind, platform),
  isOfEvents: false,
});

/** osquery's tables that mean more to us than rows of a list: https://osquery.io/schema */
const tables: ReadonlyMap<string, TableFacts> = new Map([
  // The audit of processes was on macOS as well until osquery 5.
  ['process_events', events('process')],
  ['bpf_process_events', events('process', 'linux')],
  ['es_process_events', events('process', 'darwin')],
  ['process_etw_events', events('process', 'windows')],
  ['processes', lists('process-list')],
  ['socket_events', events('socket')],
  ['bpf_socket_events', events('socket', 'linux')],
  ['listening_ports', lists('port')],
  ['file_events', events('file')],
  ['process_file_events', events('file', 'linux')],
  ['es_process_file_events', events('file', 'darwin')],
  ['ntfs_journal_events', events('file', 'windows')],
  ['user_events', events('sign-in')],
  ['logged_in_users', lists('session')],
  ['users', lists('account')],
  ['powershell_events', events('script', 'windows')],
  ['windows_events', events('windows-event', 'windows')],
  ['windows_eventlog', events('windows-event', 'windows')],
  ['dns_lookup_events', events('dns', 'windows')],
  ['yara_events', events('yara')],
  ['yara', lists('yara')],
  ['hardware_events', events('hardware')],
  ['scheduled_tasks', lists('job', 'windows')],
  ['crontab', lists('job')],
  ['launchd', lists('job', 'darwin')],
  ['systemd_units', lists('job', 'linux')],
  ['services', lists('service', 'windows')],
  ['kernel_modules', lists('kernel-module', 'linux')],
  ['kernel_extensions', lists('kernel-module', 'darwin')],
  ['drivers', lists('kernel-module', 'windows')],
  ['startup_items', lists('state')],
  ['authorized_keys', lists('state')],
  ['sudoers', lists('state')],
  ['etc_hosts', lists('state')],
  ['iptables', lists('state', 'linux')],
  ['registry', lists('state', 'windows')],
  ['system_info', lists('inventory')],
  ['os_version', lists('inventory')],
  ['programs', lists('inventory', 'windows')],
  ['deb_packages', lists('inventory', 'linux')],
  ['rpm_packages', lists('inventory', 'linux')],
  ['apps', lists('inventory', 'darwin')],
]);

export function factsOf(table: string): TableFacts | null {
  return tables.get(table) ?? null;
}

/** A scheduled query: the pack it is of, and the table that it reads, where its name or its columns tell. */
export interface QueryFacts {
  readonly pack: string | null;
  readonly table: string | null;
}

const maxNameLength = 256;

/**
 * What the name of a query says. Those of packs are `pack_<pack>_<query>`, or with another delimiter; which of the
 * delimiters ends the pack's name is told by a table's name behind it, else it is the first.
 */
export function readQueryName(name: string): QueryFacts {
  if (tables.has(name)) return { pack: null, table: name };
  const delimiter = name.charAt(4);
  if (!name.startsWith('pack') || name.length > maxNameLength || !/[_/:.-]/.test(delimiter)) {
    return { pack: null, table: null };
  }
  const rest = name.slice(5);
  for (let at = rest.indexOf(delimiter); at >= 0; at = rest.indexOf(delimiter, at + 1)) {
    const query = rest.slice(at + 1);
    if (tables.has(query)) return { pack: rest.slice(0, at), table: query };
  }
  const first = rest.indexOf(delimiter);
  return { pack: first < 0 ? null : rest.slice(0, first), table: null };
}

/** Columns that only one kind of table has, for queries that people have named otherwise. */
const signatures: readonly (readonly [table: string, columns: readonly string[]])[] = [
  ['es_process_events', ['event_type', 'pid', 'path', 'signing_id']],
  ['process_events', ['pid', 'path', 'cmdline', 'auid']],
  ['bpf_process_events', ['pid', 'path', 'cmdline', 'probe_error']],
  ['process_etw_events', ['pid', 'ppid', 'path', 'cmdline', 'mandatory_label']],
  ['socket_events', ['pid', 'action', 'remote_address', 'remote_port', 'time']],
  ['file_events', ['target_path', 'action', 'time']],
  ['powershell_events', ['script_text', 'script_block_id']],
  ['windows_events', ['eventid', 'channel', 'data']],
  ['dns_lookup_events', ['response', 'name', 'status', 'type']],
  ['yara_events', ['target_path', 'matches']],
];

/** The table that rows with these columns come from, or null. */
export function tableOfColumns(columns: Readonly<Record<string, unknown>>): string | null {
  const found = signatures.find(([, names]) => names.every((name) => Object.hasOwn(columns, name)));
  return found?.[0] ?? null;
}
