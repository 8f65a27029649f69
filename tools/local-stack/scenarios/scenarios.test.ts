import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { eventAccessor } from '@vedette/event-model';
import { connectorOf } from '@vedette/ingestion/connectors';
import { compileFolder } from '../../bench/capture-table.ts';
import { createCalendar } from '../activity/background/calendar.ts';
import type { WindowsRecord } from '../activity/windows-record.ts';
import { estateOf } from '../first-run/estates.ts';
import { credentialTheft, credentialTheftSteps } from './credential-theft.ts';
import { credentialTheftChapter, rmmRansomwareChapters } from './first-run-chapters.ts';
import { mergeByTime } from './merge-by-time.ts';
import { rmmRansomware, struckHosts } from './rmm-ransomware.ts';
import { rmmRansomwareSteps } from './rmm-ransomware-steps.ts';

const root = join(import.meta.dirname, '../../..');
const { techniques } = JSON.parse(
  readFileSync(join(root, 'packages/attack/attack.json'), 'utf8'),
) as { techniques: readonly { id: string }[] };
const rules = await compileFolder(join(root, 'services/hunting/rules'));

const hafenwerk = estateOf('NL-1001');
const sonnenhof = estateOf('AB-2001');
const startsAt = Date.parse('2026-10-06T13:05:00Z');
const ransomware = rmmRansomware({ estate: hafenwerk, startsAt, seed: 'test' });
const theft = credentialTheft({ estate: sonnenhof, startsAt, seed: 'test' });

const timeOf = (record: WindowsRecord): number => Date.parse(String(record['TimeCreated']));
const hostOf = (record: WindowsRecord): string => String(record['Hostname']).split('.')[0] ?? '';

function titlesFor(records: Iterable<WindowsRecord>): Set<string> {
  const { parse } = connectorOf('windows-events');
  const titles = new Set<string>();
  for (const record of records) {
    const { fields } = parse(record, timeOf(record), {});
    for (const { rule } of rules.match(eventAccessor(fields))) titles.add(rule.title);
  }
  return titles;
}

describe.each([
  ['ransomware through remote management', rmmRansomwareSteps, ransomware],
  ['a theft of passwords', credentialTheftSteps, theft],
])('the scenario of %s', (_, steps, records) => {
  it('names techniques that ATT&CK 19 has', () => {
    const known = new Set(techniques.map(({ id }) => id));
    const named = steps.flatMap((step) => step.techniques);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
    expect(steps.every((step) => step.techniques.length > 0)).toBe(true);
  });

  it('is told in the order of time', () => {
    const times = records.map(timeOf);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });
});

describe('ransomware through remote management', () => {
  it('is the same for the same seed, and another for another', () => {
    const options = { estate: hafenwerk, startsAt };
    expect(rmmRansomware({ ...options, seed: 'test' })).toEqual(ransomware);
    expect(rmmRansomware({ ...options, seed: 'other' })).not.toEqual(ransomware);
  });

  it('strikes a server and several workstations within a quarter of an hour', () => {
    const names = struckHosts(hafenwerk).map(({ name }) => name);
    expect(names).toEqual(['HW-SRV-FILE', 'HW-PC-011', 'HW-PC-012', 'HW-PC-013', 'HW-PC-014']);
    expect(new Set(ransomware.map(hostOf))).toEqual(new Set(names));
    const last = timeOf(ransomware.at(-1) ?? {});
    expect(last - startsAt).toBeLessThan(15 * 60_000);
  });

  it('is seen by rules in the order, the impairment, the decoding, the side-loading and the impact', () => {
    expect([...titlesFor(ransomware)]).toEqual(
      expect.arrayContaining([
        'Script of a management agent builds a program with PowerShell and certutil',
        'Settings of Microsoft Defender weakened by a command',
        'Microsoft Defender protection switched off',
        'Certutil decodes or downloads a file',
        'Known library name loaded unsigned beside a copied program',
        'Shadow copies or backups deleted',
        'File with the name of a ransom note written',
      ]),
    );
  });
});

describe('a theft of passwords', () => {
  it('takes from one morning to the third night, and most of it happens while nobody is there', () => {
    const { dayAt } = createCalendar(sonnenhof.timeZone);
    const days = theft.map((record) => dayAt(timeOf(record)).number - dayAt(startsAt).number);
    expect(new Set(days)).toEqual(new Set([0, 1, 2]));
    const atNight = credentialTheftSteps.filter(({ clock }) => clock < 6 || clock > 20);
    expect(atNight.length).toBeGreaterThan(credentialTheftSteps.length / 2);
  });

  it('is seen on the desk and on the domain controller', () => {
    expect([...titlesFor(theft)]).toEqual(
      expect.arrayContaining([
        'LSASS memory opened by an unusual program',
        'Kerberos ticket with weak encryption for a service account',
        'Copy of an account database outside its folder',
      ]),
    );
  });
});

describe('the chapters of the first run', () => {
  const until = startsAt;
  const options = { until, eventsPerDay: 300 };

  it('strike three of five customers within an hour, each amid its day and before now', () => {
    const chapters = rmmRansomwareChapters(options);
    const struck = chapters.filter(({ attack }) => attack === 'RMM_RANSOMWARE');
    expect([chapters.length, struck.length]).toEqual([5, 3]);
    for (const { records, from } of chapters) {
      const times = [...records()].map(timeOf);
      expect(times).toEqual(times.toSorted((one, other) => one - other));
      expect(times[0]).toBeGreaterThanOrEqual(from);
      expect(times.at(-1)).toBeLessThan(until);
    }
    const notes = struck.map(({ records }) =>
      timeOf([...records()].find(({ TargetFilename }) => isNote(TargetFilename)) ?? {}),
    );
    expect(Math.max(...notes) - Math.min(...notes)).toBeLessThan(60 * 60_000);
  });

  it.each(Array.from({ length: 24 }, (_, hour) => [hour]))(
    'end the quiet theft before now when it is %i o’clock in UTC',
    (hour) => {
      const now = Date.parse('2026-10-06T00:30:00Z') + hour * 60 * 60_000;
      const { records, from } = credentialTheftChapter({ until: now, eventsPerDay: 1 });
      const times = [...records()].map(timeOf);
      expect(times.at(-1)).toBeLessThan(now);
      expect(times[0]).toBeGreaterThanOrEqual(from);
      expect([...records()].some(({ EventID }) => EventID === 325)).toBe(true);
    },
  );
});

const isNote = (file: unknown): boolean => String(file).endsWith('how-to-restore-files.txt');

describe('merging by time', () => {
  it('takes the earliest of all, and of equals the one of the first source', () => {
    const record = (second: number, EventID: number): WindowsRecord => ({
      ...{ TimeCreated: `2026-10-06T10:00:0${second}.000Z`, EventID },
    });
    const merged = mergeByTime([record(1, 1), record(3, 2)], [], [record(1, 3), record(2, 4)]);
    expect([...merged].map(({ EventID }) => EventID)).toEqual([1, 3, 4, 2]);
  });
});
