import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sigma } from './sigma.ts';

const RULE = `title: Cleared log
id: 7a1f7f5e-6a53-4d29-93a3-8f6f0d7c2e11
logsource: {product: windows, service: system}
detection: {cleared: {EventID: 104}, condition: cleared}
`;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sigma-'));
  mkdirSync(join(folder, 'rules/deep'), { recursive: true });
  writeFileSync(join(folder, 'rules/deep/cleared.yml'), RULE);
  writeFileSync(
    join(folder, 'events.ndjson'),
    '{"Channel":"System","EventID":1}\n{"Channel":"System","EventID":104}\n',
  );
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly talk: string;
}

/** Runs the command and keeps what it writes to the process's streams. */
async function run(...args: readonly string[]): Promise<Outcome> {
  let out = '';
  let talk = '';
  const stdout = jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  const stderr = jest.spyOn(process.stderr, 'write').mockImplementation((text) => {
    talk += String(text);
    return true;
  });
  try {
    return { code: await sigma(args), out, talk };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

describe('sigma match', () => {
  it('prints one line per match and nothing else on stdout', async () => {
    const { code, out, talk } = await run(
      'match',
      '--rules',
      join(folder, 'rules'),
      join(folder, 'events.ndjson'),
    );
    expect(out).toBe(
      '{"dataset":"events","line":2,"rule_id":"7a1f7f5e-6a53-4d29-93a3-8f6f0d7c2e11"}\n',
    );
    expect(talk).toContain('2 events, 1 matches');
    expect(code).toBe(0);
  });

  it('names the line that completes a correlation, each file by itself', async () => {
    const rules = join(folder, 'correlation');
    mkdirSync(rules);
    writeFileSync(
      join(rules, 'twice.yml'),
      `${RULE.replace('title:', 'name: cleared\ntitle:')}---\ntitle: Twice\nid: twice\n` +
        'correlation: {type: event_count, rules: cleared, group-by: Computer, timespan: 1m, condition: {gte: 2}}\n',
    );
    const files = ['first', 'second'].map((name) => join(folder, `${name}.ndjson`));
    const lines = ['00:10', '00:20', '01:30'].map((time) =>
      JSON.stringify({
        ...{ Channel: 'System', EventID: 104, Computer: 'PC1' },
        UtcTime: `2026-01-01 00:${time}.000`,
      }),
    );
    writeFileSync(files[0] ?? '', lines.join('\n'));
    writeFileSync(
      files[1] ?? '',
      `${lines[0] ?? ''}\n${lines[2] ?? ''}\n{"Channel":"System","EventID":104,"Computer":"PC1"}`,
    );
    const { out, talk } = await run('match', '--rules', rules, ...files);
    expect(out).toBe('{"dataset":"first","line":2,"rule_id":"twice","group":{"Computer":"PC1"}}\n');
    expect(talk).toContain('second.ndjson: correlations: 1 undated');
  });

  it('says with --stats how fast it was, why rules were refused and which were slow', async () => {
    const rules = join(folder, 'rules');
    const refused = join(folder, 'unbound.yml');
    writeFileSync(refused, RULE.replace('system', 'nowhere').replace('7a1f', '7a21'));
    const file = join(folder, 'many.ndjson');
    writeFileSync(file, '{"Channel":"System","EventID":104}\n'.repeat(400));
    const { out, talk } = await run('match', '--stats', '--rules', `${rules},${refused}`, file);
    expect(out.split('\n')).toHaveLength(401);
    expect(talk).toMatch(
      /1 {2}logsource product=… category=… service=… is not bound to any events/,
    );
    expect(talk).toMatch(/\d+ events\/s, \d+ per second of processor time/);
    expect(talk).toMatch(/from 2 sampled events:\n +100.0 % .* × 2 {2}Cleared log \[7a1f7f5e/);
  });

  it('goes on after a line that is no JSON object, names it, and fails in the end', async () => {
    const file = join(folder, 'broken.ndjson');
    writeFileSync(file, 'not json\n[1]\n{"Channel":"System","EventID":104}\n');
    const { code, out, talk } = await run('match', '--rules', join(folder, 'rules'), file);
    expect(out.trim().split('\n')).toHaveLength(1);
    expect(talk).toContain('broken.ndjson:1: not a JSON object');
    expect(talk).toContain('broken.ndjson:2: not a JSON object');
    expect(code).toBe(1);
  });

  it('fails without rules, without files, on a missing file and on a broken map', async () => {
    const rules = join(folder, 'rules');
    const events = join(folder, 'events.ndjson');
    writeFileSync(join(folder, 'map.json'), '{"windows":{}}');
    expect(await run('match', events)).toMatchObject({ code: 2, talk: '--rules is missing\n' });
    expect(await run('match', '--rules', rules)).toMatchObject({ code: 2, talk: 'which files?\n' });
    expect((await run('match', '--rules', rules, join(folder, 'none'))).talk).toContain(
      'no such file',
    );
    expect(await run('match', '--rules', join(folder, 'nope'), events)).toMatchObject({
      ...{ code: 2, talk: `there is no file or folder ${join(folder, 'nope')}\n` },
    });
    expect(
      (await run('match', '--rules', rules, '--logsource-map', join(folder, 'map.json'), events))
        .talk,
    ).toContain("unknown section 'windows'");
  });
});

describe('sigma compare', () => {
  const row = (line: number, by: readonly string[]): string =>
    `{"dataset":"events","line":${String(line)},"rule_id":"7a1f7f5e-6a53-4d29-93a3-8f6f0d7c2e11","by":${JSON.stringify(by)}}\n`;
  const compare = (table: string, ...more: readonly string[]): Promise<Outcome> => {
    const file = join(folder, 'table.ndjson');
    writeFileSync(file, table);
    const args = ['--rules', join(folder, 'rules'), '--expected', file, ...more];
    return run('compare', ...args, join(folder, 'events.ndjson'));
  };

  it('prints totals and is content when exactly the rows of the table are found', async () => {
    const other = row(1, []).replace('events', 'another file');
    expect(await compare(row(2, ['a', 'b']) + other)).toMatchObject({
      code: 0,
      out: 'by a+b: 1 of 1 found\n2 events, 1 expected, 1 found, 0 missing, 0 unexpected\n',
    });
  });

  it('names what is missing or unexpected, and fails', async () => {
    const { code, out } = await compare(row(1, ['a']) + row(2, ['b']), '--by', 'a');
    expect(out.replaceAll(/"rule_id":"[^"]*"/g, '…').split('\n')).toEqual([
      'missing {"dataset":"events","line":1,…}',
      'unexpected {"dataset":"events","line":2,…}',
      'by a: 0 of 1 found',
      'by b: 1 of 1 found',
      '2 events, 1 expected, 0 found, 1 missing, 1 unexpected',
      '',
    ]);
    expect(code).toBe(1);
  });

  it('refuses a table that is none, or no table', async () => {
    expect(await compare('{"dataset":"events"}')).toMatchObject({
      code: 2,
      talk: expect.stringContaining('table.ndjson:1: not {"dataset","line","rule_id"}'),
    });
    const rules = join(folder, 'rules');
    expect(await run('compare', '--rules', rules, 'x')).toMatchObject({
      ...{ code: 2, talk: '--expected is missing\n' },
    });
  });
});

describe('sigma check', () => {
  it('says why a rule is refused and ends with the totals', async () => {
    const bad = join(folder, 'bad');
    mkdirSync(bad);
    writeFileSync(join(bad, 'a.yml'), RULE);
    writeFileSync(
      join(bad, 'b.yml'),
      RULE.replace('EventID: 104', "EventID|expand: '%ids%'").replace('7a1f', '7a20'),
    );
    const { code, out } = await run('check', bad);
    expect(out).toContain(
      "b.yml:4: modifier 'expand': no values are given for the placeholder %ids% [7a20",
    );
    expect(out.endsWith('1 passed, 1 failed\n')).toBe(true);
    expect(code).toBe(1);
  });

  it('fills placeholders in from a file', async () => {
    const values = join(folder, 'placeholders.json');
    writeFileSync(values, '{"ids": ["104"]}');
    const { out } = await run('check', '--placeholders', values, join(folder, 'bad'));
    expect(out).toBe('2 passed, 0 failed\n');
    writeFileSync(values, '{"ids": 104}');
    expect(await run('check', '--placeholders', values, join(folder, 'bad'))).toMatchObject({
      ...{ code: 2, talk: `${values}: placeholders are {"name": ["value", …], …}\n` },
    });
  });
});

describe('sigma conformance', () => {
  it('runs cases with exact expectations, with rule files and with correlations', async () => {
    const correlated = (type: string): string =>
      `title: a\nname: a\nlogsource: {category: conformance}\ndetection: {s: {A: 1}, condition: s}\n---\n` +
      `title: c\ncorrelation: {type: ${type}, rules: a, group-by: U, timespan: 1m, condition: {gte: 2}}`;
    const twice = [1, 2, 3].map((second) => ({
      ts: `2026-01-01T00:00:0${String(second)}Z`,
      A: 1,
      U: 'u',
    }));
    const rule =
      'title: t\nlogsource: {category: conformance}\ndetection: {s: {A: 1}, condition: s}';
    const pack = [
      { id: 'exact', rule, events: [{ A: 1 }, { A: 2 }], expect: [0] },
      { id: 'wrong', rule, events: [{ A: 1 }], expect: [] },
      {
        ...{
          case: 'file',
          rule_file: 'deep/cleared.yml',
          rule_id: '7a1f7f5e-6a53-4d29-93a3-8f6f0d7c2e11',
          min_matches: 1,
        },
        events: [{ Event: { System: { Channel: 'System', EventID: 104 } } }],
      },
      ...[1, 2].map((at) => ({
        ...{ id: `completed at ${String(at)}`, rules: correlated('event_count') },
        ...{ timestamp_field: 'ts', events: twice, expect: [{ group: { U: 'u' }, at }] },
      })),
      { id: 'refused', rules: correlated('count'), events: [], expect: [] },
    ];
    const file = join(folder, 'pack.ndjson');
    writeFileSync(file, pack.map((each) => JSON.stringify(each)).join('\n'));
    const { code, out } = await run('conformance', '--rules', join(folder, 'rules'), file);
    expect(out.trim().split('\n')).toEqual([
      'wrong: matched [0], expected []',
      'completed at 2: completed {"U":"u"}@1, expected {"U":"u"}@2',
      expect.stringMatching(/^refused: refused: 'type' is none of event_count, .*; it only feeds/),
      '3 passed, 3 failed',
    ]);
    expect(code).toBe(1);
  });

  it('names the line of a pack that is not JSON', async () => {
    const file = join(folder, 'readme.md');
    writeFileSync(file, '# Not a pack\n');
    expect(await run('conformance', file)).toMatchObject({
      ...{ code: 1, out: `${file}:1: not JSON\n0 passed, 1 failed\n` },
    });
  });
});

describe('sigma', () => {
  it('explains itself', async () => {
    const { code, out } = await run('--help');
    expect(out).toContain('sigma match --rules');
    expect(code).toBe(0);
    expect(await run('mtach')).toMatchObject({ code: 2, out: '' });
    expect((await run('match', '--rulez', 'x')).talk).toContain("Unknown option '--rulez'");
  });
});
