import { hash } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { connectorOf } from '@vedette/ingestion/connectors';
import { inventedEstates } from '../invented-estates.ts';
import type { Estate } from '../estate.ts';
import type { WindowsRecord } from '../windows-record.ts';
import { backgroundOf } from './background.ts';
import type { BackgroundOptions } from './background.ts';

const day = 86_400_000;
const estates = inventedEstates(14, 'test');
const [machines, , software] = estates as [Estate, Estate, Estate];
const ofSeveralSizes = [2, 4, 7, 13].flatMap((index) => estates.slice(index, index + 1));
/** A Monday, in Berlin an hour after midnight. */
const monday = Date.parse('2026-11-16T00:00:00Z');

/** Without it the heap says when V8 last tidied up, and not what is held. */
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const run = (more: Partial<BackgroundOptions> = {}): WindowsRecord[] =>
  Array.from(
    backgroundOf({
      ...{ estate: machines, from: monday, to: monday + day, seed: 'test', eventsPerDay: 2_000 },
      ...more,
    }),
  );
const digest = (records: readonly WindowsRecord[]): string =>
  hash('sha256', records.map((record) => JSON.stringify(record)).join('\n'));
const timeOf = (record: WindowsRecord): number => Date.parse(String(record['TimeCreated']));

describe('the background of a company', () => {
  it('is the same, byte for byte, for the same arguments, and another for another seed', () => {
    expect(digest(run())).toBe(digest(run()));
    expect(digest(run({ seed: 'other' }))).not.toBe(digest(run()));
  });

  it('is in order of time and within its bounds', () => {
    const times = run({ from: monday + 7_000_001 }).map(timeOf);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
    expect(times[0]).toBeGreaterThanOrEqual(monday + 7_000_001);
    expect(times.at(-1)).toBeLessThan(monday + day);
  });

  it('tells of a part of the time what the whole tells of it', () => {
    const [from, to] = [monday + day + 40_000_000, monday + day + 60_000_000];
    const whole = run({ to: monday + 3 * day });
    const part = whole.filter((record) => timeOf(record) >= from && timeOf(record) < to);
    expect(part.length).toBeGreaterThan(100);
    expect(digest(run({ from, to }))).toBe(digest(part));
  });

  it('does not change when there are more customers', () => {
    const [, , alone] = inventedEstates(3, 'test');
    const [, , among] = inventedEstates(50, 'test');
    if (!alone || !among) throw new RangeError('three companies were asked for');
    expect(digest(run({ estate: among }))).toBe(digest(run({ estate: alone })));
  });

  it.each(ofSeveralSizes)('has about as many events a day as asked for: $company', (estate) => {
    const week = {
      estate,
      from: monday,
      to: monday + 7 * day,
      seed: 'test',
      eventsPerDay: 5_000,
    };
    const count = countOf(backgroundOf(week));
    expect(count / 7).toBeGreaterThan(5_000 * 0.85);
    expect(count / 7).toBeLessThan(5_000 * 1.15);
  });

  it('is busier in the hours of work than at night and at lunch, and quieter on a weekend', () => {
    const hours = Array<number>(24).fill(0);
    for (const record of run({ eventsPerDay: 5_000 })) {
      const hour = new Date(timeOf(record) + 3_600_000).getUTCHours();
      hours[hour] = (hours[hour] ?? 0) + 1;
    }
    const [night = 0, morning = 0, noon = 0, afternoon = 0] = [
      hours[3],
      hours[10],
      hours[12],
      hours[14],
    ];
    expect(morning).toBeGreaterThan(3 * night);
    expect(morning).toBeGreaterThan(noon);
    expect(afternoon).toBeGreaterThan(noon);
    const saturday = run({ from: monday + 5 * day, to: monday + 6 * day, eventsPerDay: 5_000 });
    expect(saturday.length).toBeLessThan(run({ eventsPerDay: 5_000 }).length * 0.6);
  });

  it('holds no more of fourteen days than of one', () => {
    const heap: number[] = [];
    const fortnight = { estate: machines, from: monday, to: monday + 14 * day, seed: 'test' };
    const count = countOf(backgroundOf({ ...fortnight, eventsPerDay: 3_000 }), 6_000, () => {
      collectGarbage();
      heap.push(process.memoryUsage().heapUsed);
    });
    expect(count).toBeGreaterThan(35_000);
    // Kept, the records between the first and the last look would be more than 30 MB.
    expect((heap.at(-1) ?? Infinity) - (heap[0] ?? 0)).toBeLessThan(8e6);
  });
});

