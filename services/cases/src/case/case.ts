import { IllegalStateError, InvalidInputError } from '@vedette/service-kit';

/** OCSF's incident states, in the order of a case's life. */
export const caseStatuses = ['NEW', 'IN_PROGRESS', 'ON_HOLD', 'RESOLVED', 'CLOSED'] as const;
export type CaseStatus = (typeof caseStatuses)[number];

/** From least to most severe. */
export const caseSeverities = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const;
export type CaseSeverity = (typeof caseSeverities)[number];

export type CaseVerdict = 'MALICIOUS' | 'BENIGN_TRUE_POSITIVE' | 'FALSE_POSITIVE' | 'INCONCLUSIVE';

/** The unit of investigation: one ongoing condition of one customer. */
export interface Case {
  readonly caseId: string;
  readonly customerId: string;
  readonly providerId: string;
  /** What makes further detections belong to this case while it is open. */
  readonly groupingKey: string;
  readonly title: string;
  readonly status: CaseStatus;
  readonly severity: CaseSeverity;
  readonly verdict: CaseVerdict | null;
  readonly assigneeId: string | null;
  readonly detectionCount: number;
  readonly openedAt: Date;
  readonly updatedAt: Date;
  /** How many changes the case has seen; the first is its opening. */
  readonly version: number;
}

/** What a case must know of a detection to be about it. */
export interface DetectionFacts {
  readonly detectionId: string;
  readonly customerId: string;
  readonly providerId: string;
  readonly ruleId: string;
  readonly ruleTitle: string;
  readonly severity: 'INFORMATIONAL' | CaseSeverity;
  readonly techniqueIds: readonly string[];
  /** Absent where the detection names no host. */
  readonly assetId?: string;
  readonly hostName?: string;
  readonly occurredAt: Date;
}

/** One thing that happened to a case: a timeline entry and an event of the same version. */
export type CaseChange =
  | { readonly kind: 'OPENED'; readonly opened: Case; readonly detection: DetectionFacts }
  | { readonly kind: 'DETECTION_JOINED'; readonly detection: DetectionFacts }
  | {
      readonly kind: 'SEVERITY_RAISED';
      readonly from: CaseSeverity;
      readonly to: CaseSeverity;
      readonly title: string;
    }
  | { readonly kind: 'ASSIGNED'; readonly assigneeId: string }
  | {
      readonly kind: 'STATUS_CHANGED';
      readonly from: CaseStatus;
      readonly to: CaseStatus;
      readonly verdict: CaseVerdict | null;
    };

/** States in which further detections join. A resolved case has its verdict: what follows is new. */
export const joinableStatuses: readonly CaseStatus[] = ['NEW', 'IN_PROGRESS', 'ON_HOLD'];

const nextStatuses: Readonly<Record<CaseStatus, readonly CaseStatus[]>> = {
  NEW: ['IN_PROGRESS', 'RESOLVED'],
  IN_PROGRESS: ['ON_HOLD', 'RESOLVED'],
  ON_HOLD: ['IN_PROGRESS', 'RESOLVED'],
  RESOLVED: ['IN_PROGRESS', 'CLOSED'],
  CLOSED: ['IN_PROGRESS'],
};

/** Whether a detection is grave enough to be a case by itself. */
export function opensCase(detection: DetectionFacts): boolean {
  return detection.severity === 'HIGH' || detection.severity === 'CRITICAL';
}

/**
 * The condition that a detection is a sign of: what goes on on one asset is one condition; without an
 * asset, what one rule sees.
 */
export function groupingKeyOf(detection: DetectionFacts): string {
  return detection.assetId ? `asset:${detection.assetId}` : `rule:${detection.ruleId}`;
}

export function openCase(detection: DetectionFacts, caseId: string, now: Date): CaseChange {
  return {
    kind: 'OPENED',
    detection,
    opened: {
      caseId,
      customerId: detection.customerId,
      providerId: detection.providerId,
      groupingKey: groupingKeyOf(detection),
      title: titleOf(detection),
      status: 'NEW',
      severity: toCaseSeverity(detection.severity),
      verdict: null,
      assigneeId: null,
      detectionCount: 1,
      openedAt: now,
      updatedAt: now,
      version: 1,
    },
  };
}

/** A further detection of the same condition; a graver one raises the case and gives it its title. */
export function joinDetection(existing: Case, detection: DetectionFacts): CaseChange[] {
  const to = toCaseSeverity(detection.severity);
  const isGraver = caseSeverities.indexOf(to) > caseSeverities.indexOf(existing.severity);
  const joined: CaseChange = { kind: 'DETECTION_JOINED', detection };
  if (!isGraver) return [joined];
  const title = titleOf(detection);
  return [joined, { kind: 'SEVERITY_RAISED', from: existing.severity, to, title }];
}

/** Assigning to the present assignee changes nothing. @throws {IllegalStateError} the case is closed */
export function assignCase(existing: Case, assigneeId: string): CaseChange[] {
  if (existing.status === 'CLOSED') {
    throw new IllegalStateError('A closed case has no assignee; reopen it first.', {
      state: existing.status,
      attempted: 'assign',
    });
  }
  return existing.assigneeId === assigneeId ? [] : [{ kind: 'ASSIGNED', assigneeId }];
}

/**
 * Moves a case. Moving to the present state changes nothing.
 * @throws {InvalidInputError} RESOLVED without a verdict, or a verdict with another state
 * @throws {IllegalStateError} there is no such step in a case's life
 */
export function changeStatus(
  existing: Case,
  to: CaseStatus,
  verdict: CaseVerdict | null,
): CaseChange[] {
  if (to === 'RESOLVED' && !verdict) {
    throw new InvalidInputError('Resolving a case needs a verdict.', [
      { path: 'input.verdict', problem: 'missing' },
    ]);
  }
  if (to !== 'RESOLVED' && verdict) {
    throw new InvalidInputError('Only a resolved case has a verdict.', [
      { path: 'input.verdict', problem: `not allowed with ${to}` },
    ]);
  }
  // A verdict stays with a case that is closed and goes when it is reopened.
  const kept = to === 'CLOSED' ? existing.verdict : verdict;
  if (existing.status === to && existing.verdict === kept) return [];
  if (!nextStatuses[existing.status].includes(to)) {
    throw new IllegalStateError(`A case that is ${existing.status} cannot become ${to}.`, {
      state: existing.status,
      attempted: to,
    });
  }
  return [{ kind: 'STATUS_CHANGED', from: existing.status, to, verdict: kept }];
}

/** The case after a change. */
export function applyChange(before: Case | null, change: CaseChange, now: Date): Case {
  if (change.kind === 'OPENED') return change.opened;
  if (!before) throw new Error('only OPENED begins a case');
  const after = { ...before, version: before.version + 1, updatedAt: now };
  switch (change.kind) {
    case 'DETECTION_JOINED':
      return { ...after, detectionCount: before.detectionCount + 1 };
    case 'SEVERITY_RAISED':
      return { ...after, severity: change.to, title: change.title };
    case 'ASSIGNED':
      return { ...after, assigneeId: change.assigneeId };
    case 'STATUS_CHANGED':
      return { ...after, status: change.to, verdict: change.verdict };
  }
}

function titleOf({ ruleTitle, hostName }: DetectionFacts): string {
  return hostName ? `${ruleTitle} on ${hostName}` : ruleTitle;
}

function toCaseSeverity(severity: DetectionFacts['severity']): CaseSeverity {
  return severity === 'INFORMATIONAL' ? 'LOW' : severity;
}
