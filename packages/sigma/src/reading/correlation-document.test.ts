import { describe, expect, it } from '@jest/globals';
import { compileRules, recordEvent, type RefusedRule, type SigmaCorrelation } from '../index.ts';
import { compiled, EVERY_EVENT } from '../testing/rule-builders.ts';

function base(name: string): string {
  return `title: ${name}\nname: ${name}\nlogsource: {category: test}\ndetection: {s: {A: ${name}}, condition: s}\n---\n`;
}

const BASES = base('a') + base('b');

/** A correlation as JSON, which is YAML too: `null` takes a key away. */
function aCorrelation(section: Readonly<Record<string, unknown>>, head = {}): string {
  const whole = {
    ...{ type: 'event_count', rules: ['a', 'b'], timespan: '5m', condition: { gte: 3 } },
    ...section,
  };
  const kept = Object.entries(whole).filter(([, value]) => value !== null);
  return JSON.stringify({ title: 'c', id: 'c-id', ...head, correlation: Object.fromEntries(kept) });
}

function read(section: Readonly<Record<string, unknown>>, head = {}): SigmaCorrelation | undefined {
  return compiled(BASES + aCorrelation(section, head)).correlations[0];
}

function refusals(text: string): readonly RefusedRule[] {
  return compileRules([{ file: 'r.yml', text }], { logsources: EVERY_EVENT }).refused;
}

function reasonOf(section: Readonly<Record<string, unknown>>): string | undefined {
  return refusals(BASES + aCorrelation(section))[0]?.reason;
}

describe('a correlation', () => {
  it('is read with its head and its rules', () => {
    expect(read({ 'group-by': ['U', 'V'] }, { author: 'A. Uthor', level: 'high' })).toMatchObject({
      ...{ id: 'c-id', title: 'c', author: 'A. Uthor', level: 'high', file: 'rules.yml' },
      ...{ type: 'event_count', timespanMs: 300_000, groupBy: ['U', 'V'], isAlert: true },
      rules: [{ title: 'a' }, { title: 'b' }],
      condition: { kind: 'COMPARISON', bounds: [{ operator: 'gte', value: 3 }] },
    });
  });

  it.each([
    ['90s', 90],
    ['5m', 300],
    ['2h', 7_200],
    ['3d', 259_200],
    ['1w', 604_800],
    ['1M', 2_629_746],
    ['1y', 31_556_952],
  ])('lasts as long as it says: %s', (timespan, seconds) => {
    expect(read({ timespan })?.timespanMs).toBe(seconds * 1_000);
  });

  it('may name its rules by id or by name, one alone without a list, and itself be anywhere', () => {
    const text = `${aCorrelation({ rules: 'r-id' })}\n---\n${base('a').replace('name: a', 'id: r-id')}`;
    expect(compiled(text).correlations[0]?.rules).toMatchObject([{ id: 'r-id' }]);
  });

  it('takes an alias for a field that is called otherwise in a rule', () => {
    const section = { 'group-by': ['user', 'host'], aliases: { user: { a: 'Subject' } } };
    expect(read(section)?.groupFields).toEqual([
      ['Subject', 'host'],
      ['user', 'host'],
    ]);
  });

  it.each([
    [{ type: 'count' }, "'type' is none of event_count, value_count"],
    [{ type: null }, "'type' is none of"],
    [{ rules: null }, "'correlation' names no 'rules'"],
    [{ rules: ['a', 'a'] }, "'rules' names 'a' twice"],
    [{ rules: ['a', 'r.yml'] }, "'rules' names the same rule by its id and its name"],
    [{ rules: ['a', 'x'] }, "'rules' names 'x', and there is no such rule"],
    [{ timespan: null }, "'correlation' has no 'timespan'"],
    [{ timespan: '5 minutes' }, "'timespan' must be a whole number above 0 and one of s, m, h"],
    [{ timespan: '0s' }, "'timespan' must be a whole number above 0"],
    [{ condition: null }, "'correlation' has no 'condition'"],
    [{ condition: {} }, "'condition' has none of gt, gte"],
    [{ condition: { gte: 'many' } }, "'gte' must be a number"],
    [{ condition: { gte: 1.5 } }, "'gte' must be a whole number from 0"],
    [{ condition: { gte: 1e6 } }, "'gte' is over 100000"],
    [{ condition: { gte: 1, near: 2 } }, "'condition' has no key 'near'"],
    [{ condition: { gte: 1, field: 'F' } }, "type event_count takes no 'field'"],
    [{ condition: 'a and b' }, 'type event_count takes a comparison'],
    [{ type: 'temporal_ordered', condition: 'a and b' }, 'an expression has no order'],
    [{ type: 'temporal', condition: 'a' }, "the condition does not name 'b' of 'rules'"],
    [{ type: 'temporal', condition: 'a and b and x' }, "names 'x', which is not in 'rules'"],
    [{ type: 'temporal', condition: '1 of a*' }, "takes rule names, not 'x of …'"],
    [{ type: 'value_count' }, "type value_count needs a 'field'"],
    [{ type: 'value_sum', condition: { gt: 1, field: ['F', 'G'] } }, "takes one 'field'"],
    [{ type: 'value_avg', condition: { gt: 1, field: 'F', percentile: 5 } }, "no 'percentile'"],
    [{ type: 'value_percentile', condition: { lte: 1, field: 'F' } }, "needs a 'percentile'"],
    [{ type: 'value_percentile', condition: { lte: 1, field: 'F', percentile: 101 } }, '0 to 100'],
    [{ window: '5m' }, "'correlation' has no key 'window'"],
    [{ 'group-by': ['u'], aliases: { u: { x: 'F' } } }, "alias 'u' names 'x', not one of 'rules'"],
    [{ aliases: { u: 'F' } }, "alias 'u' must be a map from rules to fields"],
    [{ generate: 'no' }, "'generate' must be true or false"],
  ])('is refused when it is not as it must be: %j', (section, reason) => {
    expect(reasonOf(section)).toContain(reason);
  });

  it('is refused with its file, line and id, and with it the rules that it alone is fed by', () => {
    expect(refusals(BASES + aCorrelation({ rules: ['a', 'x'] }))).toEqual([
      {
        ...{ file: 'r.yml', line: 11, ruleId: 'c-id' },
        reason: "'rules' names 'x', and there is no such rule",
      },
      {
        ...{ file: 'r.yml', line: 1, ruleId: 'r.yml', ruleName: 'a' },
        reason: 'it only feeds correlations, and those are refused',
      },
    ]);
  });

  it('is refused for the reason that a rule which it needs is', () => {
    const broken = BASES.replace('A: b', 'A|numeric: b');
    expect(refusals(broken + aCorrelation({})).map(({ reason }) => reason)).toContain(
      "'rules' names 'b', which is refused: modifier 'numeric': unknown",
    );
  });

  it('is refused when several rules are called what it names', () => {
    const text = BASES + base('a') + aCorrelation({});
    expect(refusals(text)[0]?.reason).toContain("names 'a', which several rules are called");
  });

  it('is refused in a circle, and in a chain that is too long', () => {
    const circle = ['x', 'y'].map((name, index, all) =>
      aCorrelation({ rules: [all[1 - index]] }, { id: name, name }),
    );
    expect(refusals(circle.join('\n---\n')).map(({ reason }) => reason)).toEqual(
      circle.map(() => 'it is part of a circle of correlations, or refers to one'),
    );
    const chain = Array.from({ length: 18 }, (_, index) =>
      aCorrelation(
        { rules: [index === 0 ? 'a' : `c${String(index - 1)}`] },
        { id: `c${String(index)}` },
      ),
    );
    const found = refusals([base('a').replace('---\n', ''), ...chain.toReversed()].join('\n---\n'));
    expect(found.find(({ ruleId }) => ruleId === 'c16')?.reason).toBe(
      'a chain of more than 16 correlations',
    );
  });
});

