import type { CorrelatorState, GroupState, SigmaCorrelation } from '@vedette/sigma';

/** How much later than its source's clock says the rest of a window may come, beside the rest of the stream. */
const slackMs = 60 * 60_000;

interface Standing {
  /** Tells whether the group has changed. */
  readonly mark: string;
  /** When it was first seen like this, by the receipt of telemetry. */
  readonly since: number;
}

/**
 * Finds the groups that can be let go of, or a state would only ever grow. They are told by how long nothing came for them, and
 * not by the age of their events: a laptop that was away hands in days at once, and a wrong clock is that of one host.
 */
export class IdleGroups {
  readonly #keepMs: ReadonlyMap<string, number>;
  #standing = new Map<string, Standing>();

  constructor(correlations: readonly SigmaCorrelation[]) {
    this.#keepMs = new Map(correlations.map(({ id, timespanMs }) => [id, timespanMs + slackMs]));
  }

  /** The state without the groups that have not changed for longer than their window. */
  sweep(state: CorrelatorState, receivedAt: number): CorrelatorState {
    const before = this.#standing;
    this.#standing = new Map();
    const correlations = state.correlations.map((correlation) => {
      const keepMs = this.#keepMs.get(correlation.id) ?? 0;
      const groups = correlation.groups.filter((group) => {
        const key = JSON.stringify([correlation.id, group.values]);
        const standing = standingOf(group, before.get(key), receivedAt);
        if (receivedAt - standing.since > keepMs) return false;
        this.#standing.set(key, standing);
        return true;
      });
      return { ...correlation, groups };
    });
    return { ...state, correlations };
  }
}

function standingOf(
  { ids }: GroupState,
  before: Standing | undefined,
  receivedAt: number,
): Standing {
  // A late event stands before the last one, and makes them more.
  const mark = `${ids.length} ${ids.at(-1) ?? ''}`;
  return before?.mark === mark ? before : { mark, since: receivedAt };
}
