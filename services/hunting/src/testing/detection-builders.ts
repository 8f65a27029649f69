import { newId } from '@vedette/service-kit';
import type { Match } from '@vedette/sigma';
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
