import { toEcs, toOcsf } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { parseSophosRecord } from './parse-sophos-record.ts';
import { sophosCentral } from './sophos-central.ts';
import {
  aDataLakeRow,
  aDetection,
  aHealthCheck,
  anAlert,
  anEndpoint,
  anEvent,
  aScriptEvent,
} from './testing/sophos-records.ts';

const receivedAt = Date.UTC(2026, 1, 1);

function parse(record: Readonly<Record<string, unknown>>) {
  return parseSophosRecord(record, receivedAt);
}

function classOf(type: string, more: Readonly<Record<string, unknown>> = {}) {
  const { classUid, activityId, severityId, fields } = parse(
    anEvent({ type: `Event::Endpoint::${type}`, name: 'x', ...more }),
  );
  return [classUid, activityId, severityId, fields.disposition_id];
}

describe('an event of the SIEM feed', () => {
  it('is a detection with host, user, threat and path, at the time it happened', () => {
    const event = parse(anEvent());
    expect(event).toMatchObject({
      source: 'sophos-central',
      classUid: 2004,
      severityId: 4,
      occurredAt: Date.UTC(2026, 0, 31, 12, 0, 0, 500),
      sourceRef: 'siem-event:6f1d2a90-0000-4000-8000-000000000001',
      hostname: 'WS-ANN',
      userName: 'CORP\\ann',
    });
    expect(event.fields).toMatchObject({
      threat: 'Troj/Sample-A',
      full_file_path: 'C:\\Users\\ann\\Downloads\\invoice.exe',
      Signature: 'Troj/Sample-A',
      Filename: 'C:\\Users\\ann\\Downloads\\invoice.exe',
      disposition_id: 15,
    });
  });

  it('is the same by the keys of the SIEM script', () => {
    const { fields: script, ...event } = parse(aScriptEvent());
    const { fields: api, ...same } = parse(anEvent());
    expect(event).toEqual(same);
    expect({ ...script }).toMatchObject({ ...api });
  });

  it('has no user where the vendor says n/a', () => {
    const event = parse(anEvent({ source: 'n/a' }));
    expect(event).not.toHaveProperty('userName');
    expect(toEcs(event)).not.toHaveProperty('user.name');
  });

  it('takes its class and severity from its type, whatever the console says of it', () => {
    expect(classOf('HmpaExploitPrevented')).toEqual([2004, 1, 4, 2]);
    expect(classOf('CoreClean', { severity: 'high' })).toEqual([2004, 2, 2, 3]);
    expect(classOf('Threat::HIPSCleanupFailed')).toEqual([2004, 1, 4, 13]);
    expect(classOf('CorePuaDetection')).toEqual([2004, 1, 3, 15]);
    expect(classOf('WebControlViolation')).toEqual([4002, 0, 2, 2]);
    expect(classOf('Application::Allowed')).toEqual([1007, 1, 1, 1]);
    expect(classOf('Device::AlertedOnly')).toEqual([1010, 1, 2, 19]);
    expect(classOf('DataLossPreventionUserAllowed')).toEqual([2006, 1, 2, 1]);
    expect(classOf('DataLossPreventionAutomaticallyBlocked')).toEqual([2006, 1, 4, 2]);
    expect(classOf('SavDisabled')).toEqual([2003, 1, 3, undefined]);
    expect(classOf('UpdateSuccess')).toEqual([5019, 1, 1, undefined]);
  });

  it('of an unknown type takes its class from its group, and its severity from the vendor', () => {
    expect(classOf('SomethingNew', { group: 'APPLICATION_CONTROL' })).toEqual([
      1007,
      1,
      2,
      undefined,
    ]);
    expect(classOf('SomethingNew', { group: 'MALWARE' })).toEqual([2004, 1, 4, 15]);
    expect(classOf('SomethingNew', { group: 'TEAPOTS', severity: 'high' })).toEqual([
      0,
      0,
      4,
      undefined,
    ]);
  });

  it('of unwanted software that is ransomware starts at high', () => {
    expect(classOf('CorePuaDetection', { threat: 'Troj/Ransom-X' })[2]).toBe(4);
  });
});

