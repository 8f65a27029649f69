import { toEcs, toNative, toOcsf } from '@vedette/event-model';
import type { NormalisedEvent } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { aHostileRecord, deepValues } from '../testing/hostile-values.ts';
import { parseFirewallRecord } from './parse-firewall-record.ts';
import { readFirewallLine } from './read-firewall-line.ts';
import { sophosFirewall } from './sophos-firewall.ts';
import { aCentralLine, aDeviceLine, aLogLine } from './testing/firewall-lines.ts';

const noon = Date.UTC(2026, 0, 31, 12);
const receivedAt = noon + 5_000;

function parse(line: string, settings = {}): NormalisedEvent {
  return parseFirewallRecord(readFirewallLine(line), receivedAt, settings);
}

describe('a connection through the firewall', () => {
  it('has its class, time, reference, device and user', () => {
    expect(parse(aDeviceLine())).toMatchObject({
      ...{ source: 'sophos-firewall', classUid: 4001, activityId: 2, severityId: 1 },
      ...{ occurredAt: noon, hostname: 'branch-fw', userName: 'ann@corp.example' },
      sourceRef: 'C0100TEST0001/16179/Stop/2026-01-31 13:00:00/010101600001',
    });
    expect(parse(aCentralLine())).toMatchObject({
      ...{ classUid: 4001, activityId: 1, occurredAt: noon, hostname: 'X0100TEST0002' },
      sourceRef: 'X0100TEST0002/31539/Start/2026-01-31T13:00:00+0100/010101600001',
    });
  });

  it('is read by one rule, whichever format it came in', () => {
    const canonical = {
      ...{ src_ip: '192.0.2.15', dst_ip: '203.0.113.80', dst_port: '443', protocol: 'TCP' },
      ...{ srczone: 'LAN', dstzone: 'WAN', tran_src_ip: '198.51.100.2', fw_rule_id: '7' },
      ...{ src_country_code: 'R1', dst_country_code: 'AUT', priority: 'Information' },
      ...{ action: 'accept', disposition_id: 1, 'log_id.type': '01', 'log_id.message': '00001' },
    };
    expect({ ...parse(aDeviceLine()).fields }).toMatchObject({
      ...canonical,
      ...{ device_serial: 'C0100TEST0001', device_id: 'C0100TEST0001', sent_bytes: '459' },
      ...{ recv_bytes: '6060', hb_health: 'No Heartbeat' },
    });
    expect({ ...parse(aCentralLine()).fields }).toMatchObject({
      ...canonical,
      ...{ device_serial: 'X0100TEST0002', sent_bytes: '168', bytes_sent: '168' },
      ...{ recv_bytes: '170', sent_pkts: '2', hb_health: 'Red', src_zone: 'LAN' },
    });
  });

  it('has addresses, ports, bytes, rule and verdict in OCSF and ECS', () => {
    for (const line of [aDeviceLine(), aCentralLine()]) {
      const event = parse(line);
      expect(toOcsf(event)).toMatchObject({
        src_endpoint: { ip: '192.0.2.15', port: 50123, zone: 'LAN' },
        dst_endpoint: { ip: '203.0.113.80', port: 443, zone: 'WAN' },
        connection_info: { protocol_name: 'TCP' },
        firewall_rule: { uid: '7' },
        traffic: { bytes_out: Number(event.fields.sent_bytes) },
        disposition_id: 1,
      });
      expect(toEcs(event)).toMatchObject({
        source: { ip: '192.0.2.15', port: 50123 },
        destination: { ip: '203.0.113.80', port: 443 },
        network: { transport: 'TCP' },
        rule: { id: '7' },
      });
    }
  });

  it('that was denied is refused, and a red heartbeat is more than traffic', () => {
    const denied = { log_subtype: '"Denied"', status: '"Deny"', connevent: '' };
    expect(parse(aDeviceLine(denied))).toMatchObject({
      ...{ activityId: 5, severityId: 1 },
      fields: { action: 'deny', disposition_id: 2 },
    });
    expect(parse(aDeviceLine(denied)).sourceRef).toBeUndefined();
    const red = { ...denied, log_component: '"Heartbeat"', hb_health: '"Red"' };
    expect(parse(aDeviceLine(red))).toMatchObject({ classUid: 4001, activityId: 5, severityId: 3 });
  });

  it('keeps the action that the line has itself', () => {
    expect(parse(aDeviceLine({ action: 'forward' })).fields.action).toBe('forward');
  });
});

