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

describe('sigma check', () => {
  it('says why a rule is refused and ends with the totals', async () => {
    const bad = join(folder, 'bad');
    mkdirSync(bad);
    writeFileSync(join(bad, 'a.yml'), RULE);
    writeFileSync(
      join(bad, 'b.yml'),
      RULE.replace('EventID', 'EventID|expand').replace('7a1f', '7a20'),
    );
    const { code, out } = await run('check', bad);
    expect(out).toContain(`b.yml:4: modifier 'expand': placeholders cannot be resolved here [7a20`);
    expect(out.endsWith('1 passed, 1 failed\n')).toBe(true);
    expect(code).toBe(1);
  });
});

describe('sigma conformance', () => {
  it('runs cases with exact expectations and with rule files, and fails those with correlations', async () => {
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
      {
        id: 'correlation',
        rules: 'title: c\ncorrelation: {type: event_count}',
        events: [],
        expect: [],
      },
    ];
    const file = join(folder, 'pack.ndjson');
    writeFileSync(file, pack.map((each) => JSON.stringify(each)).join('\n'));
    const { code, out } = await run('conformance', '--rules', join(folder, 'rules'), file);
    expect(out.trim().split('\n')).toEqual([
      'wrong: matched [0], expected []',
      'correlation: refused: correlation rules are not supported',
      '2 passed, 2 failed',
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
