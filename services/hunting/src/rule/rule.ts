import type { RuleHead } from '@vedette/sigma';

/** `STRONG`: confirmed malicious. `WEAK`: needs its surroundings. */
export type SignalStrength = 'STRONG' | 'WEAK';

/** What a rule says beyond Sigma, see `rules/README.md`. */
export interface Guidance {
  readonly signalStrength: SignalStrength;
  /** What to do first, in order. */
  readonly firstSteps: readonly string[];
}

/** Reads a rule's own keys. A rule that does not say, as those of others, is weak and without steps. */
export function readGuidance({ custom }: Pick<RuleHead, 'custom'>): Guidance {
  const { signal_strength: strength, first_steps: steps } = custom;
  return {
    signalStrength: strength === 'strong' ? 'STRONG' : 'WEAK',
    firstSteps: Array.isArray(steps)
      ? steps.filter((step): step is string => typeof step === 'string')
      : [],
  };
}
