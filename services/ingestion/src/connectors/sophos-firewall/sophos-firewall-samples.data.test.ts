import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { toEcs } from '@vedette/event-model';
import type { NormalisedEvent } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { at, differences, testData, timeOf } from '../testing/sample-facts.ts';
import type { Json, Sample } from '../testing/sample-facts.ts';
import { parseFirewallRecord } from './parse-firewall-record.ts';
import { readFirewallLine } from './read-firewall-line.ts';

const folder = join(testData, 'connectors/sophos-firewall');
const receivedAt = Date.UTC(2026, 0, 1);

function parse(line: string): NormalisedEvent {
  return parseFirewallRecord(readFirewallLine(line), receivedAt);
}

/** Their words for what was done. */
const theirActions: Readonly<Record<string, string>> = { accept: 'allow' };

function differencesOf(name: string): readonly string[] {
  const file = JSON.parse(readFileSync(join(folder, 'ecs-fixtures', name), 'utf8')) as {
    input: { message: string };
    expected: Json;
  };
  const event = parse(file.input.message);
  const { fields } = event;
  const sample: Sample = { name, record: { ...fields }, expected: file.expected };
  const found = differences(sample, event, {
    ...Object.fromEntries(
      ['source', 'destination'].flatMap((side) =>
        ['ip', 'port', 'bytes', 'packets', 'mac', 'nat.ip', 'nat.port'].map((fact) => [
          `${side}.${fact}`,
          'same' as const,
        ]),
      ),
    ),
    'destination.domain': () => fields.domain,
    'network.transport': 'same',
    'network.application': 'same',
    'observer.name': 'same',
    'observer.serial_number': 'same',
    'log.level': () => fields.priority,
    'event.dataset': 'same',
    'event.module': 'same',
    'event.reason': () => [fields.reason, fields.message],
    'event.action': () => fields.name,
    'action.name': () => theirActions[String(fields.action)] ?? fields.action,
    'sophos.status': () => fields.status,
    'sophos.log_subtype': () => fields.log_subtype,
    'sophos.action': () => fields.action,
    'url.original': 'same',
    'url.full': () => at(toEcs(event), 'url.original'),
    'url.domain': 'same',
    'user.name': 'same',
  });
  const time = at(file.expected, '@timestamp');
  const isSame = time === undefined || timeOf(event, time);
  return [...found, ...(isSame ? [] : ['@timestamp'])];
}

describe('samples of sophos-firewall', () => {
  it.each(readdirSync(join(folder, 'ecs-fixtures')))(
    '%s: has the facts that another project reads in it',
    (name) => {
      expect(differencesOf(name)).toEqual([]);
    },
  );
});

const lines = readdirSync(join(folder, 'raw')).flatMap((name) =>
  readFileSync(join(folder, 'raw', name), 'utf8')
    .split('\n')
    .filter((line) => line !== ''),
);

/** What the lines have at a name, found another way: an expression that is looked for, one fact at a time. */
function valueIn(line: string, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = new RegExp(`[ >\\d]${name}=(?:"([^"]*)"|([^ ]*))`).exec(line);
    const value = found?.[1] ?? found?.[2];
    if (value !== undefined && value !== '' && value !== '-') return value;
  }
  return undefined;
}

/** Canonical names, and what each format calls them. */
const facts: Readonly<Record<string, readonly string[]>> = {
  src_ip: ['src_ip', 'sourceip'],
  dst_ip: ['dst_ip', 'destinationip', 'localip'],
  src_port: ['src_port'],
  dst_port: ['dst_port'],
  protocol: ['protocol'],
  user_name: ['user_name'],
  fw_rule_id: ['fw_rule_id'],
  sent_bytes: ['sent_bytes', 'bytes_sent', 'bytesrcv'],
  recv_bytes: ['recv_bytes', 'bytes_received', 'bytessent'],
  srczone: ['srczone', 'src_zone'],
  hb_health: ['hb_health', 'hb_status'],
  url: ['url'],
  device_serial: ['device_serial_id', 'device_id'],
  connid: ['connid', 'con_id'],
  threat: ['virus', 'threatname'],
  signature_id: ['signature_id'],
  sha1: ['sha1sum'],
  log_id: ['log_id'],
  log_subtype: ['log_subtype'],
  status: ['status'],
};

/** Hours east of UTC of the zones in these lines. */
const zones: Readonly<Record<string, number>> = { CEST: 2, BST: 1, IST: 5.5 };

function timeIn(line: string): number {
  const timestamp = valueIn(line, 'timestamp');
  if (timestamp !== undefined) return Date.parse(timestamp.replace(/(\d\d)$/, ':$1'));
  const local = Date.parse(`${valueIn(line, 'date') ?? ''}T${valueIn(line, 'time') ?? ''}Z`);
  return local - (zones[valueIn(line, 'timezone') ?? ''] ?? Number.NaN) * 3_600_000;
}

describe('raw lines of both formats', () => {
  it.each(lines.map((line, index): [number, string] => [index + 1, line]))(
    'line %i has its facts, time, class and verdict',
    (_number, line) => {
      const event = parse(line);
      for (const [name, names] of Object.entries(facts)) {
        expect([name, event.fields[name]]).toEqual([name, valueIn(line, ...names)]);
      }
      expect(event.occurredAt).toBe(timeIn(line));
      expect(event.classUid).toBeGreaterThan(0);
      const isBlocked = /log_subtype="(Denied|Drop|Virus)"/.test(line) || line.includes('=403 ');
      const isAllowed = line.includes('log_subtype="Allowed"');
      expect(event.fields.disposition_id).toBe(isBlocked ? 2 : isAllowed ? 1 : undefined);
    },
  );
});
