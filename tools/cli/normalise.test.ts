import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';

import { normalise } from './normalise.ts';

const launch = JSON.stringify({
  SourceName: 'Microsoft-Windows-Sysmon',
  Channel: 'Microsoft-Windows-Sysmon/Operational',
  Hostname: 'ws7.corp.example',
  EventID: 1,
  UtcTime: '2026-01-31 12:00:00.250',
  Image: 'C:\\Windows\\System32\\whoami.exe',
  ProcessId: '4242',
});

let folder: string;
let out: string[];
let talk: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vedette-normalise-'));
  out = [];
  talk = [];
  jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => out.push(String(chunk)) > 0);
  jest.spyOn(process.stderr, 'write').mockImplementation((chunk) => talk.push(String(chunk)) > 0);
});

afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

function aFile(content: string | Buffer): string {
  const file = join(folder, 'records.ndjson');
  writeFileSync(file, content);
  return file;
}

function printed(): readonly Record<string, unknown>[] {
  const lines = out.join('').split('\n').filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('vedette normalise', () => {
  it('prints one event for each record, in our own shape by default', async () => {
    const file = aFile(`${launch}\n${launch}\n`);
    expect(await normalise(['--connector', 'windows-events', file])).toBe(0);
    const event = { class_uid: 1007, time: Date.UTC(2026, 0, 31, 12, 0, 0, 250) };
    expect(printed()).toMatchObject([event, event]);
  });

  it.each([
    ['ocsf', { class_uid: 1007, process: { pid: 4242 } }],
    ['ecs', { process: { executable: 'C:\\Windows\\System32\\whoami.exe', pid: 4242 } }],
    ['sigma', { Image: 'C:\\Windows\\System32\\whoami.exe', ProcessId: '4242' }],
  ])('prints %s when asked to', async (shape, expected) => {
    expect(await normalise(['--connector', 'windows-events', '--as', shape, aFile(launch)])).toBe(
      0,
    );
    expect(printed()).toMatchObject([expected]);
  });

  it('reads gzip, and JSON that a syslog line carries', async () => {
    const file = aFile(gzipSync(`<13>Jan 31 12:00:00 ws7 NXLog: ${launch}\n`));
    expect(await normalise(['--connector', 'windows-events', file])).toBe(0);
    expect(printed()).toMatchObject([{ class_uid: 1007 }]);
  });

  it('keeps the order around records that it cannot read, and ends with 1', async () => {
    const file = aFile(`{broken\n${launch}\n[1]\n{"colour":"blue"}\n`);
    expect(await normalise(['--connector', 'windows-events', file])).toBe(1);
    expect(printed()).toMatchObject([
      { error: { code: 'NOT_JSON' }, line: 1 },
      { class_uid: 1007 },
      { error: { code: 'NOT_AN_OBJECT' }, line: 3 },
      { class_name: 'unmapped', fields: { colour: 'blue' } },
    ]);
  });

  it.each([
    [['--connector', 'windows'], '--connector must be one of: windows-events'],
    [['--connector', 'windows-events', '--as', 'xml', 'f'], '--as must be one of: native'],
    [['--connector', 'windows-events'], 'name at least one file'],
    [['--connector', 'windows-events', '--what', 'f'], '--what'],
    [['--connector', 'windows-events', '/nonexistent/f'], 'there is no such file'],
  ])('says what is wrong with %j', async (args, problem) => {
    expect(await normalise(args)).toBe(2);
    expect(out).toEqual([]);
    expect(talk.join('')).toContain(problem);
  });

  it('explains itself', async () => {
    expect(await normalise(['--help'])).toBe(0);
    expect(out.join('')).toContain('vedette normalise --connector TYPE');
  });
});
