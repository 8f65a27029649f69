import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { findField, kindOf, toEcs, toOcsf } from '@vedette/event-model';
import type { FieldValue, NormalisedEvent } from '@vedette/event-model';
import { describe, expect, it } from '@jest/globals';

import { parseEcsDocument } from './ecs-json/parse-ecs-document.ts';
import { parseOcsfEvent } from './ocsf-json/parse-ocsf-event.ts';
import { parseWindowsEvent } from './windows-events/parse-windows-event.ts';

const folder = resolve(
  import.meta.dirname,
  '../../../..',
  process.env.VEDETTE_TEST_DATA ?? '../shared/data',
  'telemetry',
);
const receivedAt = Date.UTC(2027, 0, 1);
const eventsPerFile = 100;

type Json = Readonly<Record<string, unknown>>;

/** Some events of every capture, spread over it. */
const events = readdirSync(folder)
  .filter((name) => /^(otrf\.windows|evtx-attack)/.test(name))
  .flatMap((name) => {
    const lines = gunzipSync(readFileSync(join(folder, name)))
      .toString()
      .split('\n')
      .filter(Boolean);
    const step = Math.max(1, Math.floor(lines.length / eventsPerFile));
    return lines.filter((_line, index) => index % step === 0);
  })
  .map((line) => parseWindowsEvent(JSON.parse(line) as Json, receivedAt));

/** Numbers in hexadecimal become numbers, hashes lower case, addresses lose their IPv6 form. */
function isSame(before: FieldValue, after: FieldValue | undefined): boolean {
  const [a, b] = [String(before), String(after)].map((text) => text.toLowerCase().trim());
  return a === b || a?.replace(/^::ffff:/, '') === b || (a !== '' && Number(a) === Number(b));
}

/** What is not reversible, by reason: a name, or a class and a name. */
const notReversible: Readonly<Record<string, readonly string[]>> = {
  'another name of the same record for a fact told twice': [
    ...['Hostname', 'SourceName', 'RecordNumber'],
  ],
  'two times in one place': ['UtcTime', 'TimeCreated', '@timestamp'],
  'another way to write a time': ['CreationUtcTime', 'PreviousCreationUtcTime'],
  'the types of DNS answers': ['QueryResults'],
  'the white space of a list': ['PrivilegeList'],
  'shippers spell an audited process id in two ways': ['4001 ProcessId'],
  'a shipper put the process id of the log service beside that of the target': [
    '1007 TargetProcessId',
  ],
  'one event of its class has a name of its own': [
    ...['1008 SubjectUserName', '1008 SubjectDomainName', '3002 ClientName'],
  ],
};
const known = new Set(Object.values(notReversible).flat());

function isKnown(event: NormalisedEvent, name: string): boolean {
  return known.has(name) || known.has(`${String(event.classUid)} ${name}`);
}

function lostIn(event: NormalisedEvent, back: NormalisedEvent): readonly string[] {
  return Object.entries(event.fields).flatMap(([name, value]) => {
    if (value === null || value === '' || value === '-' || isKnown(event, name)) return [];
    if (isSame(value, back.fields[name])) return [];
    // Two names of one record for one place: the first of them is told.
    const row = findField(kindOf(event), name);
    const isTwin = Object.keys(event.fields).some((other) => {
      if (other === name) return false;
      const twin = findField(kindOf(event), other);
      return (
        twin !== null &&
        (twin.ecs ?? '') === (row?.ecs ?? '-') &&
        isSame(event.fields[other] ?? null, back.fields[other])
      );
    });
    return isTwin ? [] : [name];
  });
}

describe.each([
  [
    'ECS',
    (event: NormalisedEvent) =>
      parseEcsDocument(JSON.parse(JSON.stringify(toEcs(event))) as Json, receivedAt),
  ],
  [
    'OCSF',
    (event: NormalisedEvent) =>
      parseOcsfEvent(JSON.parse(JSON.stringify(toOcsf(event))) as Json, receivedAt),
  ],
])('attack captures that went through %s', (_name, through) => {
  const pairs = events.map((event) => [event, through(event)] as const);

  it('have the same class, time and host', () => {
    const facts = ({ classUid, occurredAt, hostname }: NormalisedEvent) => ({
      classUid,
      occurredAt,
      hostname,
    });
    const different = pairs.filter(
      ([event, back]) => JSON.stringify(facts(event)) !== JSON.stringify(facts(back)),
    );
    expect(different).toEqual([]);
    expect(pairs.length).toBeGreaterThan(3000);
  });

  it('have all the fields that rules read, but for what is known not to be reversible', () => {
    const lost = pairs.flatMap(([event, back]) =>
      lostIn(event, back).map((name) => `${String(event.classUid)} ${name}`),
    );
    expect([...new Set(lost)]).toEqual([]);
  });
});