describe('a line of another log', () => {
  it.each([
    ['Firewall', 'DoS Attack', 'Denied', {}, 2004, 1, 3],
    ['Firewall', 'Invalid Traffic', 'Denied', {}, 4001, 5, 1],
    ['Firewall', 'Local ACL', 'Allowed', {}, 4001, 6, 1],
    ['IDP', 'Signatures', 'Drop', { rule_priority: '1' }, 2004, 1, 4],
    ['IDP', 'Signatures', 'Detect', { rule_priority: '4' }, 2004, 1, 2],
    ['IDP', 'Anomaly', 'Detect', { priority: 'Warning' }, 2004, 1, 3],
    ['ATP', 'DNS', 'Alert', {}, 2004, 1, 4],
    ['Active threat response', 'Firewall', 'Drop', {}, 2004, 1, 4],
    ['Anti-Virus', 'HTTP', 'Virus', {}, 2004, 1, 4],
    ['Anti-Virus', 'HTTPS', 'PUA', {}, 2004, 1, 3],
    ['Anti-Virus', 'FTP', 'Allowed', {}, 4008, 0, 1],
    ['Anti-Virus', 'SMTP', 'Clean', {}, 4009, 3, 1],
    ['Sandbox', 'Web', 'Denied', {}, 2004, 1, 4],
    ['Sandbox', 'Mail', 'Pending', {}, 4009, 3, 1],
    ['Zero-day protection', 'Web', 'Allowed', {}, 4002, 0, 1],
    ['Content Filtering', 'HTTP', 'Denied', { http_method: 'POST' }, 4002, 6, 2],
    ['Content Filtering', 'SSL', 'Do not decrypt', {}, 4002, 0, 1],
    ['Content Filtering', 'Application', 'Denied', {}, 4001, 5, 2],
    ['WAF', 'Web Application Firewall', '', { method: 'GET', httpstatus: '200' }, 4002, 3, 1],
    ['WAF', '', '', { method: 'GET', httpstatus: '403', reason: '"Form"' }, 4002, 3, 2],
    ['WAF', '', '', { httpstatus: '403', reason: '"WAF Anomaly"' }, 2004, 1, 3],
    ['WAF', '', '', { httpstatus: '403', reason: '"Antivirus"' }, 2004, 1, 4],
    ['Event', 'Firewall Authentication', 'Authentication', { status: '"Successful"' }, 3002, 1, 1],
    ['Event', 'SSL VPN Authentication', 'Authentication', { status: '"Failed"' }, 3002, 1, 2],
    ['Event', 'My Account', 'Authentication', { message: '"User x logged out of it"' }, 3002, 2, 1],
    ['Event', 'CLI', 'Admin', { status: 'Failed', message: '"failed to login"' }, 3002, 1, 2],
    ['Event', 'GUI', 'Admin', { message: '"Rule 7 was changed by ann"' }, 5019, 1, 1],
    ['Event', 'GUI', 'Admin', { message: `"Rule 'failed to login' was changed"` }, 5019, 1, 1],
    ['Event', 'GUI', 'Admin', { message: `"Admin 'a' logged in${' x'.repeat(99)}"` }, 3002, 1, 1],
    ['Event', 'GUI', 'Admin', { message: '"The session timed out"' }, 3002, 2, 1],
    ['Event', 'SSL VPN', 'System', { status: '"Established"' }, 4014, 1, 1],
    ['Event', 'IPSec', 'System', { status: '"Terminated"' }, 4014, 2, 1],
    ['Event', 'RED', 'System', { status: '"Disconnected"' }, 4014, 2, 1],
    ['Event', 'L2TP', 'System', { status: '"Failed"' }, 4014, 99, 2],
    ['Event', 'DHCP Server', 'System', { status: '"Renew"' }, 4004, 5, 1],
    ['Event', 'DHCP Server', 'System', { status: '"Expire"' }, 4004, 9, 1],
    ['Event', 'Interface', 'System', { priority: 'Alert' }, 5019, 1, 2],
    ['Heartbeat', 'Endpoint', 'Information', { hb_health: '"Red"' }, 5019, 1, 3],
    ['System Health', 'CPU', 'Usage', {}, 5019, 1, 1],
    ['Wireless Protection', 'x', 'Information', {}, 5019, 1, 1],
    ['SD-WAN', 'SLA', 'Information', {}, 5019, 1, 1],
    ['Anti-Spam', 'SMTP', 'Denied', {}, 4009, 3, 1],
    ['Something New', 'x', 'Allowed', {}, 0, 0, 1],
    ['constructor', 'constructor', 'constructor', {}, 0, 0, 1],
  ] as const)('%s / %s / %s %j is of class %i, activity %i, severity %i', (...row) => {
    const [type, component, subtype, more, classUid, activityId, severityId] = row;
    const event = parse(aLogLine(type, component, subtype, more));
    expect(event).toMatchObject({ classUid, activityId, severityId });
  });

  it('without a type is known by its number', () => {
    expect(parse('log_id=080005418010 src_ip=192.0.2.1')).toMatchObject({ classUid: 2004 });
    expect(parse('log_id=990005418010 src_ip=192.0.2.1')).toMatchObject({ classUid: 0 });
  });

  it('about an intrusion names signature and both ends', () => {
    const event = parse(
      aLogLine('IDP', 'Signatures', 'Drop', {
        ...{ signature_id: '9901', signature_msg: '"SERVER-WEBAPP sample"', rule_priority: '2' },
        ...{ src_ip: '198.51.100.9', dst_ip: '192.0.2.20', dst_port: '80' },
      }),
    );
    expect(toOcsf(event)).toMatchObject({
      disposition_id: 2,
      finding_info: { title: 'SERVER-WEBAPP sample', analytic: { uid: '9901' } },
      evidences: [
        { src_endpoint: { ip: '198.51.100.9' }, dst_endpoint: { ip: '192.0.2.20', port: 80 } },
      ],
    });
    expect(toEcs(event)).toMatchObject({ rule: { id: '9901', name: 'SERVER-WEBAPP sample' } });
  });

  it('about a threat tells it by the names that rules on malware use', () => {
    const atp = parse(
      aLogLine('ATP', 'Web', 'Drop', {
        ...{ sourceip: '192.0.2.24', destinationip: '203.0.113.22', threatname: 'C2/Sample-A' },
        ...{ url: 'http://c2.example/in', login_user: '"CORP\\ann"' },
      }),
    );
    expect(atp).toMatchObject({ userName: 'CORP\\ann', fields: { Signature: 'C2/Sample-A' } });
    expect({ ...atp.fields }).toMatchObject({ src_ip: '192.0.2.24', dst_ip: '203.0.113.22' });
    const file = parse(
      aLogLine('Sandbox', 'Web', 'Denied', { sha1sum: '"ab12"', filename: '"x.exe"' }),
    );
    expect({ ...file.fields }).toMatchObject({ sha1: 'ab12', filename: 'x.exe' });
  });

  it('about the web has the names of a proxy log, or of a web server behind the firewall', () => {
    const proxy = parse(
      aLogLine('Content Filtering', 'HTTP', 'Allowed', {
        ...{ url: '"https://files.example:8443/a?b=1"', user_agent: '"agent/1 (x)"' },
        status_code: '"200"',
      }),
    );
    expect({ ...proxy.fields }).toMatchObject({
      ...{ 'c-uri': 'https://files.example:8443/a?b=1', 'cs-host': 'files.example' },
      ...{ 'c-useragent': 'agent/1 (x)', 'sc-status': '200' },
    });
    const server = parse(
      aLogLine('WAF', '', '', {
        ...{ server: 'www.corp.example', sourceip: '198.51.100.4', url: '/a.php' },
        ...{ querystring: '?cmd=id', method: 'GET', httpstatus: '200', cookie: '"-"' },
        ...{ bytessent: '726', bytesrcv: '510' },
      }),
    );
    expect({ ...server.fields }).toMatchObject({
      ...{ 'cs-uri-query': '/a.php?cmd=id', 'cs-uri-stem': '/a.php', 'cs-method': 'GET' },
      ...{ 'sc-status': '200', 'c-ip': '198.51.100.4', sent_bytes: '510', recv_bytes: '726' },
    });
    expect(server.fields).not.toHaveProperty('c-uri');
  });

  it('about a lease or an endpoint is about that host', () => {
    const lease = aLogLine('Event', 'DHCP Server', 'System', {
      ...{ client_host_name: '"ws7"', client_physical_address: '00:00:5e:00:53:01' },
      ...{ ipaddress: '192.0.2.77', status: '"Lease"' },
    });
    expect(parse(lease).hostname).toBe('ws7');
    expect(parse(aLogLine('Heartbeat', 'Endpoint', '', { ep_name: '"ws8"' })).hostname).toBe('ws8');
  });

  it('of UTM 9 is traffic, the web or a finding', () => {
    const line = (sub: string, action: string) =>
      `2026:01:31-13:00:00 utm ulogd[1]: id="2001" severity="info" sys="SecureNet" sub="${sub}" ` +
      `action="${action}" fwrule="60002" srcip="198.51.100.7" dstip="192.0.2.1" proto="6" dstport="443"`;
    const dropped = parse(line('packetfilter', 'drop'));
    expect(dropped).toMatchObject({ classUid: 4001, activityId: 5, occurredAt: receivedAt });
    expect({ ...dropped.fields }).toMatchObject({
      ...{ src_ip: '198.51.100.7', dst_port: '443', fw_rule_id: '60002', action: 'drop' },
    });
    expect(parse(line('packetfilter', 'accept')).fields.disposition_id).toBe(1);
    expect(parse(line('http', 'pass')).classUid).toBe(4002);
    expect(parse(line('ips', 'drop')).classUid).toBe(2004);
    expect(parse(line('smtp', 'x')).classUid).toBe(0);
  });

  it('that is none is unmapped, with its text', () => {
    expect(parse('hello')).toMatchObject({ classUid: 0, occurredAt: receivedAt });
    expect(parse('hello').fields.message).toBe('hello');
  });

  it('may come inside a JSON record of a relay', () => {
    const record = { message: `<30>${aDeviceLine()}`, host: 'relay' };
    expect(parseFirewallRecord(record, receivedAt)).toEqual(parse(aDeviceLine()));
  });
});

