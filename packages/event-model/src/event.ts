/** A value of a field: what JSON has for leaves, and lists of such. */
export type FieldValue = string | number | boolean | null | readonly FieldValue[];

/**
 * The fields of an event by the source's own names, which are what Sigma rules use (`Image`, `TargetUserName`).
 * A flat record without a prototype: a sender's key `__proto__` is data like any other.
 * Nested values of a source arrive here under dotted names (`host.os.name`).
 */
export type Fields = Readonly<Record<string, FieldValue>>;

/**
 * One normalised record of activity. The OCSF class stands beside the fields; OCSF, ECS and native
 * shapes are projections of it (see `toOcsf`, `toEcs`, `toNative`).
 */
export interface NormalisedEvent {
  /** The connector type that read the record (`windows-events`): whose names the fields have. */
  readonly source: string;
  /** Epoch milliseconds, UTC: the record's own time, else the time of receipt. */
  readonly occurredAt: number;
  /** OCSF 1.8.0 class; 0 is a valid record of unknown shape (`unmapped`). */
  readonly classUid: number;
  /** OCSF activity of the class; 0 unknown, 99 other. */
  readonly activityId: number;
  /** OCSF severity: 0 unknown, 1 informational, 2 low, 3 medium, 4 high, 5 critical, 6 fatal. */
  readonly severityId: number;
  /** What identifies the record at its source, stable over retries; absent where nothing does. */
  readonly sourceRef?: string;
  /** The host the activity was on, as the source spells it. */
  readonly hostname?: string;
  /** Who acted or signed in, `DOMAIN\user` where the source tells the domain. */
  readonly userName?: string;
  readonly fields: Fields;
}
