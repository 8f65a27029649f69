import { findOcsfClass } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { classify } from './classify.ts';
import { eventSources } from './event-classes.ts';

const security = 'Microsoft-Windows-Security-Auditing';

describe('the table of event classes', () => {
  const rows = eventSources.flatMap(({ names, events, otherwise }) =>
    [...Object.entries(events), ['otherwise', otherwise ?? [0, 0]] as const].map(([id, row]) => ({
      label: `${names[0] ?? ''} ${id}`,
      row,
    })),
  );

  it.each(rows)('$label: names a class and one of its activities', ({ row }) => {
    const [classUid, activityId, severityId = 1] = row;
    const activities = findOcsfClass(classUid)?.activities ?? null;
    expect(activities).not.toBeNull();
    expect(['0', '99', ...Object.keys(activities ?? {})]).toContain(String(activityId));
    expect([1, 2, 3, 4, 5]).toContain(severityId);
  });

  it('names every source once', () => {
    const names = eventSources.flatMap((source) => source.names.map((name) => name.toLowerCase()));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('an event', () => {
  it.each([
    ['Microsoft-Windows-Sysmon', 1, [1007, 1, 1]],
    ['Microsoft-Windows-Sysmon', 8, [1007, 4, 1]],
    ['Microsoft-Windows-Sysmon', 13, [201002, 2, 1]],
    ['Microsoft-Windows-Sysmon', 22, [4003, 1, 1]],
    [security, 4625, [3002, 1, 1]],
    [security, 4698, [1006, 1, 1]],
    [security, 4720, [3001, 1, 1]],
    [security, 4732, [3006, 3, 1]],
    [security, 5156, [4001, 1, 1]],
    ['Microsoft-Windows-Eventlog', 1102, [1008, 1, 4]],
    ['Microsoft-Windows-Eventlog', 104, [1008, 1, 4]],
    ['Service Control Manager', 7045, [201004, 1, 1]],
    ['Microsoft-Windows-PowerShell', 4104, [1009, 1, 1]],
    ['Microsoft-Windows-PowerShell', 4103, [1009, 1, 1]],
    ['PowerShell', 400, [6002, 3, 1]],
    ['PowerShell', 800, [1009, 1, 1]],
    ['Microsoft-Windows-Windows Defender', 5001, [5019, 1, 4]],
    ['Microsoft-Windows-Windows Defender', 9999, [6002, 99, 1]],
    ['Microsoft-Windows-WMI-Activity', 5861, [201003, 1, 3]],
    ['Microsoft-Windows-TaskScheduler', 106, [1006, 1, 1]],
  ])('of %s with the id %d has a class', (provider, eventId, expected) => {
    expect(classify({ Provider_Name: provider, EventID: eventId })).toEqual(expected);
  });

  it('is known by its channel where no provider is told, in any case', () => {
    expect(classify({ Channel: 'security', EventID: 4624 })).toEqual([3002, 1, 1]);
    expect(classify({ Channel: 'Windows PowerShell', EventID: 800 })).toEqual([1009, 1, 1]);
  });

  it('of another provider in the channel System is not a new service', () => {
    expect(classify({ Channel: 'System', Provider_Name: 'SomeDriver', EventID: 7045 })).toEqual([
      0, 0, 0,
    ]);
  });

  it('about a handle is of the class of the object', () => {
    const handle = { Provider_Name: security, EventID: 4663 };
    expect(classify({ ...handle, ObjectType: 'File' })).toEqual([1001, 2, 1]);
    expect(classify({ ...handle, ObjectType: 'Key' })).toEqual([201001, 2, 1]);
    expect(classify({ ...handle, ObjectType: 'Process' })).toEqual([1007, 3, 1]);
    expect(classify({ ...handle, ObjectType: 'constructor' })).toEqual([201003, 1, 1]);
    expect(classify({ ...handle, EventID: 4660, ObjectType: 'File' })).toEqual([1001, 99, 1]);
  });

  it('about a registry key says what was done to it', () => {
    const key = { Provider_Name: 'Microsoft-Windows-Sysmon', EventID: 12 };
    expect(classify({ ...key, EventType: 'CreateKey' })).toEqual([201001, 1, 1]);
    expect(classify({ ...key, EventType: 'DeleteKey' })).toEqual([201001, 4, 1]);
    expect(classify({ ...key, EventType: 'INFO' })).toEqual([201001, 99, 1]);
  });

  it("from Defender has Defender's severity", () => {
    const threat = { Provider_Name: 'Microsoft-Windows-Windows Defender', EventID: 1116 };
    expect(classify({ ...threat, SeverityID: '1' })).toEqual([2004, 1, 2]);
    expect(classify({ ...threat, SeverityID: '5' })).toEqual([2004, 1, 5]);
    expect(classify(threat)).toEqual([2004, 1, 4]);
  });

  it('without a numeric id is unmapped', () => {
    expect(classify({ Provider_Name: security, EventID: 'toString' })).toEqual([0, 0, 0]);
  });
});
