import { describe, expect, it } from '@jest/globals';
import { compileRules, recordEvent, type LogsourceMap } from '../index.ts';
import { compiled, EVERY_EVENT } from '../testing/rule-builders.ts';

const RULE = `title: rule
id: rule-id
name: rule
logsource: {category: test}
detection: {s: {A: 1}, condition: s}
---
`;

function aFilter(rules: string, more = ''): string {
  return `title: filter
logsource: {category: test}
filter:
  rules: ${rules}
  s: {User: me}
  condition: not s
${more}`;
}

function verdicts(text: string): readonly boolean[] {
  const ruleSet = compiled(text);
  return [{ A: 1, User: 'me' }, { A: 1, User: 'you' }, { User: 'you' }].map(
    (event) => ruleSet.match(recordEvent(event)).length > 0,
  );
}

describe('a filter', () => {
  it.each(['[rule-id]', '[rule]', 'rule', '[other, rule]', 'any', 'all', '[]'])(
    'is ANDed to the rules that it names: %s',
    (rules) => {
      expect(verdicts(RULE + aFilter(rules))).toEqual([false, true, false]);
    },
  );

  it('may keep instead of exclude: the condition is ANDed as it is written', () => {
    expect(verdicts(RULE + aFilter('any').replace('not s', 's'))).toEqual([true, false, false]);
  });

  it('has search identifiers of its own, whatever those of the rule are called', () => {
    const rule = RULE.replace('condition: s', 'condition: 1 of them');
    expect(verdicts(rule + aFilter('any').replace('not s', 'not all of them'))).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('applies together with others, and to rules in other files', () => {
    const another = aFilter('any').replace('User: me', 'User: you');
    const sources = [aFilter('any'), RULE, another].map((text, index) => {
      return { file: `${String(index)}.yml`, text };
    });
    const { ruleSet, refused } = compileRules(sources, { logsources: EVERY_EVENT });
    expect(refused).toEqual([]);
    const users = ['me', 'you', 'other'].filter(
      (User) => ruleSet.match(recordEvent({ A: 1, User })).length > 0,
    );
    expect(users).toEqual(['other']);
  });

  it('applies where its logsource is equal to that of the rule or more general', () => {
    const logsources: LogsourceMap = [{ category: 'test', product: 'p', events: {} }];
    const rule = RULE.replace('category: test', 'category: test, product: p');
    const isMatched = (filter: string): boolean => {
      const { ruleSet } = compileRules([{ file: 'r.yml', text: rule + filter }], { logsources });
      return ruleSet.match(recordEvent({ A: 1, User: 'me' })).length > 0;
    };
    expect(isMatched(aFilter('any'))).toBe(false);
    expect(isMatched(aFilter('any').replace('category: test', 'product: P'))).toBe(false);
    expect(isMatched(aFilter('any').replace('category: test', 'product: q'))).toBe(true);
    expect(isMatched(aFilter('any').replace('test}', 'test, service: s}'))).toBe(true);
  });

  it.each([
    [aFilter('[nobody]'), 'it is for none of the rules: name or logsource do not fit'],
    [
      aFilter('any').replace('  rules: any\n', ''),
      "'filter' has no 'rules' ('any' means every rule)",
    ],
    [aFilter('any').replace('  condition: not s\n', ''), "'filter' needs one 'condition'"],
    [aFilter('any').replace('not s', 'not t'), "the condition names 't', which is not defined"],
    [aFilter('any').replace('logsource: {category: test}\n', ''), "'logsource' is missing"],
    [aFilter('any').replace('title: filter\n', ''), "'title' is missing"],
    [aFilter('any', 'taxonomy: ecs\n'), "taxonomy 'ecs' is unknown; 'sigma' is known"],
  ])('is refused, and the rules run without it: %#', (filter, reason) => {
    const { ruleSet, refused } = compileRules([{ file: 'r.yml', text: RULE + filter }], {
      logsources: EVERY_EVENT,
    });
    expect(refused.map((each) => each.reason)).toEqual([reason]);
    expect(refused[0]?.line).toBeGreaterThan(5);
    expect(ruleSet.match(recordEvent({ A: 1, User: 'me' }))).toHaveLength(1);
  });
});
