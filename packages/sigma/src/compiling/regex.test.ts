import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { foldCase } from '../matching/fold-case.ts';
import { compilePlainRegex } from './plain-regex.ts';
import { requiredTexts } from './regex-literal.ts';
import { compileRegex } from './regex.ts';

const noFlags = { i: false, m: false, s: false };

// Pieces of expressions, put together at random; most of the results are expressions.
const piece = fc.constantFrom(
  ...[
    'a',
    'b',
    'K',
    's',
    'ab',
    '\\.',
    '\\\\',
    '.',
    '\\d',
    '\\w',
    '\\s',
    '[ab]',
    '[^ab]',
    '[a-c]',
    '"',
  ],
  ...[
    '*',
    '+',
    '?',
    '{2}',
    '{1,3}',
    '{2,}',
    '|',
    '(',
    ')',
    '(?:',
    '(?i)',
    '^',
    '$',
    '\\b',
    '*?',
    '{',
  ],
);
const expression = fc
  .array(piece, { minLength: 1, maxLength: 10 })
  .map((pieces) => pieces.join(''));
const value = fc
  .array(fc.constantFrom(...Array.from('aAbBcKsSſK1. \\\n"_ä')), { maxLength: 14 })
  .map((chars) => chars.join(''));

function reference(source: string): RE2JS | null {
  try {
    return RE2JS.compile(source);
  } catch {
    // Not an expression: nothing to compare.
    return null;
  }
}

describe('a regular expression', () => {
  it('matches only values that hold the texts it is known to need', () => {
    fc.assert(
      fc.property(
        expression,
        fc.array(value, { minLength: 20, maxLength: 20 }),
        (source, values) => {
          const compiled = reference(source);
          if (compiled === null) return;
          const lists = requiredTexts(source).map((texts) => texts.map(foldCase));
          for (const each of values.filter((candidate) => compiled.test(candidate))) {
            const folded = foldCase(each);
            for (const texts of lists)
              expect(texts.some((text) => folded.includes(text))).toBe(true);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('means the same to the fast engine as to the general one, where the fast one takes it', () => {
    let taken = 0;
    fc.assert(
      fc.property(
        expression,
        fc.array(value, { minLength: 10, maxLength: 10 }),
        (source, values) => {
          const compiled = reference(source);
          const plain = compiled === null ? null : compilePlainRegex(source, noFlags);
          if (compiled === null || plain === null) return;
          taken += 1;
          for (const each of values)
            expect([source, each, plain(each)]).toEqual([source, each, compiled.test(each)]);
        },
      ),
      { numRuns: 3_000 },
    );
    expect(taken).toBeGreaterThan(100);
  });

  it.each([
    [
      '(set).*&&\\s?set.*(environment|invoke|\\$\\{?input)',
      [['environment', 'invoke', 'input'], ['set'], ['&&']],
    ],
    ['(Copy-Item|cpi) .{2,128} -Destination', [[' -Destination'], ['Copy-Item ', 'cpi ']]],
    ['ab+c', [['ab']].slice(1)],
    ['a|bcd', []],
    ['(?:x{0,2}|y)z', []],
    ['\\Qraw\\E', []],
    ['ab(?i)?$', []],
  ])('%s needs %j', (source, expected) => {
    const found = requiredTexts(source);
    for (const list of expected) expect(found.flat()).toEqual(expect.arrayContaining(list));
    if (expected.length === 0) expect(found).toEqual([]);
  });

  it.each(['\\s[a-f]{64}\\s', '\\\\[a-z]{1,32}\\.[a-z]{1,6}\\.["]', '"a*"'])(
    'without a choice is run by the fast engine: %s',
    (source) => {
      expect(compilePlainRegex(source, noFlags)).not.toBeNull();
    },
  );

  it.each([
    'a*a',
    '\\w+x\\w',
    '.*x',
    'a+b',
    '(a)b',
    'a|b',
    'x[a-z]{1,300}y',
    '\\bx',
    'a*?b',
    '[[:alpha:]]x',
  ])('with a choice, or one that could be slow, is left to the general engine: %s', (source) => {
    expect(compilePlainRegex(source, noFlags)).toBeNull();
  });

  it('takes time linear in a hostile value', () => {
    const { test } = compileRegex('"a*"', noFlags);
    const hostile = '"'.concat('a'.repeat(60_000)).repeat(1);
    const startedAt = performance.now();
    for (let round = 0; round < 20; round += 1) expect(test(hostile)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
