import { describe, expect, it } from '@jest/globals';
import { compileRules, recordEvent } from '../index.ts';
import { aRule, EVERY_EVENT, refusalOf } from '../testing/rule-builders.ts';

const GOOD = aRule({ s: { A: 1 }, condition: 's' });
const HEAD = 'title: t\nlogsource:\n  category: test\n';

describe('a pack', () => {
  it('runs its good rules whatever the others are', () => {
    const { ruleSet, refused } = compileRules(
      [
        { file: 'bad.yml', text: 'title: [' },
        { file: 'good.yml', text: GOOD },
        { file: 'worse.yml', text: '[\n'.repeat(200_000) },
      ],
      { logsources: EVERY_EVENT },
    );
    expect(ruleSet.match(recordEvent({ A: 1 }))).toHaveLength(1);
    expect(refused.map(({ file }) => file)).toEqual(['bad.yml', 'worse.yml']);
  });

  it('may hold several rules in one file', () => {
    const { ruleSet } = compileRules([{ file: 'two.yml', text: `${GOOD}\n---\n${GOOD}` }], {
      logsources: EVERY_EVENT,
    });
    expect(ruleSet.rules.map(({ id }) => id)).toEqual(['two.yml', 'two.yml#2']);
  });

  it('refuses the second rule with the same id', () => {
    const text = aRule({ s: { A: 1 }, condition: 's' }, { id: 'one' });
    const { ruleSet, refused } = compileRules(
      [
        { file: 'a.yml', text },
        { file: 'b.yml', text },
      ],
      { logsources: EVERY_EVENT },
    );
    expect(ruleSet.rules).toHaveLength(1);
    expect(refused).toEqual([
      { file: 'b.yml', line: 1, ruleId: 'one', reason: 'the id is already used by a.yml' },
    ]);
  });
});

describe("a rule's head", () => {
  it('keeps what the specification leaves to others, as plain values', () => {
    const { ruleSet } = compileRules(
      [
        {
          file: 'a.yml',
          text: aRule({ s: { A: 1 }, condition: 's' }, { owner: { shift: [1, 'x'] } }),
        },
      ],
      { logsources: EVERY_EVENT },
    );
    expect(ruleSet.rules[0]?.custom).toEqual({ owner: { shift: [1, 'x'] } });
  });
});

describe('a refusal', () => {
  it('names the file, the line, the rule and the reason', () => {
    const text = `${HEAD}id: 0b4d\ndetection:\n  s:\n    A|contains:\n      - x\n      - null\n  condition: s\n`;
    expect(refusalOf(text)).toEqual({
      file: 'rule.yml',
      line: 9,
      ruleId: '0b4d',
      reason: 'null is not allowed in a list of values',
    });
  });
});

describe('a rule that is not as the specification says', () => {
  it.each([
    ['logsource: {category: test}\ndetection: {s: {A: 1}, condition: s}', "'title' is missing"],
    ['title: t\ndetection: {s: {A: 1}, condition: s}', "'logsource' is missing"],
    [HEAD, "'detection' is missing"],
    [`${HEAD}detection: {s: {A: 1}}`, "no 'condition'"],
    [`${HEAD}detection: {s: {A: {B: 1}}, condition: s}`, 'a value or a list of values'],
    [`${HEAD}detection: {s: {A: []}, condition: s}`, "'A' has no values"],
    [`${HEAD}detection: {s: {}, condition: s}`, 'is empty'],
    [`${HEAD}detection: {s: [[a]], condition: s}`, 'list of lists'],
    [`${HEAD}detection: {s: {A: 1}, timeframe: 5m, condition: s}`, "'timeframe'"],
    [`${HEAD}level: severe\ndetection: {s: {A: 1}, condition: s}`, "'level' is none of"],
    [`${HEAD}taxonomy: ecs\ndetection: {s: {A: 1}, condition: s}`, "taxonomy 'ecs'"],
    ['- a\n- b', 'a rule is a map'],
    ['# nothing', 'the file holds no rule'],
  ])('is refused: %j', (text, reason) => {
    expect(refusalOf(text).reason).toContain(reason);
  });
});

describe('hostile YAML', () => {
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]']
    .concat(
      Array.from(
        { length: 9 },
        (_, i) =>
          `a${String(i + 1)}: &a${String(i + 1)} [${Array(10)
            .fill(`*a${String(i)}`)
            .join(', ')}]`,
      ),
    )
    .join('\n');

  it.each([
    ['an alias bomb', bomb, 'more than 50000 values'],
    ['an alias of itself', 'a: &a [*a]', 'nested too deeply'],
    ['a custom tag', 'a: !!js/function x', 'not readable YAML'],
    ['a binary value', 'a: !!binary aGk=', 'not readable YAML|not plain YAML'],
    ['a duplicate key', 'a: 1\nb: 2\na: 3', "duplicate key 'a'"],
    ['a key that is a list', '? [a]\n: b', 'a key is not text'],
    ['deep brackets', '['.repeat(100_000), 'nested too deeply'],
    ['deep brackets on many lines', '{a:\n'.repeat(100_000), 'nested too deeply'],
    ['deep dashes', '- '.repeat(100_000), 'nested too deeply'],
    [
      'deep indentation',
      Array.from({ length: 900 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      'nested too deeply|stack',
    ],
    ['a huge file', 'a: b\n'.repeat(200_000), 'longer than'],
    ['many documents', '--- a\n'.repeat(2_000), 'more than 1000 documents'],
    ['an endless text', `a: "${'x'.repeat(400_000)}`, 'not readable YAML'],
  ])('is refused in bounded time: %s', (_name, text, reason) => {
    const startedAt = performance.now();
    expect(refusalOf(text).reason).toMatch(new RegExp(reason));
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it('may use aliases within the bound', () => {
    const text = `${HEAD}detection:\n  s:\n    A: &list [x, y]\n    B: *list\n  condition: s\n`;
    const { ruleSet, refused } = compileRules([{ file: 'r.yml', text }], {
      logsources: EVERY_EVENT,
    });
    expect(refused).toEqual([]);
    expect(ruleSet.match(recordEvent({ A: 'x', B: 'y' }))).toHaveLength(1);
  });

  it('may list tens of thousands of values', () => {
    const values = Array.from({ length: 30_000 }, (_, i) => `v${String(i)}`);
    const { ruleSet } = compileRules(
      [{ file: 'r.yml', text: aRule({ s: { A: values }, condition: 's' }) }],
      {
        logsources: EVERY_EVENT,
      },
    );
    expect(ruleSet.match(recordEvent({ A: 'V29999' }))).toHaveLength(1);
  });
});
