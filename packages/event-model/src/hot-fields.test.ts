import { describe, expect, it } from '@jest/globals';
import { fieldCatalogue, ocsfNameOf } from './field-catalogue.ts';
import { fieldNamesOf } from './field-names.ts';
import { cutMark, hotPaths, searchTextOf } from './hot-fields.ts';

describe('the text that free text looks into', () => {
  it('holds host, user and the hot fields of any source, in lower case and each once', () => {
    const text = searchTextOf({
      hostname: 'WS-1',
      userName: 'CORP\\Ada',
      fields: {
        Image: 'C:\\Tools\\Run.exe',
        CommandLine: 'Run.exe /ALL',
        ProcessName: 'C:\\Tools\\Run.exe',
        QueryName: 'Login.Example',
        sourceIPAddress: '192.0.2.7',
        ProcessId: 4711,
        UtcTime: '2026-01-01 00:00:00.000',
      },
    });
    expect(text.split('\n')).toEqual([
      'ws-1',
      'corp\\ada',
      'c:\\tools\\run.exe',
      'run.exe /all',
      'login.example',
      '192.0.2.7',
    ]);
  });

  it('is bounded, value by value and together, and is text that PostgreSQL holds', () => {
    const long = '\u{1F600}'.repeat(2_000);
    const fields = Object.fromEntries(hotPaths.map((path, n) => [path, `a${n}\0${long}`]));
    const text = searchTextOf({ fields });
    expect(text.length).toBeLessThanOrEqual(4_096 + cutMark.length + 1);
    expect(text.endsWith(cutMark)).toBe(true);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(1_024);
    expect(text.includes('\0')).toBe(false);
    expect(text.isWellFormed()).toBe(true);
  });

  it('says whether something is missing from it', () => {
    const whole = searchTextOf({ fields: { CommandLine: 'a'.repeat(1_024) } });
    const cut = searchTextOf({ fields: { CommandLine: 'a'.repeat(1_025) } });
    expect([whole, cut].map((text) => text.includes(cutMark))).toEqual([false, true]);
  });

  it('knows lists, and values that are no text do not spoil it', () => {
    const fields = { QueryName: ['One.example', 'two.example', null, 5], CommandLine: null };
    expect(searchTextOf({ fields })).toBe('one.example\ntwo.example');
  });

  it('is made of paths that the catalogue leads to', () => {
    const known = new Set(fieldCatalogue.map((entry) => ocsfNameOf(entry)));
    expect(hotPaths.filter((path) => !known.has(path))).toEqual([]);
  });
});

describe('the names of a field', () => {
  it('are what the sources call an OCSF path or an ECS name', () => {
    expect(fieldNamesOf('process.file.path')).toEqual(
      expect.arrayContaining(['Image', 'NewProcessName', 'TargetImage']),
    );
    expect(fieldNamesOf('process.executable')).toEqual(expect.arrayContaining(['Image']));
    expect(fieldNamesOf('source.ip')).toEqual(expect.arrayContaining(['SourceIp', 'IpAddress']));
  });

  it('are the name itself where it is a source’s own, known or not', () => {
    expect(fieldNamesOf('Image')).toEqual(['Image']);
    expect(fieldNamesOf('SomethingElse.here')).toEqual(['SomethingElse.here']);
  });

  it('lead from every row of the catalogue back to its field', () => {
    for (const entry of fieldCatalogue) {
      for (const name of [ocsfNameOf(entry), entry.ecs]) {
        if (name !== null) expect(fieldNamesOf(name)).toContain(entry.sigma);
      }
    }
  });
});
