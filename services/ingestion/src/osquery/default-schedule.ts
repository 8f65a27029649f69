/** A query that agents run by themselves (osquery's configuration, `schedule`). Times in seconds. */
export interface ScheduledQuery {
  readonly query: string;
  readonly interval: number;
  /** `linux`, `darwin`, `windows`, or several with commas; absent: everywhere. */
  readonly platform?: string;
  /** Whether rows that are gone are told as well; by default they are. */
  readonly removed?: boolean;
  /** All rows each time, instead of what has changed. */
  readonly snapshot?: boolean;
}

const minute = 60;
const hour = 60 * minute;

/** Event tables forget what nobody asks for: a minute is often enough, and each row is told once. */
const events = { interval: minute, removed: false } as const;

/**
 * What is asked of every host unless its connector's settings say otherwise: what attackers do (processes, sockets,
 * scripts, look-ups), and what they leave behind (accounts, keys, tasks, services, listening ports).
 */
export const defaultSchedule: Readonly<Record<string, ScheduledQuery>> = {
  process_events: {
    ...events,
    platform: 'linux',
    query: `select pid, parent, path, cmdline, cwd, auid, uid, euid, gid, egid, syscall, time, eid from process_events`,
  },
  es_process_events: {
    ...events,
    platform: 'darwin',
    query: `select event_type, pid, parent, original_parent, path, cmdline, cwd, uid, euid, gid, username, signing_id,
      team_id, platform_binary, exit_code, time, eid from es_process_events`,
  },
  process_etw_events: {
    ...events,
    platform: 'windows',
    query: `select type, pid, ppid, path, cmdline, username, token_elevation_type, mandatory_label, exit_code, time, eid
      from process_etw_events`,
  },
  socket_events: {
    ...events,
    platform: 'linux,darwin',
    query: `select action, pid, path, auid, status, family, protocol, local_address, local_port, remote_address,
      remote_port, time, eid from socket_events
      where family in (2, 10) and remote_address not in ('', '127.0.0.1', '::1', '0.0.0.0', '::')`,
  },
  dns_lookup_events: {
    ...events,
    platform: 'windows',
    query: 'select name, type, status, response, pid, time, eid from dns_lookup_events',
  },
  powershell_events: {
    ...events,
    platform: 'windows',
    query: `select script_block_id, script_block_count, script_text, script_name, script_path, time
      from powershell_events`,
  },
  user_events: {
    ...events,
    platform: 'linux',
    query:
      'select uid, auid, pid, message, type, path, address, terminal, time, eid from user_events',
  },
  logged_in_users: {
    interval: 5 * minute,
    query: 'select type, user, tty, host, time, pid from logged_in_users',
  },
  listening_ports: {
    interval: 10 * minute,
    query: `select l.pid, p.name, p.path, l.port, l.protocol, l.family, l.address
      from listening_ports l left join processes p using (pid) where l.port <> 0`,
  },
  startup_items: {
    interval: hour,
    query: 'select name, path, args, type, source, status, username from startup_items',
  },
  users: {
    interval: hour,
    query: 'select uid, gid, username, description, directory, shell from users',
  },
  authorized_keys: {
    interval: hour,
    platform: 'linux,darwin',
    query: `select u.username, k.algorithm, k.key, k.comment, k.key_file
      from users u join authorized_keys k using (uid)`,
  },
  scheduled_tasks: {
    interval: hour,
    platform: 'windows',
    query: 'select name, action, path, enabled, state, hidden from scheduled_tasks',
  },
  crontab: {
    interval: hour,
    platform: 'linux,darwin',
    query:
      'select event, minute, hour, day_of_month, month, day_of_week, command, path from crontab',
  },
  services: {
    interval: hour,
    platform: 'windows',
    query:
      'select name, display_name, start_type, path, module_path, user_account, service_type from services',
  },
  launchd: {
    interval: hour,
    platform: 'darwin',
    query: 'select label, name, path, program, program_arguments, run_at_load from launchd',
  },
  kernel_modules: {
    interval: hour,
    platform: 'linux',
    query: `select name, size, status from kernel_modules`,
  },
  system_info: {
    interval: 24 * hour,
    snapshot: true,
    query: `select s.hostname, s.uuid, s.hardware_vendor, s.hardware_model, o.name as os_name, o.version as os_version,
      o.platform from system_info s, os_version o`,
  },
};
