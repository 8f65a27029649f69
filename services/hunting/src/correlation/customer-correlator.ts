import { createCorrelator } from '@vedette/sigma';
import type {
  CorrelationMatch,
  Correlator,
  CorrelatorCounts,
  CorrelatorState,
  Match,
  RuleSet,
  SigmaEvent,
} from '@vedette/sigma';
import type { MatchedEvent } from '../detection/detection.ts';
import { IdleGroups } from './idle-groups.ts';

/**
 * What is kept of a customer for each correlation. A state is written whole with every batch that counts:
 * 20,000 events are about two megabytes, which take a tenth of a second; a small state takes two or three
 * milliseconds. A count that needs more gets more.
 */
export const correlatorBounds = {
  maxGroups: 10_000,
  maxEventsPerGroup: 1_000,
  maxEvents: 20_000,
} as const;

/** How often groups that nothing comes for are looked for, by the receipt of telemetry. */
const sweepEveryMs = 10 * 60_000;

/** A telemetry event and what it matched. */
export interface MatchedTelemetry {
  readonly event: MatchedEvent;
  readonly fields: SigmaEvent;
  readonly matches: readonly Match[];
}

/**
 * Runs the correlations of one customer. What the engine takes for granted is seen to here: that an event
 * comes once (a sender repeats what it is not sure of, in another batch), and that groups end.
 */
export class CustomerCorrelator {
  readonly #rules: RuleSet;
  readonly #idle: IdleGroups;
  #correlator: Correlator;
  #seen: Set<string>;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(rules: RuleSet) {
    this.#rules = rules;
    this.#idle = new IdleGroups(rules.correlations);
    this.#correlator = createCorrelator(rules, correlatorBounds);
    this.#seen = new Set();
  }

  get counts(): CorrelatorCounts {
    return this.#correlator.counts;
  }

  /** Goes on from a saved state, or from nothing, whatever was observed before. */
  restore(state: CorrelatorState | undefined): void {
    const saved = state === undefined ? {} : { state };
    this.#correlator = createCorrelator(this.#rules, { ...correlatorBounds, ...saved });
    this.#seen = new Set(idsIn(state));
  }

  hasSeen({ event }: MatchedTelemetry): boolean {
    return this.#seen.has(event.eventId);
  }

  /** The correlations that the event completes; none where it has been observed before. */
  observe({ event, fields, matches }: MatchedTelemetry): readonly CorrelationMatch[] {
    const { eventId: id, occurredAt } = event;
    if (this.#seen.has(id)) return [];
    this.#seen.add(id);
    return this.#correlator.observe({ event: fields, matches, time: occurredAt.getTime(), id });
  }

  /** All that is kept, at the time when the last observed event was received. */
  save(receivedAt: Date): CorrelatorState {
    const state = this.#correlator.save();
    if (receivedAt.getTime() - this.#sweptAt < sweepEveryMs) return state;
    this.#sweptAt = receivedAt.getTime();
    const swept = this.#idle.sweep(state, receivedAt.getTime());
    this.restore(swept);
    return swept;
  }
}

/** The events that still count for something. */
function idsIn(state: CorrelatorState | undefined): string[] {
  return (state?.correlations ?? []).flatMap(({ groups }) => groups.flatMap(({ ids }) => ids));
}