describe('the sentence of an event', () => {
  it('of an exploit tells the technique and the application', () => {
    const name = "'Lockdown' exploit prevented in Example Reader";
    const { fields } = parse(anEvent({ name, type: 'Event::Endpoint::HmpaExploitPrevented' }));
    expect(fields).toMatchObject({ threat: 'Lockdown', application: 'Example Reader' });
  });

  it('of a blocked site tells site and reason', () => {
    const name = 'Access was blocked to "shop.example∕cart" because of "Phishing & Fraud".';
    const event = parse(anEvent({ name, type: 'Event::Endpoint::WebFilteringBlocked' }));
    expect(event.fields).toMatchObject({ site: 'shop.example/cart', reason: 'Phishing & Fraud' });
    expect(event.fields.name).toBe(name);
    expect(toOcsf(event)).toMatchObject({
      http_request: { url: { url_string: 'shop.example/cart' } },
      disposition_id: 2,
    });
  });

  it('of a controlled application tells its name and kind', () => {
    const name = 'Controlled application blocked: Example Tool (v2) (Security tool)';
    const { fields } = parse(anEvent({ name, type: 'Event::Endpoint::Application::Blocked' }));
    expect(fields.application).toBe('Example Tool (v2)');
    expect(fields.application_category).toBe('Security tool');
  });

  it('of a data loss event is taken apart, primes and all', () => {
    const name =
      'An ″allow file transfer″ action was taken.  Username: CORP\\ann  Rule names: ′Customer lists′  ' +
      'File type: Container (ZIP∕7Z)  File size: 2048  Source path: C:\\data\\list.zip';
    const type = 'Event::Endpoint::DataLossPreventionUserAllowed';
    const event = parse(anEvent({ name, type, source: 'n/a' }));
    expect(event.fields).toMatchObject({
      'dlp.action': 'allow file transfer',
      'dlp.username': 'CORP\\ann',
      'dlp.rule_names': 'Customer lists',
      'dlp.file_type': 'Container (ZIP/7Z)',
      'dlp.file_size': '2048',
      full_file_path: 'C:\\data\\list.zip',
    });
    expect(toEcs(event)).toMatchObject({ file: { size: 2048 }, rule: { name: 'Customer lists' } });
  });

  it('may name a path with an apostrophe', () => {
    const name = "Running malware detected: 'Mal/Sample' at 'C:\\Users\\o'neill\\a.exe'";
    expect(parse(anEvent({ name })).fields.full_file_path).toBe("C:\\Users\\o'neill\\a.exe");
  });
});

describe('an alert', () => {
  it('of the SIEM feed is told from an event, and comes again when its time changes', () => {
    const first = parse(anAlert());
    expect(first).toMatchObject({ classUid: 2004, severityId: 4, hostname: 'SRV-FILES' });
    expect(first.fields.disposition_id).toBe(13);
    expect(first.sourceRef).toMatch(/^siem-alert:8f1d2a90/);
    expect(parse(anAlert({ when: '2026-01-31T12:06:00.000Z' })).sourceRef).not.toBe(
      first.sourceRef,
    );
  });

  it('of the alerts API is read by its own names', () => {
    const alert = parse({
      id: '8f1d2a90-0000-4000-8000-000000000003',
      category: 'malware',
      description: "Manual cleanup required: 'Troj/Sample-A' at 'D:\\x.zip'",
      managedAgent: { id: '7f1d2a90-0000-4000-8000-000000000004', type: 'computer' },
      raisedAt: '2026-01-31T12:07:00.000Z',
      severity: 'high',
      type: 'Event::Endpoint::Threat::CleanupFailed',
    });
    expect(alert).toMatchObject({
      classUid: 2004,
      sourceRef: 'alert:8f1d2a90-0000-4000-8000-000000000003',
      occurredAt: Date.UTC(2026, 0, 31, 12, 7),
    });
    expect(alert.fields).toMatchObject({ threat: 'Troj/Sample-A', full_file_path: 'D:\\x.zip' });
    expect(toOcsf(alert)).toHaveProperty('device.uid', '7f1d2a90-0000-4000-8000-000000000004');
  });
});

