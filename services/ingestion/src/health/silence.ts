import { InvalidInputError } from '@vedette/service-kit';

/** What is known of a connector that has reported at least once. */
export interface Watch {
  /** When the latest of its events was received, by our clock. */
  readonly lastReceivedAt: Date;
  /** From when on its silence counts: a pause before does not. */
  readonly watchedFrom: Date;
  /** Since when it has been told to be silent; null while it reports. */
  readonly silentSince: Date | null;
}

/** What decides whether a connector's silence matters. */
export interface SilenceRules {
  readonly isPaused: boolean;
  /** False once the service for its customer has ended. */
  readonly isServed: boolean;
  readonly silentAfterMinutes: number;
}

/** Bounds of what people may set. */
export const silenceMinutes = { min: 5, max: 10_080 } as const;

/** @throws {InvalidInputError} out of five minutes to a week */
export function parseSilentAfterMinutes(minutes: number | null | undefined): number | null {
  if (minutes === null || minutes === undefined) return null;
  if (minutes >= silenceMinutes.min && minutes <= silenceMinutes.max) return minutes;
  throw new InvalidInputError(
    `A connector is silent after ${silenceMinutes.min} to ${silenceMinutes.max} minutes.`,
    [{ path: 'input.silentAfterMinutes', problem: 'out of range' }],
  );
}

const usualMinutes = 60;
/** Sources that speak only when something is wrong are quiet for a day and more. */
const usualMinutesOfAlerts = 2_880;
const alertSources: ReadonlySet<string> = new Set([
  'aws-guardduty',
  'cloud-optix',
  'sophos-central',
]);

/** After how many minutes without an event a connector counts as silent: what people set, else what is usual. */
export function silentAfterMinutes(type: string, isSet: number | null): number {
  return isSet ?? (alertSources.has(type) ? usualMinutesOfAlerts : usualMinutes);
}

/**
 * Whether a connector falls silent.
 * @param knownUntil everything that was received before is stored, and so is in `watch`
 * @returns since when nothing has come; null when it is not silent, or has been told to be so before
 */
export function beginsSilence(watch: Watch, rules: SilenceRules, knownUntil: Date): Date | null {
  if (rules.isPaused || !rules.isServed || watch.silentSince !== null) return null;
  const quietFrom = Math.max(watch.lastReceivedAt.getTime(), watch.watchedFrom.getTime());
  const isSilent = knownUntil.getTime() - quietFrom >= rules.silentAfterMinutes * 60_000;
  return isSilent ? watch.lastReceivedAt : null;
}

/**
 * Whether events end a silence. One that was received before it and stored only now does not: it says nothing about
 * the time since.
 * @param receivedAts when they were received
 * @returns when the first event after the silence was received; null when it goes on
 */
export function endsSilence(silentSince: Date | null, receivedAts: readonly Date[]): Date | null {
  if (silentSince === null) return null;
  const after = receivedAts.filter((at) => at > silentSince).toSorted((a, b) => +a - +b);
  return after[0] ?? null;
}
