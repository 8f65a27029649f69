import { describe, expect, it } from '@jest/globals';
import { selectNames } from './condition.ts';
import { aRule, matchesOfRule, refusalOf } from '../testing/rule-builders.ts';

const SELECTIONS = { a: { A: 1 }, b: { B: 1 }, c: { C: 1 } };

function holds(condition: unknown, ...fields: readonly string[]): boolean {
  const event = Object.fromEntries(fields.map((field) => [field, 1]));
  return matchesOfRule(aRule({ ...SELECTIONS, condition }), [event])[0] === true;
}

describe('a condition', () => {
  it('binds not before and, and before or', () => {
    expect(holds('a or b and not c', 'A', 'C')).toBe(true);
    expect(holds('a or b and not c', 'B', 'C')).toBe(false);
    expect(holds('(a or b) and not c', 'A', 'C')).toBe(false);
    expect(holds('not a and not not b', 'B')).toBe(true);
  });

  it('asks for one or for all of the identifiers', () => {
    expect(holds('1 of them', 'B')).toBe(true);
    expect(holds('any of them', 'B')).toBe(true);
    expect(holds('all of them', 'A', 'B')).toBe(false);
    expect(holds('all of them', 'A', 'B', 'C')).toBe(true);
    expect(holds('not 1 of a*', 'B')).toBe(true);
  });

  it('may be a list, of which one must hold', () => {
    expect(holds(['a', 'b and c'], 'B', 'C')).toBe(true);
    expect(holds(['a', 'b and c'], 'B')).toBe(false);
  });

  it('does not mind capitals and blanks', () => {
    expect(holds(' a  AND   NOT( b )', 'A')).toBe(true);
  });

  it.each([
    ['a and', 'ends too early'],
    ['(a or b', 'ends too early'],
    ['(a b)', "misses a ')'"],
    ['a b', "goes on with 'b'"],
    ['and a', "'and' where a search identifier"],
    ['2 of them', "'2 of' is not part of Sigma"],
    ['a and d', "names 'd', which is not defined"],
    ['1 of x*', "no search identifier fits 'x*'"],
    ['a | count() by B > 5', 'takes a correlation rule'],
    ['not '.repeat(70) + 'a', 'nested too deeply'],
    ['a or '.repeat(600) + 'a', 'too long'],
  ])('is refused as "%s"', (condition, reason) => {
    expect(refusalOf(aRule({ ...SELECTIONS, condition })).reason).toContain(reason);
  });
});

describe('a pattern of identifiers', () => {
  const names = ['sel_a_main', 'sel_b_main', 'sel_a_opt', '_sel_x_main'];

  it('may have a star anywhere', () => {
    expect(selectNames('sel_*_main', names)).toEqual(['sel_a_main', 'sel_b_main']);
    expect(selectNames('*a*', names)).toEqual(['sel_a_main', 'sel_b_main', 'sel_a_opt']);
  });

  it('leaves out names that start with an underscore unless it starts with one', () => {
    expect(selectNames('*', names)).not.toContain('_sel_x_main');
    expect(selectNames('_sel*', names)).toEqual(['_sel_x_main']);
  });
});
