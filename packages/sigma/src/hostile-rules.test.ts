import { describe, expect, it } from '@jest/globals';
import { compileRules } from './index.ts';
import { recordEvent } from './matching/record-event.ts';
import { aRule, compiled, EVERY_EVENT, refusalOf } from './testing/rule-builders.ts';

/** As long as a value is looked at. */
const LONGEST_VALUE = 65_536;

/** Rules and events of one field, timed. The first event warms what is made at the first use. */
function run(sources: readonly string[], value: string) {
  const startedAt = performance.now();
  const { ruleSet, refused } = compileRules(
    sources.map((text, index) => ({ file: `${String(index)}.yml`, text })),
    { logsources: EVERY_EVENT },
  );
  const compileMs = performance.now() - startedAt;
  ruleSet.match(recordEvent({ A: 'x' }));
  const matchStartedAt = performance.now();
  const matches = ruleSet.match(recordEvent({ A: value })).length;
  return { compileMs, matchMs: performance.now() - matchStartedAt, matches, refused };
}

function ruleOf(key: string, values: readonly string[], id = 'r'): string {
  return aRule({ s: { [key]: values }, condition: 's' }, { id });
}

/** Different texts of seven characters. */
function unlike(index: number): string {
  return (Math.imul(index + 1, 0x9e37_79b1) >>> 0).toString(36).padStart(7, '0');
}

describe('hostile YAML is refused in time, with its line', () => {
  const bomb = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
  for (let level = 0; level < 8; level += 1)
    bomb.push(
      `${String.fromCharCode(98 + level)}: &${String.fromCharCode(98 + level)} [${Array(10)
        .fill(`*${String.fromCharCode(97 + level)}`)
        .join(', ')}]`,
    );

  it.each([
    ['an alias bomb', bomb.join('\n'), /more than 50000 values|alias/],
    [
      'sixty thousand aliases',
      `a: &a x\nb:\n${'  - *a\n'.repeat(60_000)}`,
      /more than 50000 values/,
    ],
    ['an alias of nothing', 'a: *b', /no anchor before the alias/],
    ['an alias of itself', 'a: &a [*a]', /nested too deeply|alias|values/i],
    ['deep flow nesting', '['.repeat(200_000), /nested too deeply/],
    [
      'deep block nesting',
      Array.from({ length: 700 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
      /nested too deeply/,
    ],
    ['deep compact nesting', `${'- '.repeat(100_000)}x`, /nested too deeply/],
    ['a custom tag', 'title: !!js/function "function () {}"', /tag/i],
    ['a duplicate key', 'title: a\nlogsource: {}\ntitle: b', /duplicate key 'title'/],
    ['a key that is a list', '? [a]\n: b', /a key is not text/],
    ['too long a file', 'a'.repeat(524_289), /longer than 524288 characters/],
    ['too many documents', '---\ntitle: a\n'.repeat(1_001), /more than 1000 documents/],
    [
      'a hundred thousand keys',
      Array.from({ length: 75_000 }, (_, at) => `${String(at)}:`).join('\n'),
      /more than 50000 values/,
    ],
  ])('%s, within 10 s', (_what, text, reason) => {
    const startedAt = performance.now();
    const good = aRule({ s: { A: 1 }, condition: 's' });
    const { ruleSet, refused } = compileRules(
      [
        { file: 'bad.yml', text },
        { file: 'good.yml', text: good },
      ],
      { logsources: EVERY_EVENT },
    );
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(refused.map(({ file }) => file)).toEqual(['bad.yml']);
    expect(refused[0]?.reason).toMatch(reason);
    expect(ruleSet.rules.map(({ file }) => file)).toEqual(['good.yml']);
  });
});

describe('many literals compile within 10 s and 512 MB, and an event is matched within half a second', () => {
  const spread = (text: (index: number) => string, key = 'A|contains'): readonly string[] =>
    Array.from({ length: 8 }, (_, rule) =>
      ruleOf(
        key,
        Array.from({ length: 12_500 }, (_each, at) => text(rule * 12_500 + at)),
        String(rule),
      ),
    );
  const worst = 'a'.repeat(LONGEST_VALUE);

  it.each([
    ['unlike each other', spread((at) => unlike(at) + unlike(at + 77_777)), worst],
    ['with one beginning', spread((at) => `aaaaaaaaaaaaa${unlike(at)}`), worst],
    [
      'with one end, longer than what is searched for',
      spread((at) => `${unlike(at)}${'a'.repeat(20)}`),
      worst,
    ],
    ['short', spread((at) => at.toString(36)), '0123456789abcdef'.repeat(4_096)],
    ['of one character beyond ASCII', spread((at) => `😀${unlike(at)}`), '😀'.repeat(32_768)],
    ['that are whole values', spread(unlike, 'A'), worst],
    [
      'that are last elements of paths',
      spread((at) => `\\${unlike(at)}`, 'A|endswith'),
      '\\a'.repeat(32_768),
    ],
    [
      'in one rule',
      [
        ruleOf(
          'A|contains',
          Array.from({ length: 24_000 }, (_, at) => `${unlike(at)}${unlike(at)}`),
        ),
      ],
      worst,
    ],
    [
      'alike, few enough to be leapt for',
      [
        ruleOf(
          'A|contains',
          Array.from({ length: 60 }, (_, at) => `${'a'.repeat(12)}${unlike(at)}aaa`),
        ),
      ],
      worst,
    ],
  ])('100,000 %s', (_what, sources, value) => {
    const before = process.memoryUsage();
    const { compileMs, matchMs, refused } = run(sources, value);
    const after = process.memoryUsage();
    expect(refused).toEqual([]);
    expect(compileMs).toBeLessThan(10_000);
    expect(matchMs).toBeLessThan(500);
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(512e6);
  });

  it('20,000 rules, of which the broken ones are refused', () => {
    const sources = Array.from({ length: 20_000 }, (_, at) =>
      at % 100 === 0
        ? 'title: ['
        : ruleOf('A|contains', [unlike(at), `${unlike(at)}x`], String(at)),
    );
    const { compileMs, matchMs, matches, refused } = run(sources, `${unlike(7)} ${unlike(100)}`);
    expect(compileMs).toBeLessThan(20_000);
    expect(matchMs).toBeLessThan(500);
    expect([matches, refused.length]).toEqual([1, 200]);
  });
});

describe('a hostile pattern', () => {
  it.each([
    ['a literal of 32,000 characters', `${'a'.repeat(16_000)}b${'a'.repeat(16_000)}`],
    ['sixty single characters', `*${'a?'.repeat(60)}b*`],
    ['a long text before a single character', `*${'a'.repeat(1_000)}?b*`],
    ['a thousand parts', `*${'a*'.repeat(1_000)}b*`],
  ])('takes less than half a second: %s', (_what, value) => {
    const { matchMs, refused } = run([ruleOf('A|contains', [value])], 'a'.repeat(LONGEST_VALUE));
    expect(refused).toEqual([]);
    expect(matchMs).toBeLessThan(500);
  });

  it('is refused where every character of a value would cost too much', () => {
    for (const value of [`*${'a?'.repeat(1_000)}b*`, `*${'a'.repeat(2_000)}?b*`])
      expect(refusalOf(ruleOf('A', [value])).reason).toBe(
        "too much text with '?' stands between two '*'",
      );
  });

  it('finds a literal of any length exactly', () => {
    const literal = `${'ab'.repeat(400)}c`;
    const set = compiled(ruleOf('A|contains', [literal]));
    const values = [`ab${literal}`, `x${literal}y`, 'ab'.repeat(2_000), literal.slice(1)];
    expect(values.map((value) => set.match(recordEvent({ A: value })).length)).toEqual([
      1, 1, 0, 0,
    ]);
  });

  it('may name identifiers 20,000 times, and is refused beyond', () => {
    const selections = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, at) => [`s${String(at)}`, { A: at }]),
    );
    const condition = Array(240).fill('1 of s*').join(' or ');
    expect(refusalOf(aRule({ ...selections, condition })).reason).toBe(
      'the condition names more than 20000 search identifiers',
    );
  });
});