describe('a record of the background', () => {
  const { parse } = connectorOf('windows-events');
  const records = [machines, software].flatMap((estate) => run({ estate, eventsPerDay: 5_000 }));

  it('is read by the connector into a class, with its host and time', () => {
    let unmapped = 0;
    for (const record of records) {
      const event = parse(record, monday + 30 * day, {});
      if (event.classUid === 0) unmapped += 1;
      expect(event.occurredAt).toBe(timeOf(record));
      expect(event.hostname).toMatch(/^(QW|EV)-\S+\.example$/);
    }
    expect(unmapped / records.length).toBeLessThan(0.05);
  });

  it('is as large as such records are', () => {
    const starts = records.filter((record) => isSysmon(record, 1));
    for (const start of starts) expect(Object.keys(start).length).toBeGreaterThanOrEqual(20);
    const bytes = records.reduce((sum, record) => sum + JSON.stringify(record).length, 0);
    expect(bytes / records.length).toBeGreaterThan(500);
  });

  it('names a parent that was started before it, by the same ids, where that is told at all', () => {
    const started = new Map<unknown, WindowsRecord>();
    let children = 0;
    for (const record of records.filter((each) => isSysmon(each, 1))) {
      const parent = started.get(record['ParentProcessGuid']);
      if (parent) {
        children += 1;
        expect(record['ParentProcessId']).toBe(parent['ProcessId']);
        expect(record['ParentCommandLine']).toBe(parent['CommandLine']);
        expect(record['Hostname']).toBe(parent['Hostname']);
      }
      expect(started.has(record['ProcessGuid'])).toBe(false);
      started.set(record['ProcessGuid'], record);
    }
    expect(children).toBeGreaterThan(100);
  });

  it('gives one id to one process', () => {
    const images = new Map<unknown, unknown>();
    for (const {
      ProcessGuid: guid,
      Image: image,
      ParentProcessGuid: parent,
      ParentImage,
    } of records) {
      for (const [id, path] of [[guid, image] as const, [parent, ParentImage] as const]) {
        if (id === undefined || path === undefined) continue;
        expect(images.get(id) ?? path).toBe(path);
        images.set(id, path);
      }
    }
    expect(images.size).toBeGreaterThan(1_000);
  });

  it('names only hosts, sites and addresses that are invented', () => {
    const text = records.map((record) => JSON.stringify(record)).join('\n');
    expect(text).not.toMatch(
      /https?:\/\/(?!schemas\.microsoft\.com)[\w.-]+\.(com|net|org|io|de)\b/,
    );
    const addresses = new Set(text.match(/"DestinationIp":"[^"]+"/g));
    for (const address of addresses)
      expect(address).toMatch(/"(10\.20\.|192\.0\.2\.|198\.51\.100\.|203\.0\.113\.)/);
  });
});

/** What a naive rule takes for an attack, and how often a week has it at six companies: at least, at most. */
const lookAlikes: readonly (readonly [what: string, text: RegExp, least: number, most: number])[] =
  [
    ['an encoded command', /-EncodedCommand/, 20, 2_000],
    ['a script whatever the policy says', /-ExecutionPolicy Bypass/i, 60, 4_000],
    ['a shadow copy asked for', /vssadmin {2}create shadow/, 50, 400],
    ['a question about the administrators', /"net {2}(local)?group [^"]*Admin/, 0.5, 20],
    ['PsExec on a target', /"ServiceName":"PSEXESVC"/, 1, 7],
    ['a new service', /"EventID":7045/, 5, 150],
    ['a new task', /"EventID":4698/, 2, 60],
    ['replication by an account of no domain controller', /1131f6ad/, 300, 3_000],
    ['a ticket in RC4', /"TicketEncryptionType":"0x17"/, 20, 400],
    ['a wrong password', /"EventID":4625/, 10, 400],
    [
      'Office that starts a program',
      /"Image":"[^"]*splwow64.exe".*ParentImage":"[^"]*WINWORD.EXE/,
      1,
      300,
    ],
    ['a compiler started by PowerShell', /csc.exe".*ParentImage":"[^"]*powershell.exe/, 2, 60],
    ['an account made', /"EventID":4720/, 0.25, 6],
    ['a folder kept from the antivirus', /"EventID":5007[^}]*Exclusions/, 0.25, 8],
  ];

describe('four weeks at six companies', () => {
  const weeks = 4;
  const counts = new Map<string, number>();
  for (const estate of estates.slice(0, 6)) {
    const span = { estate, from: monday, to: monday + weeks * 7 * day, seed: 'test' };
    for (const record of backgroundOf({ ...span, eventsPerDay: 800 })) {
      const text = JSON.stringify(record);
      for (const [what, pattern] of lookAlikes)
        if (pattern.test(text)) counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  }

  it.each(lookAlikes)('have %s, as often as life has', (what, _pattern, least, most) => {
    const perWeek = (counts.get(what) ?? 0) / weeks;
    expect(perWeek).toBeGreaterThanOrEqual(least);
    expect(perWeek).toBeLessThanOrEqual(most);
  });
});

function countOf(records: Iterable<unknown>, step = Infinity, onStep?: () => void): number {
  const iterator = records[Symbol.iterator]();
  let count = 0;
  while (iterator.next().done !== true) {
    count += 1;
    if (count % step === 0) onStep?.();
  }
  return count;
}

function isSysmon(record: WindowsRecord, eventId: number): boolean {
  return record['SourceName'] === 'Microsoft-Windows-Sysmon' && record['EventID'] === eventId;
}
