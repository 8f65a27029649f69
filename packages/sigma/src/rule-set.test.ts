import { describe, expect, it } from '@jest/globals';
import { compileRules, recordEvent } from './index.ts';
import { aRule, EVERY_EVENT, matchesOf, matchesOfRule } from './testing/rule-builders.ts';

describe('a value in a selection', () => {
  it('equals the whole value, ignoring case', () => {
    expect(
      matchesOf({ A: 'FooBar' }, [{ A: 'fOObAR' }, { A: 'foobar ' }, { B: 'foobar' }]),
    ).toEqual([true, false, false]);
  });

  it('compares numbers and booleans by their text', () => {
    expect(matchesOf({ A: 4624 }, [{ A: 4624 }, { A: '4624' }, { A: '04624' }])).toEqual([
      true,
      true,
      false,
    ]);
    expect(matchesOf({ A: true }, [{ A: true }, { A: 'True' }, { A: 1 }])).toEqual([
      true,
      true,
      false,
    ]);
    const rule =
      'title: t\nlogsource: {category: test}\ndetection: {s: {A: 12345678901234567890}, condition: s}';
    expect(matchesOfRule(rule, [{ A: '12345678901234567890' }])).toEqual([true]);
  });

  it('may be null, which a missing or null field fits, or empty, which an empty field fits', () => {
    const events = [{}, { A: null }, { A: '' }, { A: 'x' }];
    expect(matchesOf({ A: null }, events)).toEqual([true, true, false, false]);
    expect(matchesOf({ A: '' }, events)).toEqual([false, false, true, false]);
  });

  it('fits any element of an array', () => {
    expect(matchesOf({ 'A|endswith': '.exe' }, [{ A: ['a.dll', 'b.exe'] }, { A: [] }])).toEqual([
      true,
      false,
    ]);
  });

  it('reaches nested fields by dots, a literal dotted key first', () => {
    const events = [
      { a: { b: { c: 'x' } } },
      { 'a.b': { c: 'x' } },
      { 'a.b.c': 'x', a: { b: { c: 'y' } } },
      { a: [{ b: { c: 'x' } }] },
    ];
    expect(matchesOf({ 'a.b.c': 'x' }, events)).toEqual([true, true, true, true]);
  });

  it('never reads what an object inherits', () => {
    expect(matchesOf({ 'constructor|exists': true }, [{}])).toEqual([false]);
    expect(matchesOf({ '__proto__.x|exists': true }, [{}])).toEqual([false]);
  });
});