describe('a rule that a correlation refers to', () => {
  const event = recordEvent({ A: 'a' });

  it('does not alert by itself, but is there for the correlator', () => {
    const ruleSet = compiled(BASES + aCorrelation({}));
    expect(ruleSet.match(event)).toEqual([]);
    expect(ruleSet.matchAll(event).map(({ rule }) => rule.title)).toEqual(['a']);
    expect(ruleSet.rules.map((rule) => ruleSet.isAlert(rule))).toEqual([false, false]);
  });

  it.each([
    ['beside the correlation', aCorrelation({}, { generate: true })],
    ['within it', aCorrelation({ generate: true })],
  ])('alerts when one wants it to generate: %s', (_where, correlation) => {
    const other = aCorrelation({}, { id: 'other' });
    const ruleSet = compiled(`${BASES}${correlation}\n---\n${other}`);
    expect(ruleSet.match(event)).toHaveLength(1);
  });

  it('still runs when only one of its correlations is refused', () => {
    const broken = aCorrelation({ rules: ['a', 'x'] }, { id: 'broken' });
    const text = `${BASES}${aCorrelation({})}\n---\n${broken}`;
    const { ruleSet, refused } = compileRules([{ file: 'r.yml', text }], {
      logsources: EVERY_EVENT,
    });
    expect(refused.map(({ ruleId }) => ruleId)).toEqual(['broken']);
    expect([ruleSet.rules.length, ruleSet.match(event).length]).toEqual([2, 0]);
  });

  it('alerts as before when a refused correlation wanted it to generate', () => {
    const text = BASES + aCorrelation({ rules: ['a', 'x'] }, { generate: true });
    const { ruleSet } = compileRules([{ file: 'r.yml', text }], { logsources: EVERY_EVENT });
    expect(ruleSet.match(event)).toHaveLength(1);
  });
});
