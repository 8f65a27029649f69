import { describe, expect, it } from '@jest/globals';
import { compileRules, recordEvent } from '../index.ts';
import { aRule, compiled, EVERY_EVENT } from '../testing/rule-builders.ts';

const placeholders = {
  admins: ['root', 'Adm_*'],
  nets: ['10.0.0.0/8', '::1/128'],
  digits: Array.from({ length: 101 }, (_, i) => String(i)),
  nobody: [],
};

function texts(key: string, value: unknown, candidates: readonly string[]): readonly string[] {
  const ruleSet = compiled(aRule({ s: { [key]: value }, condition: 's' }), { placeholders });
  return candidates.filter((A) => ruleSet.match(recordEvent({ A })).length > 0);
}

function reasonOf(value: string): string | undefined {
  const text = aRule({ s: { 'A|expand': value }, condition: 's' });
  const options = { placeholders, logsources: EVERY_EVENT };
  return compileRules([{ file: 'r.yml', text }], options).refused[0]?.reason;
}

describe('expand', () => {
  it('puts the values in place of the placeholder, with their wildcards', () => {
    const names = ['ROOT', 'adm_1', 'x\\root', '%admins%'];
    expect(texts('A|expand', '%admins%', names)).toEqual(['ROOT', 'adm_1']);
    expect(texts('A|expand', '?\\%admins%', names)).toEqual(['x\\root']);
  });

  it('works with other modifiers, before or after them', () => {
    expect(texts('A|contains|expand', '%admins%', ['a rooted one', 'none'])).toEqual([
      'a rooted one',
    ]);
    expect(texts('A|expand|cidr', '%nets%', ['10.1.2.3', '11.1.2.3', '::1'])).toEqual([
      '10.1.2.3',
      '::1',
    ]);
    expect(texts('A|contains|all|expand', ['%admins%', '-x'], ['root -x', 'root'])).toEqual([
      'root -x',
    ]);
  });

  it('leaves what holds no placeholder as it is', () => {
    expect(texts('A|expand', ['100 %', 7], ['100 %', '7', '8'])).toEqual(['100 %', '7']);
  });

  it('refuses a rule whose placeholder has no values', () => {
    const why = "modifier 'expand': no values are given for the placeholder";
    expect(reasonOf('%other%')).toBe(`${why} %other%`);
    expect(reasonOf('%nobody%')).toBe(`${why} %nobody%`);
    expect(reasonOf('%constructor%')).toBe(`${why} %constructor%`);
  });

  it('refuses what expands beyond all measure', () => {
    expect(reasonOf('%digits%%digits%')).toContain('expands to more than 10000 values');
  });

  it('is the only modifier that makes placeholders live', () => {
    expect(texts('A', '%admins%', ['%admins%', 'root'])).toEqual(['%admins%']);
  });
});
