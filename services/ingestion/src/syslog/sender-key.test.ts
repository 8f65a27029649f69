import { describe, expect, it } from '@jest/globals';
import { takeSenderKey } from './sender-key.ts';

const head = '<30>1 2026-03-01T10:00:00Z fw.example app - - ';

describe('a sensor key in the structured data of a line', () => {
  it.each([
    ['alone', `${head}[vedette@32473 key="vsk_a_b_c"] body`, `${head}- body`],
    [
      'before another element',
      `${head}[vedette@32473 key="vsk_a_b_c"][x@1 a="b"] body`,
      `${head}[x@1 a="b"] body`,
    ],
    [
      'behind one with brackets in its values',
      `${head}[x@1 a="\\]\\"" b="]["][vedette@32473 key="vsk_a_b_c"] body`,
      `${head}[x@1 a="\\]\\"" b="]["] body`,
    ],
  ])('is taken out of it: %s', (_, text, kept) => {
    expect(takeSenderKey(text)).toEqual({ key: 'vsk_a_b_c', text: kept });
  });

  it('is none when it is written otherwise, and nothing of it is kept', () => {
    const { key, text } = takeSenderKey(`${head}[vedette@32473 token="vsk_a_b_c"] body`);
    expect([key, text]).toEqual(['', `${head}- body`]);
  });

  it.each([
    ['a message', `${head}- url=/[vedette@32473 key="vsk_a_b_c"]`],
    ['a value', `${head}[x@1 a="[vedette@32473 key=\\"vsk_a_b_c\\"\\]"] body`],
    ['a line of RFC 3164', '<30>Mar  1 10:00:00 fw app: [vedette@32473 key="vsk_a_b_c"]'],
    ['an element that does not end', `${head}[x@1 a="b" [vedette@32473 key="vsk_a_b_c"`],
    ['a line without priority', '[vedette@32473 key="vsk_a_b_c"] body'],
  ])('counts for nothing in %s: anybody can have written it there', (_, text) => {
    expect(takeSenderKey(text)).toEqual({ key: null, text });
  });

  it('is found in no time however long and odd the line is', () => {
    const odd = `${head}${'[a@1 b="\\"]"]'.repeat(4_000)}[vedette@32473 key="`;
    const began = performance.now();
    expect(takeSenderKey(odd).key).toBeNull();
    expect(performance.now() - began).toBeLessThan(200);
  });
});
