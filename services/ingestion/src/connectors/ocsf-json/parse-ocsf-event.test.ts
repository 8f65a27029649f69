import { toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { parseOcsfEvent } from './parse-ocsf-event.ts';

const receivedAt = Date.UTC(2026, 1, 1);
const noon = Date.UTC(2026, 0, 31, 12);
type Json = Readonly<Record<string, unknown>>;

function parse(event: Json) {
  return parseOcsfEvent(event, receivedAt);
}

/** A process launch; the names are made up. */
function aLaunch(more: Json = {}): Json {
  return {
    class_uid: 1007,
    activity_id: 1,
    type_uid: 100701,
    severity_id: 3,
    time: noon,
    metadata: { version: '1.8.0', uid: 'm1', product: { name: 'Sensor', vendor_name: 'Example' } },
    device: { hostname: 'web1.corp.example', type_id: 1 },
    actor: { user: { name: 'root' } },
    process: {
      pid: 42,
      cmd_line: 'curl http://203.0.113.9/x',
      file: {
        path: '/usr/bin/curl',
        name: 'curl',
        hashes: [
          { algorithm: 'MD5', algorithm_id: 1, value: 'aa' },
          { algorithm: 'SHA256', algorithm_id: 3, value: 'bb' },
        ],
      },
      user: { name: 'ann', domain: 'CORP' },
      parent_process: { file: { path: '/bin/sh' } },
    },
    unmapped: { Vendor: { Extra: 'kept' } },
    ...more,
  };
}

describe('an OCSF event', () => {
  it("has its sender's class, activity, severity and time as they are", () => {
    expect(parse(aLaunch())).toMatchObject({
      source: 'ocsf-json',
      occurredAt: noon,
      classUid: 1007,
      activityId: 1,
      severityId: 3,
      sourceRef: 'm1',
      hostname: 'web1.corp.example',
      userName: 'root',
    });
  });

  it('keeps its own dotted names and has those of rules beside them', () => {
    expect({ ...parse(aLaunch()).fields }).toMatchObject({
      'process.file.path': '/usr/bin/curl',
      Image: '/usr/bin/curl',
      CommandLine: 'curl http://203.0.113.9/x',
      ProcessId: 42,
      ParentImage: '/bin/sh',
      User: 'CORP\\ann',
      Hashes: 'MD5=aa,SHA256=bb',
      'Vendor.Extra': 'kept',
    });
  });

  it('is one again', () => {
    expect(toOcsf(parse(aLaunch()))).toMatchObject({
      class_uid: 1007,
      severity: 'Medium',
      time: noon,
      process: { pid: 42, file: { path: '/usr/bin/curl' }, user: { name: 'ann' } },
      device: { hostname: 'web1.corp.example' },
      metadata: { uid: 'm1' },
    });
  });

  it('of a class that we do not know keeps it', () => {
    const event = parse(aLaunch({ class_uid: 5040, activity_id: 2 }));
    expect(event).toMatchObject({ classUid: 5040, activityId: 2 });
    expect(toOcsf(event)).toMatchObject({ class_uid: 5040, class_name: 'Base Event' });
  });

  it('may say its class only by its type', () => {
    const event = parse({ type_uid: 300202, time: noon, severity: 'High' });
    expect(event).toMatchObject({ classUid: 3002, activityId: 2, severityId: 4 });
  });

  it('may tell its time in seconds or as text', () => {
    expect(parse(aLaunch({ time: noon / 1000 })).occurredAt).toBe(noon);
    const text = aLaunch({ time: undefined, time_dt: '2026-01-31T13:00:00+01:00' });
    expect(parse(text).occurredAt).toBe(noon);
    expect(parse(aLaunch({ time: 'never' })).occurredAt).toBe(receivedAt);
  });

  it('that updates a finding is told apart from the finding', () => {
    const finding = (activity_id: number) =>
      parse({ class_uid: 2004, activity_id, time: noon, finding_info: { uid: 'f1', title: 'T' } });
    expect(finding(1).sourceRef).not.toBe(finding(2).sourceRef);
    expect(finding(1).sourceRef).toBe(finding(1).sourceRef);
    expect(finding(1).fields.ThreatName).toBe('T');
  });

  it('about a connection in a list of evidence has its addresses by name', () => {
    const malware = [{ path: '/tmp/x', classifications: ['Trojan'] }];
    const event = parse({ class_uid: 2004, activity_id: 1, time: noon, malware });
    expect(event.fields.Path).toBe('/tmp/x');
  });

  it('has access masks in hexadecimal, as rules write them', () => {
    const event = parse({
      class_uid: 1007,
      activity_id: 3,
      time: noon,
      actual_permissions: 0x1410,
      metadata: {
        event_code: '10',
        log_name: 'Microsoft-Windows-Sysmon/Operational',
        log_provider: 'Microsoft-Windows-Sysmon',
      },
    });
    expect(event.fields).toMatchObject({ GrantedAccess: '0x1410', EventID: 10 });
  });

  it('of no Windows event never looks like one', () => {
    const metadata = { log_name: 'cloud audit', event_code: '4688', log_provider: 'x' };
    const { fields } = parse(aLaunch({ metadata }));
    for (const name of ['EventID', 'Channel', 'Provider_Name', 'Computer']) {
      expect(fields[name]).toBeUndefined();
    }
  });

  it('without a class, or with one that is no number, is unmapped', () => {
    expect(parse({ time: noon })).toMatchObject({ classUid: 0, activityId: 0, occurredAt: noon });
    expect(parse(aLaunch({ class_uid: '1007', type_uid: null })).classUid).toBe(0);
    expect(parse(aLaunch({ class_uid: -1, type_uid: undefined })).classUid).toBe(0);
    expect(parse({ class_uid: 1e12, severity_id: 77 })).toMatchObject({
      classUid: 0,
      severityId: 0,
    });
  });
});
