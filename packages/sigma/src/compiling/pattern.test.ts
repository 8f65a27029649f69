import { describe, expect, it } from '@jest/globals';
import { ANY, compilePattern, DASH, ONE, parsePattern, withAnyDash } from './pattern.ts';

function matches(pattern: string, value: string): boolean {
  return compilePattern(parsePattern(pattern), { fold: true }).test(value.toLowerCase());
}

describe('a Sigma string', () => {
  it('takes a star as any run of characters and a question mark as one character', () => {
    expect(parsePattern('a*b?c')).toEqual(['a', ANY, 'b', ONE, 'c']);
    expect(matches('a*c?e', 'a--c-e')).toBe(true);
    expect(matches('a*c?e', 'ace')).toBe(false);
  });

  it('takes an escaped wildcard as the character itself', () => {
    expect(parsePattern(String.raw`a\*b\?`)).toEqual(['a*b?']);
  });

  it('takes two backslashes before a wildcard as one backslash and a live wildcard', () => {
    expect(parsePattern(String.raw`C:\\*`)).toEqual(['C:\\', ANY]);
    expect(parsePattern(String.raw`C:\\\*`)).toEqual([String.raw`C:\*`]);
  });

  it('takes a backslash before anything else as itself, also at the end', () => {
    expect(parsePattern(String.raw`C:\Windows` + '\\')).toEqual([String.raw`C:\Windows` + '\\']);
    expect(parsePattern(String.raw`\\\\server`)).toEqual([String.raw`\\server`]);
  });

  it('matches the whole value', () => {
    expect(matches('abc', 'abcd')).toBe(false);
    expect(matches('*bc', 'abc')).toBe(true);
    expect(matches('ab*', 'abc')).toBe(true);
    expect(matches('*b*', 'abc')).toBe(true);
    expect(matches('*', '')).toBe(true);
    expect(matches('', '')).toBe(true);
    expect(matches('', 'a')).toBe(false);
  });

  it('does not let the two ends of a value overlap', () => {
    expect(matches('ab*ba', 'aba')).toBe(false);
    expect(matches('ab*ba', 'abba')).toBe(true);
  });

  it('finds the middle pieces in their order', () => {
    expect(matches('*a*b*c*', 'xaxbxcx')).toBe(true);
    expect(matches('*a*b*c*', 'xcxbxax')).toBe(false);
    expect(matches('*?bc?*', 'bcabcd')).toBe(true);
    expect(matches('*?bc?*', 'bcabc')).toBe(false);
  });

  it('counts a character outside the basic plane as one', () => {
    expect(matches('a?b', 'a😀b')).toBe(true);
    expect(matches('a??b', 'a😀b')).toBe(false);
    expect(matches('*?', '😀')).toBe(true);
  });

  it('ignores case beyond ASCII, wherever a sigma stands', () => {
    const test = compilePattern(parsePattern('*ΟΔΟΣ*'), { fold: true });
    expect(test.test('οδοσ')).toBe(true);
  });
});

describe('windash', () => {
  it('frees the dash that starts a flag, not one inside a word or before a blank', () => {
    expect(withAnyDash(parsePattern(' -f a-b - /q'))).toEqual([' ', DASH, 'f a-b - ', DASH, 'q']);
  });

  it('works with wildcards beside it', () => {
    const test = compilePattern([ANY, ...withAnyDash(parsePattern('-a?-b')), ANY], { fold: true });
    expect(test.test('x /a–b y')).toBe(false);
    expect(test.test('x /a –b y')).toBe(true);
  });
});
