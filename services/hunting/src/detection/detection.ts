import { uuidV5 } from '@vedette/event-model';
import type { CorrelationMatch, Level, Match, RuleHead } from '@vedette/sigma';
import { readGuidance } from '../rule/rule.ts';
import type { SignalStrength } from '../rule/rule.ts';
import { techniqueIdsOf } from '../technique/technique.ts';

/** Sigma's levels, from least to most severe. */
export const detectionSeverities = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type DetectionSeverity = (typeof detectionSeverities)[number];

/** A rule matched one or more telemetry events. */
export interface Detection {
  readonly detectionId: string;
  readonly customerId: string;
  readonly providerId: string;
  readonly ruleId: string;
  readonly ruleTitle: string;
  readonly ruleAuthor: string | null;
  readonly severity: DetectionSeverity;
  readonly signalStrength: SignalStrength;
  readonly techniqueIds: readonly string[];
  readonly eventIds: readonly string[];
  readonly matchedFields: readonly MatchedField[];
  readonly assetId: string | null;
  readonly hostName: string | null;
  readonly userName: string | null;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
  readonly detectedAt: Date;
}

export interface MatchedField {
  readonly name: string;
  readonly value: string;
}

/** What a detection takes over from the event that matched. */
export interface MatchedEvent {
  readonly eventId: string;
  readonly customerId: string;
  readonly providerId: string;
  readonly assetId: string;
  readonly hostName: string;
  readonly userName: string;
  readonly occurredAt: Date;
  readonly receivedAt: Date;
}

export const severityByLevel: Readonly<Record<Level, DetectionSeverity>> = {
  informational: 'INFORMATIONAL',
  low: 'LOW',
  medium: 'MEDIUM',
  high: 'HIGH',
  critical: 'CRITICAL',
};

/**
 * The detection that a match is. Its id is derived from customer, rule and event: the same match,
 * however often it is made, is one detection.
 */
export function toDetection(event: MatchedEvent, match: Match, detectedAt: Date): Detection {
  const { rule, fields } = match;
  return {
    ...about(event, rule, detectedAt),
    detectionId: uuidV5(event.customerId, `detection:${rule.id}:${event.eventId}`),
    eventIds: [event.eventId],
    matchedFields: fields.map(({ field, value }) => toMatchedField(field, value)),
    occurredAt: event.occurredAt,
  };
}

/**
 * The detection that a completed correlation is: of several events, on the asset of the one that completed
 * it. Its id is derived from customer, correlation, group and the first event that it names.
 */
export function toCorrelationDetection(
  event: MatchedEvent,
  match: CorrelationMatch,
  detectedAt: Date,
): Detection {
  const { correlation, group, eventIds, lastAt } = match;
  const values = correlation.groupBy.map((name) => group[name] ?? '');
  // As JSON, so that no two groups are written the same.
  const key = `${correlation.id}:${JSON.stringify(values)}:${eventIds[0] ?? event.eventId}`;
  return {
    ...about(event, correlation, detectedAt),
    detectionId: uuidV5(event.customerId, `correlation:${key}`),
    eventIds,
    matchedFields: correlation.groupBy.map((name, n) => toMatchedField(name, values[n] ?? '')),
    occurredAt: new Date(lastAt),
  };
}

type About = Omit<Detection, 'detectionId' | 'eventIds' | 'matchedFields' | 'occurredAt'>;

/** What a detection takes over from its rule, and from the event at which it was made. */
function about(event: MatchedEvent, rule: RuleHead, detectedAt: Date): About {
  return {
    customerId: event.customerId,
    providerId: event.providerId,
    ruleId: rule.id,
    ruleTitle: rule.title,
    ruleAuthor: rule.author ?? null,
    severity: severityByLevel[rule.level],
    signalStrength: readGuidance(rule).signalStrength,
    techniqueIds: techniqueIdsOf(rule.tags),
    assetId: event.assetId || null,
    hostName: toStorable(event.hostName) || null,
    userName: toStorable(event.userName) || null,
    receivedAt: event.receivedAt,
    detectedAt,
  };
}

function toMatchedField(name: string, value: string): MatchedField {
  return { name, value: toStorable(value.slice(0, 1_024)) };
}

/** Text as PostgreSQL can hold it: without NUL, and without half a character where it was cut. */
function toStorable(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}
