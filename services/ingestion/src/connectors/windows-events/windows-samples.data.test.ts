import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { toEcs } from '@vedette/event-model';
import type { NormalisedEvent } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { parseWindowsEvent } from './parse-windows-event.ts';

const root = resolve(
  import.meta.dirname,
  '../../../../..',
  process.env.VEDETTE_TEST_DATA ?? '../shared/data',
  'connectors',
);
const receivedAt = Date.UTC(2026, 0, 1);

type Json = Readonly<Record<string, unknown>>;

function at(node: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((parent, key) => (parent as Json | undefined)?.[key], node);
}

/** Facts that stand at the same place in both; process ids are left out, theirs being the log service's. */
const directFacts = [
  'process.executable',
  'process.name',
  'process.command_line',
  'process.parent.executable',
  'process.parent.command_line',
  'process.hash.md5',
  'process.hash.sha1',
  'process.hash.sha256',
  'source.ip',
  'source.port',
  'destination.ip',
  'destination.port',
  'file.path',
  'registry.path',
  'registry.value',
  'dns.question.name',
  'event.code',
  'event.provider',
  'group.name',
];

/** Their texts lose quotation marks and the `$` of machine accounts; addresses may be IPv4 in IPv6. */
function plain(value: unknown): string {
  return String(value)
    .toLowerCase()
    .replaceAll(/["$]/g, '')
    .replace(/^::ffff:/, '');
}

function shortHost(value: unknown): string {
  return plain(value).split('.')[0] ?? '';
}

/** Every account an event names, however the vocabularies call its part in it. */
function accounts(event: NormalisedEvent): readonly string[] {
  const { userName = '', fields } = event;
  const names = [userName, fields.TargetUserName, fields.SubjectUserName, fields.MemberName];
  return names.map((name) =>
    plain(name ?? '')
      .replace(/^.*\\/, '')
      .replace(/@.*$/, ''),
  );
}

function differences(file: string): readonly string[] {
  const sample = JSON.parse(readFileSync(file, 'utf8')) as { input: Json; expected: Json };
  const record = JSON.parse(String(sample.input.message)) as Json;
  const event = parseWindowsEvent(record, receivedAt);
  const ours = toEcs(event);
  const { expected } = sample;
  const found = directFacts.filter((path) => {
    const fact = at(expected, path);
    return fact !== undefined && fact !== '-' && plain(fact) !== plain(at(ours, path));
  });
  const host = at(expected, 'host.name');
  if (host !== undefined && shortHost(host) !== shortHost(event.hostname)) found.push('host.name');
  for (const path of ['user.name', 'user.target.name']) {
    const user = plain(at(expected, path) ?? '-').replace(/@.*$/, '');
    if (user !== '-' && !accounts(event).includes(user)) found.push(path);
  }
  const time = at(expected, '@timestamp');
  // Where Sysmon tells its own time we take that one; they take the log's.
  const isOther = typeof time === 'string' && Date.parse(time) !== event.occurredAt;
  if (isOther && event.fields.UtcTime === undefined) found.push('@timestamp');
  return found;
}

/** Facts of theirs that we do not share, by reason. */
const reasons: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  'the account of the log service, which is not who acted': {
    'sysmon_10.json': ['user.name'],
    'sysmon_13_strings.json': ['user.name'],
    'sysmon_15.json': ['user.name'],
    'sysmon_16.json': ['user.name'],
    'sysmon_18.json': ['user.name'],
    'sysmon_255.json': ['user.name'],
    'sysmon_6.json': ['user.name'],
    'sysmon_7.json': ['user.name'],
    'sysmon_9.json': ['user.name'],
  },
  'a driver that was loaded is no process: its path and hashes are dll.*': {
    'sysmon_6.json': [
      'process.executable',
      'process.name',
      'process.hash.md5',
      'process.hash.sha256',
    ],
  },
  'the hash of the file that was found, which is no process: file.hash': {
    'defender_1120.json': ['process.hash.sha1'],
  },
  'the path of the parent is not its command line': {
    'Process_4688_new.json': ['process.parent.command_line'],
    'process_4688.json': ['process.parent.command_line'],
    'process_creation.json': ['process.parent.command_line'],
    'process_creation2.json': ['process.parent.command_line'],
    'process_parent_cwd.json': ['process.parent.command_line'],
  },
  'told only in the message text, which is in the language of the host': {
    'Event_2946.json': ['source.ip', 'source.port', 'user.target.name'],
    'Event_4825_1.json': ['source.ip', 'user.name'],
    'Event_551.json': ['source.ip'],
    'Event_56.json': ['source.ip'],
    'event_4103_non_breakable_space.json': ['process.name'],
    'process_4103.json': ['process.name'],
    'process_4103_2.json': ['process.name'],
    'process_8002.json': ['file.path'],
    'process_8005.json': ['file.path'],
  },
  'the record names the host by computer_name; host.name is the shipper': {
    'security_event_4798.json': ['host.name'],
  },
  'a share is no file; the process is the object, not a file; a provider that we do not map': {
    'security_event_5140.json': ['file.path'],
    'process_4663.json': ['file.path'],
    'Event_2500.json': ['process.command_line'],
  },
};

function explainedFor(name: string): readonly string[] {
  return Object.values(reasons).flatMap((samples) => samples[name] ?? []);
}

describe.each(['windows-winlogbeat', 'windows-events'])('samples of %s', (connector) => {
  const folder = join(root, connector, 'ecs-fixtures');
  // `:{…}` is not JSON: it is refused and kept in quarantine.
  const names = readdirSync(folder).filter((name) => name !== 'wrong-startswith.json');

  it.each(names)('%s: has the facts that another project reads in it', (name) => {
    const found = differences(join(folder, name));
    expect([...found].sort()).toEqual([...explainedFor(name)].sort());
  });
});

describe('whole attack runs', () => {
  const folder = join(root, 'windows-sysmon-raw', 'scenarios');
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));

  it.each(names)('%s: have hosts, times and classes', (name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').filter(Boolean);
    for (const line of lines) {
      const event = parseWindowsEvent(JSON.parse(line) as Json, receivedAt);
      expect(event.hostname).toBe('WORKSTATION5');
      expect(event.occurredAt).toBeLessThan(receivedAt);
      expect(event.classUid).toBeGreaterThan(0);
    }
    expect(lines.length).toBeGreaterThan(100);
  });
});