describe('a hostile regular expression', () => {
  const rows = (text: string): string =>
    text.repeat(Math.ceil(LONGEST_VALUE / text.length)).slice(0, LONGEST_VALUE);
  const tail = `${Array.from('0123456789efghijklmnopqrstuvwxyz').join('?')}?d`;
  let seed = 1;
  const random = Array.from({ length: LONGEST_VALUE }, () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (seed >> 16) % 2 === 0 ? 'a' : 'b';
  }).join('');

  it.each([
    // Rows of counted sets, which JavaScript's own engine runs.
    [
      'several bounded counts in a row',
      'a{1,30}b{1,30}c{1,30}d{1,30}e',
      rows(`${'a'.repeat(30)}${'b'.repeat(30)}${'c'.repeat(30)}${'d'.repeat(30)}`),
    ],
    [
      'bounded counts that may be none',
      'x[ab]{0,30}[cd]{0,30}[ef]{0,30}[gh]{0,30}!',
      rows('xaaaa'),
    ],
    [
      'many starts before a long run',
      '[ab]{1,120}c*d',
      rows(`${'a'.repeat(120)}${'c'.repeat(16_000)}`),
    ],
    [
      'many starts before many runs',
      '[ab]{1,60}c{1,20}e*f*g*h*i*j*d',
      rows(
        `${'a'.repeat(60)}${'c'.repeat(20)}${'e'.repeat(4_000)}${'f'.repeat(4_000)}${'g'.repeat(4_000)}`,
      ),
    ],
    [
      'many starts, a long run and many that may be none',
      `[ab]{1,90}c*${tail}`,
      rows(`${'a'.repeat(90)}${'c'.repeat(16_000)}`),
    ],
    // What RE2 runs.
    ['nested counts', '(a+)+(a+)+[bc]d', rows('a')],
    ['alternatives that overlap', '(a|a|aa)*[bc]d', rows('a')],
    ['optional characters', '(?:[ab]?){500}[cd][ef]', rows('a')],
    ['a choice long ago', '[ab]*a[ab]{14}[cd]', random],
    ['a choice very long ago', '[ab]*a[ab]{900}[cd]', random],
  ])('takes less than 4 s over 65,536 characters: %s', (_what, source, value) => {
    const { matchMs, matches, refused } = run([ruleOf('A|re', [source])], value);
    expect([refused, matches]).toEqual([[], 0]);
    expect(matchMs).toBeLessThan(4_000);
  });

  it.each([
    ['(?:a?){1000}b', /larger than 1024 steps/],
    [`${'('.repeat(2_000)}a${')'.repeat(2_000)}`, /linear time/],
    ['(a{0,1000}){0,1000}', /linear time/],
    [String.raw`(a)\1`, /linear time/],
    ['a'.repeat(4_097), /longer than 4096 characters/],
  ])('is refused when it is too large or needs backtracking', (source, reason) => {
    expect(refusalOf(ruleOf('A|re', [source])).reason).toMatch(reason);
  });
});
