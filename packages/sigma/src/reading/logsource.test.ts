import { describe, expect, it } from '@jest/globals';
import {
  compileRules,
  defaultLogsourceMap,
  InvalidLogsourceMapError,
  parseLogsourceMap,
  recordEvent,
} from '../index.ts';
import type { Logsource, LogsourceMap } from '../index.ts';
import { aRule } from '../testing/rule-builders.ts';

const SYSMON = 'Microsoft-Windows-Sysmon/Operational';

function sees(
  logsource: Logsource,
  event: Record<string, unknown>,
  logsources: LogsourceMap = defaultLogsourceMap,
): boolean {
  const text = aRule({ s: { 'never|exists': false }, condition: 's' }, { logsource });
  const { ruleSet, refused } = compileRules([{ file: 'r.yml', text }], { logsources });
  if (refused.length > 0) throw new Error(refused[0]?.reason);
  return ruleSet.match(recordEvent(event)).length > 0;
}

describe('a logsource', () => {
  it('of a Windows category sees the events of its channel and number, as number or text', () => {
    const processes = { product: 'windows', category: 'process_creation' };
    expect(sees(processes, { Channel: SYSMON, EventID: 1 })).toBe(true);
    expect(sees(processes, { Channel: SYSMON.toUpperCase(), EventID: '1' })).toBe(true);
    expect(sees(processes, { Channel: SYSMON, EventID: 3 })).toBe(false);
    expect(sees(processes, { Channel: 'Security', EventID: 1 })).toBe(false);
    expect(sees(processes, { EventID: 1 })).toBe(false);
  });

  it('of a Windows service sees its whole channel', () => {
    expect(
      sees({ product: 'windows', service: 'security' }, { Channel: 'Security', EventID: 4624 }),
    ).toBe(true);
    expect(
      sees({ product: 'windows', service: 'security' }, { Channel: 'System', EventID: 4624 }),
    ).toBe(false);
  });

  it('of a product sees everything of it', () => {
    expect(sees({ product: 'windows' }, { Channel: 'Some/Channel' })).toBe(true);
    expect(sees({ product: 'zeek' }, { _path: 'dns' })).toBe(true);
    expect(sees({ product: 'zeek' }, { Channel: 'Security' })).toBe(false);
  });

  it('of a category without a product sees the more specific ones', () => {
    expect(sees({ category: 'dns_query' }, { Channel: SYSMON, EventID: 22 })).toBe(true);
  });

  it('of a category and a service sees what both mean', () => {
    const both = { product: 'windows', category: 'process_creation', service: 'sysmon' };
    expect(sees(both, { Channel: SYSMON, EventID: 1 })).toBe(true);
    expect(sees(both, { Channel: SYSMON, EventID: 2 })).toBe(false);
  });

  it('outside Windows is told by the fields of a record', () => {
    expect(
      sees({ product: 'aws', service: 'cloudtrail' }, { eventSource: 's3', eventName: 'x' }),
    ).toBe(true);
    expect(
      sees({ product: 'aws', service: 'guardduty' }, { service: { serviceName: 'guardduty' } }),
    ).toBe(true);
    expect(
      sees(
        { product: 'okta', service: 'okta' },
        { eventType: 'zone.delete', published: '2026-01-31T12:00:00Z' },
      ),
    ).toBe(true);
    expect(sees({ product: 'zeek', service: 'dns' }, { _path: 'conn' })).toBe(false);
    expect(sees({ category: 'webserver' }, { 'cs-method': 'GET' })).toBe(true);
    const mail = { Workload: 'Exchange', Operation: 'New-InboxRule' };
    expect(sees({ product: 'm365', service: 'exchange' }, mail)).toBe(true);
    expect(sees({ product: 'm365', service: 'audit' }, mail)).toBe(true);
    expect(sees({ product: 'm365', service: 'threat_management' }, mail)).toBe(false);
    const signIn = { ResultType: 0, ConditionalAccessStatus: 'success' };
    expect(sees({ product: 'azure', service: 'signinlogs' }, signIn)).toBe(true);
    expect(sees({ product: 'azure', service: 'auditlogs' }, signIn)).toBe(false);
    expect(sees({ category: 'antivirus' }, { Signature: 'Troj/Sample-A' })).toBe(true);
    expect(sees({ category: 'proxy' }, { 'c-uri': 'http://a.example/' })).toBe(true);
    expect(sees({ category: 'dns' }, { _path: 'dns', query: 'a.example' })).toBe(true);
    expect(sees({ category: 'dns' }, { _path: 'conn' })).toBe(false);
    expect(sees({ category: 'firewall' }, { log_type: 'Firewall', action: 'deny' })).toBe(true);
    expect(sees({ category: 'firewall' }, { log_type: 'Event' })).toBe(false);
    const start = { 'osquery.event': 'process_creation', 'osquery.platform': 'linux' };
    expect(sees({ product: 'linux', category: 'process_creation' }, start)).toBe(true);
    expect(sees({ product: 'macos', category: 'process_creation' }, start)).toBe(false);
    expect(sees({ product: 'windows', category: 'process_creation' }, start)).toBe(false);
  });

  it('that is not bound refuses the rule', () => {
    expect(() => sees({ product: 'amiga' }, {})).toThrow(
      'product=amiga category=* service=* is not bound',
    );
    expect(() =>
      sees({ product: 'windows', category: 'process_creation', service: 'security' }, {}),
    ).toThrow('not bound');
  });
});

describe('a logsource map file', () => {
  it('binds categories, services, built-in names and bindings of its own', () => {
    const map = parseLogsourceMap({
      note: 'prose',
      windows_category: { process_creation: { channel: ['Security'], event_id: [4688] } },
      windows_service: { security: ['Security'] },
      other: { 'aws/cloudtrail': 'prose' },
      bindings: [
        {
          product: 'linux',
          service: 'auditd',
          events: { fields: { type: true, source: 'auditd' } },
        },
      ],
    });
    expect(
      sees({ category: 'process_creation' }, { Channel: 'Security', EventID: 4688 }, map),
    ).toBe(true);
    expect(sees({ product: 'windows' }, { Channel: 'Anything' }, map)).toBe(true);
    expect(sees({ product: 'aws' }, { eventSource: 'x', eventName: 'y' }, map)).toBe(true);
    expect(sees({ product: 'linux' }, { type: 'EXECVE', source: 'AuditD' }, map)).toBe(true);
    expect(sees({ product: 'linux' }, { type: 'EXECVE', source: 'syslog' }, map)).toBe(false);
  });

  it.each([
    [{ windows: {} }, "unknown section 'windows'"],
    [
      { windows_category: { x: { channel: 'Security', event_id: [1] } } },
      'windows_category.x.channel',
    ],
    [{ windows_category: { x: { channel: [], event_id: ['1'] } } }, 'windows_category.x.event_id'],
    [{ other: { 'linux/auditd': '' } }, 'other.linux/auditd'],
    [{ bindings: [{ produce: 'x', events: {} }] }, "bindings[0]: unknown key 'produce'"],
    [
      { bindings: [{ product: 'x', events: { channel: [] } }] },
      "bindings[0].events: unknown key 'channel'",
    ],
    [[], 'the map: must be an object'],
  ])('is refused with the place that is wrong: %j', (json, message) => {
    expect(() => parseLogsourceMap(json)).toThrow(InvalidLogsourceMapError);
    expect(() => parseLogsourceMap(json)).toThrow(message);
  });
});
