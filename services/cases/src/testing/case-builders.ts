import type { Case, DetectionFacts } from '../case/case.ts';

export const providerId = '0197d000-0000-7000-8000-000000000001';
export const customerId = '0197c000-0000-7000-8000-000000000001';
export const assetId = '0197a000-0000-5000-8000-000000000001';
export const openedAt = new Date('2026-03-01T08:00:00Z');

/** A case as it is right after its first detection. */
export function aCase(changes: Partial<Case> = {}): Case {
  return {
    caseId: '0197e000-0000-7000-8000-000000000001',
    customerId,
    providerId,
    groupingKey: `asset:${assetId}`,
    title: 'Credentials dumped on WS-17',
    status: 'NEW',
    severity: 'HIGH',
    verdict: null,
    assigneeId: null,
    detectionCount: 1,
    openedAt,
    updatedAt: openedAt,
    version: 1,
    ...changes,
  };
}

export function aDetection(changes: Partial<DetectionFacts> = {}): DetectionFacts {
  return {
    detectionId: '0197f000-0000-5000-8000-000000000001',
    customerId,
    providerId,
    ruleId: '5c20793e-0000-4000-8000-000000000001',
    ruleTitle: 'Credentials dumped',
    severity: 'HIGH',
    techniqueIds: ['T1003.001'],
    assetId,
    hostName: 'WS-17',
    occurredAt: new Date('2026-03-01T07:59:00Z'),
    ...changes,
  };
}