describe('a detection', () => {
  it('has its device, its user and its techniques as a list of ids', () => {
    const event = parse(aDetection());
    expect(event).toMatchObject({
      classUid: 2004,
      severityId: 4,
      hostname: 'WS-ANN',
      userName: 'CORP\\ann',
    });
    expect(event.fields['attack.technique.id']).toEqual(['T1562.001']);
    expect(event.fields['attack.tactic.id']).toEqual(['TA0005']);
    expect(toEcs(event)).toHaveProperty('threat.technique.id', ['T1562.001']);
  });

  it.each([
    [0, 1],
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [6, 3],
    [7, 4],
    [8, 4],
    [9, 5],
    [10, 5],
    [11, 0],
  ])('of severity %i is %i in OCSF', (severity, severityId) => {
    expect(parse(aDetection({ severity })).severityId).toBe(severityId);
  });

  it('of a vulnerability is a vulnerability finding', () => {
    expect(parse(aDetection({ type: 'Vulnerability' })).classUid).toBe(2002);
  });
});

describe('a row of the data lake', () => {
  it('is a finding with what its JSON texts hold', () => {
    const event = parse(aDataLakeRow());
    expect(event).toMatchObject({
      classUid: 2004,
      severityId: 3,
      sourceRef: 'row:r-1',
      hostname: 'SRV-FILES',
      userName: 'svc-scan',
      occurredAt: Date.UTC(2026, 0, 31, 14),
    });
    expect(event.fields).toMatchObject({
      'ioc_detection_sigma.id': 'EXAMPLE-1',
      ioc_detection_licenses: ['MTR', 'XDR'],
      'attack.technique.id': ['T1110'],
      meta_domain_controller: false,
    });
    expect(toEcs(event)).toHaveProperty('source.ip', '198.51.100.9');
  });

  it('that no rule saw has no class', () => {
    const row = { query_name: 'running_processes', meta_hostname: 'WS-ANN', meta_username: '-' };
    expect(parse(row)).toMatchObject({ classUid: 0, hostname: 'WS-ANN' });
  });
});

describe('posture', () => {
  it('of an endpoint feeds the inventory of assets', () => {
    const event = parse(anEndpoint());
    expect(event).toMatchObject({
      classUid: 5001,
      activityId: 2,
      hostname: 'SRV-FILES',
      occurredAt: Date.UTC(2026, 0, 31, 15),
    });
    expect(event).not.toHaveProperty('sourceRef');
    expect(event.fields).toMatchObject({
      id: '7f1d2a90-0000-4000-8000-000000000002',
      hostname: 'SRV-FILES',
      type: 'server',
      macAddresses: ['02:00:5E:00:53:01', '02:00:5E:00:53:02'],
      'os.isServer': true,
      'health.overall': 'good',
    });
  });

  it('of an account passes where no check counts anything, else names the checks', () => {
    expect(parse(aHealthCheck())).toMatchObject({ classUid: 2003, severityId: 1 });
    const failed = parse(aHealthCheck(2));
    expect(failed.severityId).toBe(3);
    expect(failed.fields.failing_checks).toEqual([
      'endpoint.tamperProtection.global',
      'endpoint.tamperProtection.computer',
    ]);
    expect(toOcsf(failed)).toHaveProperty('compliance.status_id', 3);
  });
});

describe('a whole answer', () => {
  it('is as good as its items', () => {
    expect(sophosCentral.unwrap?.({ items: [anEvent(), anAlert()], has_more: false })).toHaveLength(
      2,
    );
    expect(sophosCentral.unwrap?.(anEvent())).toBeNull();
  });

  it('of unknown shape is unmapped, with its fields', () => {
    const event = parse({ teapot: { short: true } });
    expect(event).toMatchObject({ classUid: 0, occurredAt: receivedAt });
    expect(event.fields['teapot.short']).toBe(true);
  });
});
