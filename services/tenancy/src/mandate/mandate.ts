/** How far we may go, each including the ones before. */
export const responseModes = ['NOTIFY', 'COLLABORATE', 'AUTHORIZE'] as const;

export type ResponseMode = (typeof responseModes)[number];

/** What deciding needs of a mandate. */
export interface MandateTerms {
  readonly mandateId: string;
  readonly highestMode: ResponseMode;
  /** Whether we may act when nobody is reached. */
  readonly mayActUnanswered: boolean;
  /** Whether the customer's indicators may be shared with others. */
  readonly sharesIndicators: boolean;
  readonly validFrom: Date;
  /** Null until it is revoked. */
  readonly validUntil: Date | null;
}

/** A customer's recorded authorisation. */
export interface Mandate extends MandateTerms {
  readonly customerId: string;
  /** Counts the customer's mandates in the order in which they were recorded, from 1. */
  readonly number: number;
  readonly signatoryName: string;
  readonly signatoryTitle: string | null;
  readonly signatoryEmail: string | null;
  /** SHA-256 of the signed document, in hexadecimal. */
  readonly documentSha256: string;
  readonly recordedAt: Date;
  readonly recordedBy: string;
  readonly revokedAt: Date | null;
}

/** What says when a mandate holds. */
export type MandateTimes = Pick<Mandate, 'number' | 'validFrom' | 'validUntil' | 'revokedAt'>;

/**
 * The mandate in force at an instant. From its first day on a mandate replaces all recorded before it,
 * for good: one that ran out or was revoked leaves none in force, since what an older one allowed was
 * taken back when it was signed. One that was revoked before its first day has replaced nothing.
 * @param mandates of one customer, in any order
 */
export function mandateInForce<Recorded extends MandateTimes>(
  mandates: readonly Recorded[],
  at: Date,
): Recorded | null {
  const begun = mandates.filter(
    ({ validFrom, revokedAt }) => validFrom <= at && (revokedAt === null || revokedAt > validFrom),
  );
  const latest = begun.reduce<Recorded | null>(
    (found, each) => (found === null || each.number > found.number ? each : found),
    null,
  );
  if (latest === null) return null;
  const isOver = [latest.revokedAt, latest.validUntil].some((end) => end !== null && end <= at);
  return isOver ? null : latest;
}

/** When time alone may next change which mandate is in force; null: never. */
export function nextMandateChange(mandates: readonly MandateTimes[], after: Date): Date | null {
  const instants = mandates
    .filter(({ revokedAt }) => revokedAt === null)
    .flatMap(({ validFrom, validUntil }) => [validFrom, ...(validUntil ? [validUntil] : [])])
    .filter((instant) => instant > after);
  return instants.reduce<Date | null>(
    (earliest, each) => (earliest === null || each < earliest ? each : earliest),
    null,
  );
}

/** How far a mode is within what the mandate allows; without a mandate it is NOTIFY. */
export function lowerToMandate(
  mode: ResponseMode,
  mandate: Pick<MandateTerms, 'highestMode'> | null,
): ResponseMode {
  const highest = responseModes.indexOf(mandate?.highestMode ?? 'NOTIFY');
  return responseModes.indexOf(mode) <= highest ? mode : (mandate?.highestMode ?? 'NOTIFY');
}
