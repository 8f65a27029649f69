/** What is known of a connector now. */
export interface HealthFacts {
  readonly isPaused: boolean;
  /** Null while it has never reported. */
  readonly lastEventAt: Date | null;
  readonly lastReceivedAt: Date | null;
  readonly lagMs: number | null;
  readonly silentSince: Date | null;
  readonly silentAfterMinutes: number;
  readonly eventsThisHour: number;
  readonly eventsHourBefore: number;
  /** Of the last 24 hours. */
  readonly events: number;
  readonly unmappedEvents: number;
  readonly rejectedCount: number;
  readonly pushedOutCount: number;
  /** The latest record of the last 24 hours that waits in quarantine. */
  readonly rejection: { readonly message: string; readonly at: Date } | null;
}

/** How far the fetching of one feed is. */
export interface PollFacts {
  readonly nextPollAt: Date;
  readonly lastError: string | null;
}

export type ConnectorStatus = 'WAITING' | 'REPORTING' | 'SILENT' | 'FAILING' | 'PAUSED';

/** How a connector is, for people. */
export interface ConnectorHealth {
  readonly status: ConnectorStatus;
  readonly lastEventAt: Date | null;
  readonly lastReceivedAt: Date | null;
  readonly silentSince: Date | null;
  readonly silentAfterMinutes: number;
  readonly lagSeconds: number | null;
  readonly eventsPerMinute: number;
  readonly unmappedShare: number | null;
  readonly rejectedCount: number;
  readonly pushedOutCount: number;
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  readonly nextPollAt: Date | null;
}

/** @param polls none where the source sends by itself */
export function toConnectorHealth(
  facts: HealthFacts,
  polls: readonly PollFacts[],
  now: Date,
): ConnectorHealth {
  const { lastEventAt, lastReceivedAt, silentSince, silentAfterMinutes } = facts;
  const pollError = polls.find(({ lastError }) => lastError !== null)?.lastError ?? null;
  const next = Math.min(...polls.map(({ nextPollAt }) => nextPollAt.getTime()));
  return {
    status: statusOf(facts, pollError !== null),
    ...{ lastEventAt, lastReceivedAt, silentSince, silentAfterMinutes },
    lagSeconds: facts.lagMs === null ? null : facts.lagMs / 1_000,
    eventsPerMinute: eventsPerMinute(facts, now),
    unmappedShare: facts.events === 0 ? null : facts.unmappedEvents / facts.events,
    rejectedCount: facts.rejectedCount,
    pushedOutCount: facts.pushedOutCount,
    lastError: pollError ?? facts.rejection?.message ?? null,
    lastErrorAt: pollError === null ? (facts.rejection?.at ?? null) : null,
    nextPollAt: polls.length === 0 || facts.isPaused ? null : new Date(next),
  };
}

/** A failure explains a silence, and a pause explains both. */
function statusOf(
  { isPaused, lastReceivedAt, silentSince }: HealthFacts,
  isFailing: boolean,
): ConnectorStatus {
  if (isPaused) return 'PAUSED';
  if (isFailing) return 'FAILING';
  if (lastReceivedAt === null) return 'WAITING';
  return silentSince === null ? 'REPORTING' : 'SILENT';
}

/**
 * The rate over the last sixty minutes. Counts are by the hour, so of the hour before a share is taken as if its events
 * had come evenly.
 */
function eventsPerMinute({ eventsThisHour, eventsHourBefore }: HealthFacts, now: Date): number {
  const minutesOfHourBefore = 60 - (now.getTime() % 3_600_000) / 60_000;
  return (eventsThisHour + (eventsHourBefore * minutesOfHourBefore) / 60) / 60;
}
