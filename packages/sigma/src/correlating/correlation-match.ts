import type { SigmaCorrelation } from './correlation.ts';
import type { Group } from './group.ts';
import { placesIn } from './measure.ts';
import type { RuleHead } from '../reading/rule.ts';

/** A correlation that was completed. Its author and id belong wherever it is shown. */
export interface CorrelationMatch {
  readonly correlation: SigmaCorrelation;
  /** By `group-by` name the value that the events have in common. */
  readonly group: Readonly<Record<string, string>>;
  readonly firstAt: number;
  readonly lastAt: number;
  /** What was measured: a count, a sum, an average, a percentile, or how many rules were seen. */
  readonly value: number;
  /** How many events the window holds, and the ids of the newest hundred of them, oldest first. */
  readonly eventCount: number;
  readonly eventIds: readonly string[];
  /** The rules (or correlations) that the events matched. */
  readonly rules: readonly RuleHead[];
}

const MAX_SHOWN_EVENTS = 100;

/** What there is to say of a window of a group; the indexes are of its first and last event. */
export function toCorrelationMatch(
  correlation: SigmaCorrelation,
  group: Group,
  from: number,
  to: number,
  value: number,
): CorrelationMatch {
  const places = new Set(placesIn(correlation, group, from, to));
  return {
    correlation,
    group: Object.fromEntries(
      correlation.groupBy.map((name, index) => [name, group.values[index] ?? '']),
    ),
    firstAt: group.timeAt(from),
    lastAt: group.timeAt(to),
    value,
    eventCount: to - from + 1,
    eventIds: group.ids.slice(Math.max(from, to + 1 - MAX_SHOWN_EVENTS), to + 1),
    rules: correlation.rules.filter((_, place) => places.has(place)),
  };
}