describe('the time of a line', () => {
  const at = (zone: string, settings = {}, received = receivedAt) => {
    const line = aDeviceLine({ timezone: `"${zone}"` });
    return parseFirewallRecord(readFirewallLine(line), received, settings).occurredAt;
  };
  const local = Date.UTC(2026, 0, 31, 13);
  const hour = 3_600_000;

  it.each([
    ['CET', 1],
    ['CEST', 2],
    ['UTC', 0],
    ['GMT', 0],
    ['+11', 11],
    ['+0530', 5.5],
    ['-03', -3],
    ['AEDT', 11],
    ['EDT', -4],
  ])('in %s is %f hours before UTC', (zone, hours) => {
    expect(at(zone)).toBe(local - hours * hour);
  });

  it('in an ambiguous zone is the one that is set, else the one it was just received by', () => {
    expect(at('IST', { timeZone: 'Asia/Jerusalem' })).toBe(local - 2 * hour);
    expect(at('IST', { timeZone: 'Europe/Dublin' })).toBe(local);
    expect(at('IST', {}, local - 2 * hour + 1_000)).toBe(local - 2 * hour);
    expect(at('IST', {}, local + 90 * 24 * hour)).toBe(local - 5.5 * hour);
    expect(at('CST', {}, local - 8 * hour + 1_000)).toBe(local - 8 * hour);
  });

  it('in no zone or one that nobody knows is in the one that is set, else in UTC', () => {
    expect(at('XYZ')).toBe(local);
    expect(at('', { timeZone: 'Europe/Vienna' })).toBe(local - hour);
    const summer = aCentralLine({ timestamp: '"2026-07-01T12:00:00"' });
    const late = Date.UTC(2026, 6, 2);
    const event = parseFirewallRecord(readFirewallLine(summer), late, {
      timeZone: 'Europe/Vienna',
    });
    expect(event.occurredAt).toBe(Date.UTC(2026, 6, 1, 10));
  });

  it('is the time of receipt where it is absent, no time, or more than a year ahead', () => {
    for (const date of ['2029-01-31', '2026-31-01', ''])
      expect(parse(aDeviceLine({ date })).occurredAt).toBe(receivedAt);
  });
});

