import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { FieldValue, NormalisedEvent } from './event.ts';
import { ocsfClasses } from './ocsf-classes.ts';
import { toEcs, toNative, toOcsf, toSigma } from './projections.ts';

const occurredAt = Date.UTC(2026, 0, 31, 12);

function anEvent(more: Partial<NormalisedEvent> = {}): NormalisedEvent {
  const source = 'windows-events';
  return { source, occurredAt, classUid: 1007, activityId: 1, severityId: 1, fields: {}, ...more };
}

const launch = anEvent({
  hostname: 'pc1.corp.example',
  userName: 'CORP\\ann',
  fields: {
    EventID: 1,
    Channel: 'Microsoft-Windows-Sysmon/Operational',
    Provider_Name: 'Microsoft-Windows-Sysmon',
    Image: 'C:\\Windows\\System32\\cmd.exe',
    CommandLine: 'cmd /c whoami',
    ProcessId: '4242',
    User: 'CORP\\ann',
    Hashes: 'SHA256=AB,IMPHASH=CD',
    ParentImage: 'C:\\Windows\\explorer.exe',
    ParentProcessId: 'unknown',
    Company: '-',
    TerminalSessionId: '1',
  },
});

describe('a process launch as OCSF', () => {
  const ocsf = toOcsf(launch);

  it('carries its class, activity and type', () => {
    expect(ocsf).toMatchObject({
      class_uid: 1007,
      class_name: 'Process Activity',
      category_uid: 1,
      category_name: 'System Activity',
      activity_id: 1,
      activity_name: 'Launch',
      type_uid: 100701,
      time: occurredAt,
      severity_id: 1,
      severity: 'Informational',
      metadata: { version: '1.8.0', event_code: '1' },
      device: { hostname: 'pc1.corp.example', type_id: 0 },
    });
  });

  it('has typed attributes', () => {
    expect(ocsf.process).toMatchObject({
      pid: 4242,
      name: 'cmd.exe',
      cmd_line: 'cmd /c whoami',
      user: { name: 'ann', domain: 'CORP' },
      file: {
        path: 'C:\\Windows\\System32\\cmd.exe',
        name: 'cmd.exe',
        type_id: 1,
        hashes: [
          { algorithm: 'SHA256', algorithm_id: 3, value: 'AB' },
          { algorithm: 'IMPHASH', algorithm_id: 99, value: 'CD' },
        ],
      },
    });
  });

  it('names the parent as the actor too', () => {
    expect(ocsf.actor).toMatchObject({ process: { name: 'explorer.exe' } });
  });

  it('keeps what has no attribute, or not its type, under unmapped, and leaves out what has no value', () => {
    expect(ocsf.unmapped).toEqual({ ParentProcessId: 'unknown', TerminalSessionId: '1' });
  });
});

describe('the same event in our own shape', () => {
  it('has OCSF names, and every other field by its own', () => {
    expect(toNative(launch)).toMatchObject({
      class_uid: 1007,
      class_name: 'Process Activity',
      activity_id: 1,
      type_uid: 100701,
      time: occurredAt,
      process: { pid: 4242 },
      fields: { ParentProcessId: 'unknown', TerminalSessionId: '1' },
    });
  });

  it('is unmapped where the record had no known shape', () => {
    const native = toNative(anEvent({ classUid: 0, activityId: 0, fields: { colour: 'blue' } }));
    expect(native).toMatchObject({
      class_uid: 0,
      class_name: 'unmapped',
      fields: { colour: 'blue' },
    });
  });
});

describe('the same event as ECS', () => {
  it('has fields by their Elastic names and the rest under winlog.event_data', () => {
    expect(toEcs(launch)).toMatchObject({
      '@timestamp': '2026-01-31T12:00:00.000Z',
      event: { kind: 'event', category: ['process'], type: ['start'], action: 'launch', code: '1' },
      host: { name: 'pc1.corp.example' },
      user: { name: 'ann', domain: 'CORP' },
      process: {
        executable: 'C:\\Windows\\System32\\cmd.exe',
        name: 'cmd.exe',
        pid: 4242,
        hash: { sha256: 'ab' },
        pe: { imphash: 'cd' },
        parent: { executable: 'C:\\Windows\\explorer.exe', name: 'explorer.exe' },
      },
      winlog: { event_data: { TerminalSessionId: '1' } },
    });
  });

  it('takes a registry value apart', () => {
    const fields = { EventID: 13, TargetObject: 'HKLM\\Software\\Run\\evil', Details: 'a.exe' };
    expect(toEcs(anEvent({ classUid: 201002, activityId: 2, fields })).registry).toEqual({
      path: 'HKLM\\Software\\Run\\evil',
      hive: 'HKLM',
      key: 'Software\\Run',
      value: 'evil',
      data: { strings: ['a.exe'] },
    });
  });
});

describe('the same event by Sigma names', () => {
  it('is its fields', () => {
    expect(toSigma(launch)).toBe(launch.fields);
  });
});

describe('a sign-in as OCSF', () => {
  it.each([
    [{ EventID: 4624 }, 1],
    [{ EventID: 4625, Status: '0xc000006d' }, 2],
    [{ EventID: 4768, Status: '0x0' }, 1],
    [{ EventID: 4776, Status: '0xc0000064' }, 2],
  ])('%j has the status %d', (fields, statusId) => {
    expect(toOcsf(anEvent({ classUid: 3002, fields }))).toMatchObject({ status_id: statusId });
  });

  it('keeps who signed in and who asked apart', () => {
    const fields = {
      TargetUserName: 'ann',
      SubjectUserName: 'PC1$',
      IpAddress: '::ffff:192.0.2.7',
    };
    expect(toOcsf(anEvent({ classUid: 3002, fields }))).toMatchObject({
      user: { name: 'ann' },
      actor: { user: { name: 'PC1$' } },
      src_endpoint: { ip: '192.0.2.7' },
    });
  });
});

describe('any event', () => {
  const values = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const names = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '__proto__',
      'constructor',
      'User',
      'Image',
      'Hashes',
      'TargetObject',
      'Status',
    ),
  );
  const events = fc.record({
    source: fc.constantFrom('windows-events', 'sophos-firewall', 'constructor'),
    occurredAt: fc.nat(),
    classUid: fc.constantFrom(...ocsfClasses.map(({ uid }) => uid), 7),
    activityId: fc.constantFrom(0, 1, 2, 99),
    severityId: fc.integer({ min: 0, max: 6 }),
    userName: fc.string(),
    fields: fc.dictionary(names, values, { noNullPrototype: false }),
  });

  it('has every projection, loses no field in ours, and touches no prototype', () => {
    fc.assert(
      fc.property(events, (event: NormalisedEvent) => {
        const native = toNative(event);
        const shown = JSON.stringify([native, toOcsf(event), toEcs(event), toSigma(event)]);
        expect(JSON.parse(shown)).toHaveLength(4);
        for (const name of Object.keys(native.fields as Record<string, FieldValue>)) {
          expect(Object.hasOwn(event.fields, name)).toBe(true);
        }
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
    );
  });
});
