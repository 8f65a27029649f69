import { describe, expect, it } from '@jest/globals';
import { readGuidance } from './rule.ts';

describe("a rule's guidance", () => {
  it('is what its own keys say', () => {
    const custom = { signal_strength: 'strong', first_steps: ['Look at the parent.', 'Ask.'] };
    expect(readGuidance({ custom })).toEqual({
      signalStrength: 'STRONG',
      firstSteps: ['Look at the parent.', 'Ask.'],
    });
  });

  it('is weak and without steps where the rule says nothing, or nothing sensible', () => {
    const nothing = { signalStrength: 'WEAK', firstSteps: [] };
    expect(readGuidance({ custom: {} })).toEqual(nothing);
    expect(readGuidance({ custom: { signal_strength: 7, first_steps: 'run' } })).toEqual(nothing);
    expect(readGuidance({ custom: { first_steps: [{ a: 1 }] } })).toEqual(nothing);
  });
});
