import { describe, expect, it } from '@jest/globals';
import { compileRules, recordEvent } from '../index.ts';
import { compiled, EVERY_EVENT, refusalOf } from '../testing/rule-builders.ts';

const GLOBAL = `action: global
title: Shared
author: A. Uthor
id: one
logsource: {category: test}
detection: {condition: s}
---
`;

function titlesFor(text: string, event: Readonly<Record<string, unknown>>): readonly string[] {
  return compiled(text)
    .match(recordEvent(event))
    .map(({ rule }) => rule.title);
}

describe('a collection', () => {
  it('gives what is global to the rules that follow, and the global wins', () => {
    const text = `${GLOBAL}title: own\ndetection: {s: {A: 1}}\n---\nlevel: high\ndetection: {s: {A: 2}}\n`;
    const { rules } = compiled(text);
    expect(rules).toMatchObject([
      { title: 'Shared', author: 'A. Uthor', level: 'medium' },
      { title: 'Shared', author: 'A. Uthor', level: 'high' },
    ]);
    expect(titlesFor(text, { A: 2 })).toEqual(['Shared']);
    expect(titlesFor(text, { A: 3 })).toEqual([]);
  });

  it('tells rules that share an id apart by their number in the file', () => {
    const text = `${GLOBAL}detection: {s: {A: 1}}\n---\ndetection: {s: {A: 2}}\n`;
    expect(compiled(text).rules.map(({ id }) => id)).toEqual(['one', 'one#3']);
  });

  it('forgets what was global after a reset', () => {
    const own = 'title: own\nlogsource: {category: test}\ndetection: {t: {A: 1}, condition: t}\n';
    expect(titlesFor(`${GLOBAL}action: reset\n---\n${own}`, { A: 1 })).toEqual(['own']);
  });

  it('repeats the rule before with changes, deep in its maps', () => {
    const first =
      'title: first\nlogsource: {category: test}\ndetection: {s: {A: 1, B: 1}, condition: s}\n';
    const text = `${first}---\naction: repeat\ntitle: second\ndetection: {s: {A: 2}}\n`;
    expect(titlesFor(text, { A: 1, B: 1 })).toEqual(['first']);
    expect(titlesFor(text, { A: 2, B: 1 })).toEqual(['second']);
    expect(titlesFor(text, { A: 2 })).toEqual([]);
  });

  it.each([
    ['action: repeat\ntitle: t', "'action: repeat' has no document before it"],
    ['action: upgrade\ntitle: t', "'action' is none of global, reset, repeat"],
    ['action: global\ntitle: t', 'the file holds no rule'],
  ])('is refused: %j', (text, reason) => {
    expect(refusalOf(text)).toMatchObject({ line: 1, reason });
  });

  it('is merged in bounded time', () => {
    const values = Array.from({ length: 8_000 }, (_, i) => `  k${String(i)}: ${String(i)}\n`);
    const big = `action: global\ntitle: t\nlogsource: {category: test}\nx:\n${values.join('')}---\n`;
    const text = big + 'detection: {s: {A: 1}, condition: s}\n---\n'.repeat(400);
    const { refused } = compileRules([{ file: 'r.yml', text }], { logsources: EVERY_EVENT });
    expect(refused.some(({ reason }) => reason.includes('more than 200000 values'))).toBe(true);
  });
});
