import type { NormalisedEvent } from '@vedette/event-model';
import type { z } from 'zod';

/** A record as its source made it: parsed JSON, or the parts of a line of text. */
export type JsonRecord = Readonly<Record<string, unknown>>;

/** What people set for a connector, checked by its definition's schema. */
export type ConnectorSettings = Readonly<Record<string, unknown>>;

/** Why a record is not taken: a code for machines, a sentence for people that quotes nothing of the record. */
export interface RecordProblem {
  readonly code: string;
  readonly message: string;
}

/** A kind of source that we can read: how its records come, and what they become. */
export interface ConnectorDefinition {
  /** What it watches. All but `ENDPOINT` is enhanced telemetry; `ANY` is for formats that any source may write. */
  readonly family: 'ENDPOINT' | 'NETWORK' | 'CLOUD' | 'IDENTITY' | 'ANY';
  /** The doors its records may come through, and whether we fetch them. */
  readonly deliveries: readonly ('HTTP' | 'SYSLOG' | 'OSQUERY' | 'POLL')[];
  /** What people may set: a strict object. */
  readonly settings: z.ZodType;
  /** What we sign in with at the source: a strict object. Absent where we never call it. */
  readonly credentials?: z.ZodType;
  /**
   * Reads a line that is not JSON; null where such a line is no record. Never throws. A source of text lines takes
   * any: an unknown one is `{ message }`. Absent: only JSON is read.
   */
  readonly readText?: (text: string) => JsonRecord | null;
  /** The records of an object that holds many; null where it is one record. */
  readonly unwrap?: (record: JsonRecord) => readonly JsonRecord[] | null;
  /** Why a record is not this connector's to take, such as another cloud account's; null where it is. */
  readonly refuse?: (record: JsonRecord, settings: ConnectorSettings) => RecordProblem | null;
  /**
   * The event of a record. Never throws for an object: an unknown shape is class 0, `unmapped`.
   * @param receivedAt epoch milliseconds; the event's time where the record tells none
   */
  readonly parse: (
    record: JsonRecord,
    receivedAt: number,
    settings: ConnectorSettings,
  ) => NormalisedEvent;
}
