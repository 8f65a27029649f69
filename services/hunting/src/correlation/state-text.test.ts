import { describe, expect, it } from '@jest/globals';
import type { CorrelatorState } from '@vedette/sigma';
import { fromStateText, toStateText } from './state-text.ts';

function stateWith(...values: readonly string[]): CorrelatorState {
  const group = { values, times: [1.5], ids: ['a'], marks: [0], measured: [...values, 7] };
  const counts = { late: 0, evicted: 0, cut: 0 };
  const correlation = { id: 'c', digest: 'd', ...counts, groups: [group] };
  return { version: 1, undated: 0, correlations: [correlation] };
}

describe('the text of a state', () => {
  it('is its JSON, as long as jsonb can hold that', () => {
    const state = stateWith('10.0.0.7', 'Zoë 🦊', '"escaped"', '\\u0000', '\n');
    expect(toStateText(state)).toBe(JSON.stringify(state));
    expect(fromStateText(toStateText(state))).toEqual(state);
  });

  it('holds NUL and halves of characters in a way that jsonb takes, and gives them back', () => {
    const state = stateWith('a\0b', 'a\uFFFDb', 'a\uD83Eb', 'a\uDD8Ab', 'a', '🦊');
    const text = toStateText(state);
    // What jsonb refuses: an escape that a backslash of its own does not take the meaning of.
    expect(text.replaceAll('\\\\', '')).not.toMatch(/\\u(0000|d[89a-f])/);
    expect(fromStateText(text)).toEqual(state);
  });
});
