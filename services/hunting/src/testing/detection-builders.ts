import { newId } from '@vedette/service-kit';
import type { CorrelationMatch, Match } from '@vedette/sigma';
import type { Detection, MatchedEvent } from '../detection/detection.ts';

export const providerId = '0197d000-0000-7000-8000-000000000001';
export const customerId = '0197c000-0000-7000-8000-000000000001';
export const assetId = '0197a000-0000-5000-8000-000000000001';
export const occurredAt = new Date('2026-03-01T07:59:00.123Z');
export const receivedAt = new Date('2026-03-01T07:59:01Z');
export const detectedAt = new Date('2026-03-01T07:59:02Z');

/** What a detection takes over from an event. */
export function anEvent(changes: Partial<MatchedEvent> = {}): MatchedEvent {
  return {
    eventId: '0197ab00-0000-5000-8000-000000000001',
    customerId,
    providerId,
    assetId,
    hostName: 'WS-17',
    userName: 'EXAMPLE\\jo',
    occurredAt,
    receivedAt,
    ...changes,
  };
}

/** A match of a rule of ours; `changes` are those of the rule. */
export function aMatch(changes: Partial<Match['rule']> = {}, fields: Match['fields'] = []): Match {
  const rule = {
    id: '5c20793e-bd5f-4e2d-9683-aa07bb3c37bc',
    title: 'Windows event log cleared',
    author: 'Vedette',
    level: 'high',
    tags: ['attack.stealth', 'attack.t1070.001'],
    custom: {},
    ...changes,
  } as Match['rule'];
  return { rule, fields };
}

/** A correlation of ours that two events completed. */
export function aCorrelationMatch(changes: Partial<CorrelationMatch> = {}): CorrelationMatch {
  const correlation = {
    id: 'b3b0c1de-58a1-4c12-9d0c-0e6a1f6b2a11',
    title: 'Many failed sign-ins',
    author: 'Vedette',
    level: 'medium',
    tags: ['attack.credential-access', 'attack.t1110.003'],
    custom: { signal_strength: 'strong' },
    groupBy: ['IpAddress', 'Computer'],
  } as Partial<CorrelationMatch['correlation']> as CorrelationMatch['correlation'];
  return {
    correlation,
    group: { IpAddress: '10.0.0.7', Computer: 'DC-1' },
    firstAt: Date.parse('2026-03-01T07:57:00Z'),
    lastAt: Date.parse('2026-03-01T07:58:00Z'),
    value: 2,
    eventCount: 2,
    eventIds: ['0197ab00-0000-5000-8000-000000000001', '0197ab00-0000-5000-8000-000000000002'],
    rules: [],
    ...changes,
  };
}

/** A detection like no other, unless its id is given. */
export function aDetection(changes: Partial<Detection> = {}): Detection {
  return {
    detectionId: newId(),
    customerId,
    providerId,
    ruleId: '5c20793e-bd5f-4e2d-9683-aa07bb3c37bc',
    ruleTitle: 'Windows event log cleared',
    ruleAuthor: 'Vedette',
    severity: 'HIGH',
    signalStrength: 'WEAK',
    techniqueIds: ['T1070.001'],
    eventIds: ['0197ab00-0000-5000-8000-000000000001'],
    matchedFields: [{ name: 'EventID', value: '1102' }],
    assetId,
    hostName: 'WS-17',
    userName: 'EXAMPLE\\jo',
    occurredAt,
    receivedAt,
    detectedAt,
    ...changes,
  };
}