describe('a selection', () => {
  it('as a map needs all its fields, as a list of maps one of them', () => {
    expect(matchesOf({ A: 1, B: 2 }, [{ A: 1, B: 2 }, { A: 1 }])).toEqual([true, false]);
    expect(matchesOf([{ A: 1 }, { B: 2 }], [{ B: 2 }, { C: 3 }])).toEqual([true, false]);
  });

  it('as a list of values searches every value of the event', () => {
    const events = [{ m: 'an EVIL one' }, { x: { y: ['so bad'] } }, { m: 'good' }, { evil: 1 }];
    expect(matchesOf(['evil', 'b?d'], events)).toEqual([true, true, false, false]);
    expect(matchesOf({ '|all': ['so', 'bad'] }, events)).toEqual([false, true, false, false]);
    expect(matchesOf('evil', events)).toEqual([true, false, false, false]);
  });

  it('uses one look-up for a long list without changing its meaning', () => {
    const values = ['a', 'b', 'c', 'd', 'e*'];
    expect(matchesOf({ A: values }, [{ A: 'C' }, { A: 'ef' }, { A: 'f' }])).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('a filter', () => {
  it('on a missing field does not hold, so its negation does', () => {
    const rule = aRule({ s: { B: 1 }, f: { 'A|contains': 'x' }, condition: 's and not f' });
    expect(matchesOfRule(rule, [{ B: 1 }, { B: 1, A: 'x' }])).toEqual([true, false]);
  });
});

describe('a match', () => {
  const head = {
    id: '3f6f0b52-0f0e-4d8e-a3d5-0d8a4f6b7a11',
    author: 'A. Uthor',
    level: 'high',
    tags: ['attack.t1003'],
  };
  const detection = {
    tool: { 'Image|endswith': ['\\A.exe', '\\B.exe'] },
    flag: { 'CommandLine|contains': '-X' },
    word: ['needle'],
    filter: { User: 'me' },
    condition: 'tool and (flag or word) and not filter',
  };
  const { ruleSet } = compileRules([{ file: 'r.yml', text: aRule(detection, head) }], {
    logsources: EVERY_EVENT,
  });

  it("carries the rule's head", () => {
    const [match] = ruleSet.match(recordEvent({ Image: 'C:\\b.exe', CommandLine: 'b -x' }));
    expect(match?.rule).toMatchObject({ ...head, title: 'A rule', file: 'r.yml', line: 1 });
  });

  it('shows the fields that matched as the event has them', () => {
    const [match] = ruleSet.match(
      recordEvent({ Image: ['C:\\c.exe', 'C:\\B.EXE'], CommandLine: 'b -x' }),
    );
    expect(match?.fields).toEqual([
      { field: 'Image', value: 'C:\\B.EXE' },
      { field: 'CommandLine', value: 'b -x' },
    ]);
  });

  it('shows a keyword under the field *', () => {
    const [match] = ruleSet.match(recordEvent({ Image: 'C:\\b.exe', note: 'a NEEDLE' }));
    expect(match?.fields).toContainEqual({ field: '*', value: 'a NEEDLE' });
  });

  it('shows long values cut', () => {
    const [match] = ruleSet.match(
      recordEvent({ Image: 'C:\\b.exe', CommandLine: `-x ${'y'.repeat(9_000)}` }),
    );
    expect(match?.fields.at(-1)?.value).toHaveLength(256);
  });
});

describe('a rule set', () => {
  it('does not let one event leak into the next', () => {
    const { ruleSet } = compileRules(
      [{ file: 'r.yml', text: aRule({ s: { A: 'x' }, condition: 's' }) }],
      {
        logsources: EVERY_EVENT,
      },
    );
    const verdicts = [{ A: 'x' }, {}, { A: 'y' }, { A: 'x' }].map(
      (event) => ruleSet.match(recordEvent(event)).length,
    );
    expect(verdicts).toEqual([1, 0, 0, 1]);
  });

  it('says what each rule that it looks at costs', () => {
    const { ruleSet } = compileRules(
      ['x', 'y'].map((value) => {
        return { file: value, text: aRule({ s: { 'A|contains': value }, condition: 's' }) };
      }),
      { logsources: EVERY_EVENT },
    );
    let now = 0;
    const costs = ruleSet.profile(recordEvent({ A: 'a y' }), () => (now += 2));
    expect(costs).toEqual([{ rule: ruleSet.rules[1], cost: 2 }]);
  });

  it('compares only the beginning of a very long value and counts it', () => {
    const { ruleSet } = compileRules(
      [{ file: 'r.yml', text: aRule({ s: { 'A|contains': 'end' }, condition: 's' }) }],
      {
        logsources: EVERY_EVENT,
      },
    );
    expect(ruleSet.match(recordEvent({ A: 'x'.repeat(1_000_000) + 'end' }))).toEqual([]);
    expect(ruleSet.match(recordEvent({ A: 'end' + 'x'.repeat(1_000_000) }))).toHaveLength(1);
    expect(ruleSet.cutValueCount).toBe(2);
  });

  it('takes deep, wide and broken events in bounded time', () => {
    const { ruleSet } = compileRules(
      [{ file: 'r.yml', text: aRule({ s: ['needle'], condition: 's' }) }],
      {
        logsources: EVERY_EVENT,
      },
    );
    const deep: unknown = JSON.parse('{"a":'.repeat(5_000) + '"needle"' + '}'.repeat(5_000));
    const wide = Object.fromEntries(
      Array.from({ length: 10_000 }, (_, i) => [`f${String(i)}`, 'x\ud800']),
    );
    const startedAt = performance.now();
    expect(ruleSet.match(recordEvent(deep as Record<string, unknown>))).toEqual([]);
    expect(ruleSet.match(recordEvent({ ...wide, last: 'needle' }))).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });
});