describe('the settings', () => {
  it('take a zone, names of devices and senders, and refuse what is none', () => {
    const { settings } = sophosFirewall;
    expect(settings.safeParse({}).success).toBe(true);
    const full = { timeZone: 'Asia/Kolkata', deviceNames: { X0100TEST0002: 'vienna-fw' } };
    expect(settings.safeParse({ ...full, syslogSenders: [{ address: '192.0.2.1' }] }).success).toBe(
      true,
    );
    expect(settings.safeParse({ timeZone: 'Mars/Base' }).success).toBe(false);
    expect(settings.safeParse({ zone: 'UTC' }).success).toBe(false);
    expect(parse(aCentralLine(), full).hostname).toBe('vienna-fw');
  });
});

describe('a hostile record', () => {
  it('becomes an event that every later step can carry', () => {
    const shapes = [readFirewallLine(aDeviceLine()), readFirewallLine(aCentralLine())];
    fc.assert(
      fc.property(aHostileRecord(shapes), (record) => {
        const event = parseFirewallRecord(record, receivedAt);
        const text = JSON.stringify([event, toNative(event), toOcsf(event), toEcs(event)]);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain('\\u0000');
        expect(Number.isSafeInteger(event.occurredAt)).toBe(true);
        expect(Object.getPrototypeOf(event.fields)).toBeNull();
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 300 },
    );
    for (const value of deepValues) {
      const event = parseFirewallRecord({ log_type: 'Firewall', x: value }, receivedAt);
      expect(Object.keys(event.fields).length).toBeLessThan(6000);
    }
  });
});
