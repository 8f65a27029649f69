import type { CorrelationCondition } from '../reading/correlation-condition.ts';
import type { RuleHead, SigmaRule } from '../reading/rule.ts';

export const CORRELATION_TYPES = [
  ...(['event_count', 'value_count', 'value_sum', 'value_avg'] as const),
  ...(['value_percentile', 'value_median', 'temporal', 'temporal_ordered'] as const),
] as const;
export type CorrelationType = (typeof CORRELATION_TYPES)[number];

/** A correlation rule whose references are resolved. */
export interface SigmaCorrelation extends RuleHead {
  readonly type: CorrelationType;
  /** What it correlates, in the order of its `rules`. */
  readonly rules: readonly (SigmaRule | SigmaCorrelation)[];
  /** Events that are this far apart still belong together. */
  readonly timespanMs: number;
  /** Fields or aliases whose values keep events apart; none for one group of all events. */
  readonly groupBy: readonly string[];
  /** By place in `rules`: the field that each name of `groupBy` means in that rule's events. */
  readonly groupFields: readonly (readonly string[])[];
  readonly condition: CorrelationCondition;
  /** By name in an expression: the place in `rules`. */
  readonly places: ReadonlyMap<string, number>;
  /** False for one that only feeds other correlations. */
  readonly isAlert: boolean;
}

export function isCorrelation(rule: SigmaRule | SigmaCorrelation): rule is SigmaCorrelation {
  return !('logsource' in rule);
}

export function isTemporal(type: CorrelationType): boolean {
  return type === 'temporal' || type === 'temporal_ordered';
}
