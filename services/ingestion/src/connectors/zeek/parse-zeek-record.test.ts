import { toEcs, toNative, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { aHostileRecord, deepTexts, deepValues } from '../testing/hostile-values.ts';
import { parseZeekRecord } from './parse-zeek-record.ts';
import { zeek } from './zeek.ts';

const receivedAt = Date.UTC(2026, 1, 1);
type Json = Readonly<Record<string, unknown>>;

/** A record of a log about one connection; names and addresses are made up. */
function aRecord(path: string, more: Json = {}): Json {
  return {
    ...{ _path: path, ts: 1769860800.25, uid: 'CTESTuid0001' },
    ...{ 'id.orig_h': '192.0.2.15', 'id.orig_p': 50123 },
    ...{ 'id.resp_h': '203.0.113.80', 'id.resp_p': 443, proto: 'tcp' },
    ...more,
  };
}

function parse(record: Json) {
  return parseZeekRecord(record, receivedAt);
}

describe('a record of Zeek', () => {
  it('is of its class, with time, ends and bytes in every vocabulary', () => {
    const event = parse(
      aRecord('conn', { conn_state: 'SF', orig_bytes: 20, resp_bytes: 300, service: 'ssl' }),
    );
    expect(event).toMatchObject({
      ...{ source: 'zeek', classUid: 4001, activityId: 2, severityId: 1 },
      occurredAt: Date.UTC(2026, 0, 31, 12, 0, 0, 250),
    });
    expect(toOcsf(event)).toMatchObject({
      src_endpoint: { ip: '192.0.2.15', port: 50123 },
      dst_endpoint: { ip: '203.0.113.80', port: 443 },
      connection_info: { uid: 'CTESTuid0001', protocol_name: 'tcp' },
      traffic: { bytes_out: 20, bytes_in: 300 },
    });
    expect(toEcs(event)).toMatchObject({
      source: { ip: '192.0.2.15', bytes: 20 },
      network: { transport: 'tcp', protocol: 'ssl' },
    });
  });

  it('names its log in one of three ways, and its ends in three', () => {
    const { _path: path, ...rest } = aRecord('dns', { query: 'a.example' });
    for (const name of ['_path', '@stream', 'stream'])
      expect(parse({ [name]: path, ...rest })).toMatchObject({
        classUid: 4003,
        fields: { _path: 'dns' },
      });
    const ends = { orig_h: '192.0.2.9', orig_p: 1, resp_h: '192.0.2.10', resp_p: 2 };
    const nested = parse({ _path: 'conn', id: ends });
    const flat = Object.entries(ends).map(([key, value]): [string, unknown] => [
      `id_${key}`,
      value,
    ]);
    for (const event of [nested, parse({ _path: 'conn', ...(Object.fromEntries(flat) as Json) })]) {
      expect(toOcsf(event)).toMatchObject({ src_endpoint: { ip: '192.0.2.9', port: 1 } });
      expect(event.fields['id.resp_h']).toBe('192.0.2.10');
    }
  });

  it('tells its time as a number, as text of one, or in ISO 8601', () => {
    for (const ts of [1769860800.25, '1769860800.250000', '2026-01-31T12:00:00.250000Z'])
      expect(parse(aRecord('conn', { ts })).occurredAt).toBe(Date.UTC(2026, 0, 31, 12, 0, 0, 250));
    expect(parse(aRecord('conn', { ts: 1769860800.827 })).occurredAt % 1000).toBe(827);
    for (const ts of [null, 'soon', -1, 9e12, undefined])
      expect(parse(aRecord('conn', { ts })).occurredAt).toBe(receivedAt);
  });

  it('is referred to by connection, log, time and what tells it apart', () => {
    const { sourceRef } = parse(aRecord('weird', { name: 'a' }));
    expect(parse(aRecord('weird', { name: 'a' })).sourceRef).toBe(sourceRef);
    expect(parse(aRecord('weird', { name: 'b' })).sourceRef).not.toBe(sourceRef);
    expect(parse(aRecord('conn')).sourceRef).toMatch(/^CTESTuid0001\/conn\/1769860800.25\//);
    expect(parse({ _path: 'x509', ts: 1769860800, fingerprint: 'ab' }).sourceRef).toBeUndefined();
  });

  it.each([
    ['conn', { conn_state: 'REJ' }, 4001, 5, 1],
    ['conn', { conn_state: 'S0' }, 4001, 4, 1],
    ['conn', { conn_state: 'RSTR' }, 4001, 3, 1],
    ['conn', {}, 4001, 6, 1],
    ['ssl', {}, 4001, 6, 1],
    ['http', { method: 'GET' }, 4002, 3, 1],
    ['http', { method: 'PROPFIND' }, 4002, 28, 1],
    ['http', { method: 'BREW' }, 4002, 99, 1],
    ['http', {}, 4002, 0, 1],
    ['dns', { query: 'a.example' }, 4003, 1, 1],
    ['dns', { query: 'a.example', rcode_name: 'NXDOMAIN' }, 4003, 6, 1],
    ['dhcp', { msg_types: ['DISCOVER', 'OFFER', 'REQUEST', 'ACK'] }, 4004, 5, 1],
    ['rdp', { result: 'encrypted' }, 4005, 6, 1],
    ['smb_files', { action: 'SMB::FILE_OPEN' }, 4006, 2, 1],
    ['smb_files', { action: 'SMB::FILE_DELETE' }, 4006, 99, 1],
    ['smb_mapping', {}, 4006, 99, 1],
    ['ssh', { auth_success: false }, 4007, 6, 2],
    ['ftp', { command: 'STOR' }, 4008, 1, 1],
    ['smtp', {}, 4009, 4, 1],
    ['tunnel', { action: 'Tunnel::CLOSE' }, 4014, 2, 1],
    ['kerberos', { request_type: 'AS', success: true }, 3002, 3, 1],
    ['kerberos', { request_type: 'TGS', success: false }, 3002, 4, 2],
    ['ntlm', { success: true }, 3002, 1, 1],
    ['radius', {}, 3002, 1, 1],
    ['notice', { note: 'SSL::Invalid_Server_Cert' }, 2004, 1, 2],
    ['notice', { note: 'ATTACK::Lateral_Movement' }, 2004, 1, 4],
    ['notice', { note: 'Custom::Thing' }, 2004, 1, 3],
    ['intel', {}, 2004, 1, 4],
    ['weird', {}, 4001, 99, 1],
    ['dce_rpc', {}, 4001, 6, 1],
    ['files', { source: 'HTTP' }, 4002, 99, 1],
    ['files', { source: 'SMB' }, 4006, 99, 1],
    ['files', { source: 'SSL' }, 4001, 99, 1],
    ['software', {}, 5020, 2, 1],
    ['known_hosts', {}, 5001, 2, 1],
    ['stats', {}, 5019, 1, 1],
    ['a_package_of_somebody', {}, 4001, 6, 1],
    ['constructor', {}, 4001, 6, 1],
  ])('of log %s with %j is of class %i, activity %i, severity %i', (...row) => {
    const [path, more, classUid, activityId, severityId] = row;
    expect(parse(aRecord(path, more))).toMatchObject({ classUid, activityId, severityId });
  });

  it('of DNS has the names of rules on DNS, and its answers', () => {
    const answers = ['cdn.example', '198.51.100.8'];
    const event = parse(aRecord('dns', { query: 'a.example', qtype_name: 'A', rcode: 0, answers }));
    expect({ ...event.fields }).toMatchObject({
      ...{ query: 'a.example', record_type: 'A', answer: 'cdn.example;198.51.100.8', answers },
    });
    expect(toOcsf(event)).toMatchObject({
      query: { hostname: 'a.example', type: 'A' },
      answers: [{ rdata: 'cdn.example' }, { rdata: '198.51.100.8' }],
    });
  });

  it('of HTTP has the names of rules on proxies and web servers', () => {
    const event = parse(
      aRecord('http', {
        ...{ host: 'www.example', uri: '/a/b.php?c=d', method: 'POST', status_code: 404 },
        user_agent: 'agent/1',
      }),
    );
    expect({ ...event.fields }).toMatchObject({
      ...{ 'c-uri': 'http://www.example/a/b.php?c=d', 'cs-host': 'www.example' },
      ...{ 'cs-uri-query': '/a/b.php?c=d', 'cs-uri-stem': '/a/b.php', 'cs-method': 'POST' },
      ...{ 'sc-status': 404, 'c-useragent': 'agent/1', uri: '/a/b.php?c=d' },
    });
    expect(toOcsf(event)).toMatchObject({ http_response: { code: 404 } });
  });

  it('of a sign-in tells who, from where, and whether it worked', () => {
    const ntlm = parse(
      aRecord('ntlm', { username: 'ann', domainname: 'CORP', hostname: 'WS7', success: false }),
    );
    expect(ntlm).toMatchObject({
      hostname: 'WS7',
      userName: 'CORP\\ann',
      fields: { outcome: 'failure' },
    });
    expect(toOcsf(ntlm)).toMatchObject({ status_id: 2, user: { name: 'ann', domain: 'CORP' } });
    const kerberos = parse(aRecord('kerberos', { client: 'ann/CORP.EXAMPLE', success: true }));
    expect(kerberos).toMatchObject({
      userName: 'CORP.EXAMPLE\\ann',
      fields: { outcome: 'success' },
    });
    expect(parse(aRecord('kerberos', { client: '/X' })).userName).toBeUndefined();
    expect(parse(aRecord('rdp', { cookie: 'ann' })).userName).toBe('ann');
  });

  it('of a lease is about the client', () => {
    expect(parse({ _path: 'dhcp', host_name: 'ws7', mac: '00:00:5e:00:53:01' }).hostname).toBe(
      'ws7',
    );
    expect(parse(aRecord('conn')).hostname).toBeUndefined();
  });

  it('without a log is unmapped', () => {
    expect(parse({ ts: 1769860800, uid: 'C1' })).toMatchObject({ classUid: 0 });
    expect(parse({ _path: 'nobody_knows' })).toMatchObject({ classUid: 0, occurredAt: receivedAt });
  });

  it('comes by HTTP or syslog, with settings for senders only', () => {
    expect(zeek.settings.safeParse({}).success).toBe(true);
    expect(zeek.settings.safeParse({ path: 'x' }).success).toBe(false);
  });
});

describe('a hostile record', () => {
  const shapes = ['conn', 'dns', 'http', 'kerberos', 'ntlm', 'notice', 'files', 'dhcp'].map(
    (path) =>
      aRecord(path, { client: 'a/B', answers: ['x'], uri: '/x', note: 'n', msg_types: ['ACK'] }),
  );

  it('of any shape becomes an event that every later step can carry', () => {
    fc.assert(
      fc.property(aHostileRecord(shapes), (record) => {
        const event = parse(record);
        const text = JSON.stringify([event, toNative(event), toOcsf(event), toEcs(event)]);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toContain('\\u0000');
        expect(Number.isSafeInteger(event.occurredAt)).toBe(true);
        expect(Object.getPrototypeOf(event.fields)).toBeNull();
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it.each(['id', 'answers', 'client', 'uri', '_path', 'ts'])(
    'may be deep, or a megabyte, in %s',
    (name) => {
      for (const value of [...deepValues, ...deepTexts, 'x'.repeat(1_000_000)]) {
        const started = performance.now();
        for (const shape of shapes) {
          const event = parse({ ...shape, [name]: value });
          expect(Object.keys(event.fields).length).toBeLessThan(6000);
          for (const key of ['hostname', 'userName', 'sourceRef'] as const)
            expect((event[key] ?? '').length).toBeLessThan(600);
        }
        expect(performance.now() - started).toBeLessThan(5_000);
      }
    },
  );
});
