import { describe, expect, it } from '@jest/globals';

import type { FieldEntry, FieldType } from './catalogue/field-entry.ts';
import { fieldCatalogue, findField, findFieldByName, kindOf } from './field-catalogue.ts';
import type { FieldValue, NormalisedEvent } from './event.ts';
import { findOcsfClass } from './ocsf-classes.ts';
import { toEcs, toOcsf } from './projections.ts';

/** A value of each type, with what OCSF and ECS make of it at the row's own path. */
const samples: Readonly<
  Record<FieldType, readonly [value: FieldValue, ocsf: unknown, ecs: unknown]>
> = {
  string: ['text', 'text', 'text'],
  integer: ['0x10', 16, 16],
  boolean: ['true', true, true],
  time: ['2026-01-31 12:00:00', Date.UTC(2026, 0, 31, 12), '2026-01-31T12:00:00.000Z'],
  ip: ['192.0.2.1', '192.0.2.1', '192.0.2.1'],
  list: ['a b', ['a', 'b'], ['a', 'b']],
  path: ['C:\\a\\b.exe', { path: 'C:\\a\\b.exe', name: 'b.exe', type_id: 1 }, 'C:\\a\\b.exe'],
  account: ['D\\u', { name: 'u', domain: 'D' }, { name: 'u', domain: 'D' }],
  hashes: ['MD5=AB', [{ algorithm: 'MD5', algorithm_id: 1, value: 'AB' }], { md5: 'ab' }],
  registryValue: ['HKLM\\A\\v', { path: 'HKLM\\A', name: 'v' }, 'HKLM\\A\\v'],
  answers: ['192.0.2.1;', [{ rdata: '192.0.2.1' }], [{ data: '192.0.2.1' }]],
  direction: ['true', 2, 'outbound'],
};

function at(node: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((parent, key) => (parent as Record<string, unknown> | undefined)?.[key], node);
}

/** One event for each class and event id that the row is for; every class stands for itself by one. */
function eventsFor(entry: FieldEntry): readonly NormalisedEvent[] {
  const classUids = entry.classUids.length === 0 ? [0] : entry.classUids;
  const eventIds = entry.eventIds.length === 0 ? [1] : entry.eventIds;
  return classUids.flatMap((classUid) =>
    eventIds.map((eventId) => ({
      source: entry.source ?? 'windows-events',
      occurredAt: 0,
      classUid,
      activityId: 0,
      severityId: 1,
      fields: {
        // Only Windows records have one; its name would take the place of other sources' codes.
        ...(entry.sigma !== 'EventID' && entry.source === null && { EventID: eventId }),
        [entry.sigma]: samples[entry.type][0],
      },
    })),
  );
}

const rows = fieldCatalogue.map((entry): [string, FieldEntry] => [
  `${entry.sigma} of ${entry.source ?? 'any source'} ${entry.classUids.join(', ') || 'every class'} ${entry.eventIds.join(', ')}`,
  entry,
]);

describe('a row of the field catalogue', () => {
  it.each(rows)('%s: names only classes that we have', (_name, entry) => {
    expect(entry.classUids.filter((uid) => findOcsfClass(uid) === null)).toEqual([]);
  });

  it.each(rows)('%s: puts a typed value at its OCSF and ECS place', (_name, entry) => {
    const [, ocsf, ecs] = samples[entry.type];
    for (const event of eventsFor(entry)) {
      if (entry.ocsf !== null) expect(at(toOcsf(event), entry.ocsf)).toEqual(ocsf);
      if (entry.ecs !== null) expect(at(toEcs(event), entry.ecs)).toEqual(ecs);
    }
  });

  it.each(rows)('%s: is found again by its OCSF and ECS name', (_name, entry) => {
    for (const event of eventsFor(entry)) {
      const kind = kindOf(event);
      for (const vocabulary of ['ocsf', 'ecs'] as const) {
        const name = nameIn(vocabulary, entry);
        if (name === null) continue;
        const found = findFieldByName(vocabulary, kind, name);
        // Another product's word for the same fact leads to the canonical row.
        expect(found === null ? null : nameIn(vocabulary, found)).toBe(name);
        expect(findField(kind, found?.sigma ?? '')).toBe(found);
      }
    }
  });
});

function nameIn(vocabulary: 'ocsf' | 'ecs', entry: FieldEntry): string | null {
  if (vocabulary === 'ecs') return entry.ecs;
  const isObject = entry.type === 'path' || entry.type === 'registryValue';
  return entry.ocsf !== null && isObject ? `${entry.ocsf}.path` : entry.ocsf;
}

describe('the field catalogue', () => {
  it('has one row for a name, a class and an event id', () => {
    const keys = fieldCatalogue.flatMap(({ source, sigma, classUids, eventIds }) =>
      (classUids.length === 0 ? [-1] : classUids).flatMap((classUid) =>
        (eventIds.length === 0 ? [-1] : eventIds).map(
          (id) => `${source ?? '*'}/${sigma}/${String(classUid)}/${String(id)}`,
        ),
      ),
    );
    expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
  });

  it('reads ProcessId as the creator in an audit of a new process, else as the process itself', () => {
    expect(findField({ classUid: 1007, eventId: 4688 }, 'ProcessId')?.ocsf).toBe(
      'process.parent_process.pid',
    );
    expect(findField({ classUid: 1007, eventId: 1 }, 'ProcessId')?.ocsf).toBe('process.pid');
    expect(findField({ classUid: 1001, eventId: 11 }, 'ProcessId')?.ocsf).toBe('actor.process.pid');
  });

  it('leads from the names of others to the field of the event', () => {
    expect(
      findFieldByName('ecs', { classUid: 1007, eventId: 1 }, 'process.executable')?.sigma,
    ).toBe('Image');
    expect(
      findFieldByName('ecs', { classUid: 1007, eventId: 4688 }, 'process.executable')?.sigma,
    ).toBe('NewProcessName');
    expect(findFieldByName('ocsf', { classUid: 3002, eventId: 4624 }, 'user.name')?.sigma).toBe(
      'TargetUserName',
    );
    expect(findFieldByName('ocsf', { classUid: 3002, eventId: 4624 }, 'no.such.name')).toBeNull();
  });
});
