import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import {
  CaseEventSchema,
  CaseSeverity,
  CaseStatus,
  CaseVerdict,
} from '@vedette/proto-schemas/cases/v1/case_event';
import type { CaseEvent } from '@vedette/proto-schemas/cases/v1/case_event';
import type { CaseChange } from './case/case.ts';
import { toOutboxEvent } from './events.ts';
import { aCase, aDetection, assetId, customerId, providerId } from './testing/case-builders.ts';

const eventId = '0197b000-0000-7000-8000-000000000001';
const after = aCase({ version: 4 });
const detection = aDetection();
const { detectionId } = detection;

/** What others are told of a change: the name in the subject, and the variant with its facts. */
function tell(change: CaseChange): [string, CaseEvent['event']] {
  const { subject, payload } = toOutboxEvent(eventId, change, after, 'jo');
  const tenant = `.${providerId}.${customerId}`;
  expect(subject).toMatch(new RegExp(`^vedette\\.cases\\..*${tenant}$`));
  return [subject.split('.')[2] ?? '', fromBinary(CaseEventSchema, payload).event];
}

describe('the event of a change', () => {
  it('says whose case it is, which version the change made, when and by whom', () => {
    const { aggregateId, aggregateVersion, payload } = toOutboxEvent(
      eventId,
      { kind: 'ASSIGNED', assigneeId: 'kim' },
      after,
      'jo',
    );
    expect({ aggregateId, aggregateVersion }).toEqual({
      aggregateId: after.caseId,
      aggregateVersion: 4,
    });
    expect(fromBinary(CaseEventSchema, payload).meta).toMatchObject({
      eventId,
      providerId,
      customerId,
      aggregateId: after.caseId,
      aggregateVersion: 4n,
      actor: 'jo',
    });
  });

  it('holds the facts of that change', () => {
    expect(tell({ kind: 'OPENED', opened: aCase(), detection })).toMatchObject([
      'case_opened',
      { case: 'caseOpened', value: { severity: CaseSeverity.HIGH, detectionId, assetId } },
    ]);
    expect(tell({ kind: 'DETECTION_JOINED', detection })).toMatchObject([
      'detection_joined',
      { case: 'detectionJoined', value: { detectionId } },
    ]);
    const title = 'Backups deleted';
    expect(tell({ kind: 'SEVERITY_RAISED', from: 'HIGH', to: 'CRITICAL', title })).toMatchObject([
      'case_severity_raised',
      {
        case: 'caseSeverityRaised',
        value: { from: CaseSeverity.HIGH, to: CaseSeverity.CRITICAL, title },
      },
    ]);
    expect(tell({ kind: 'ASSIGNED', assigneeId: 'kim' })).toMatchObject([
      'case_assigned',
      { case: 'caseAssigned', value: { assigneeId: 'kim' } },
    ]);
  });

  it('holds a verdict exactly when the case has one', () => {
    const moving = { kind: 'STATUS_CHANGED', from: 'IN_PROGRESS' } as const;
    expect(tell({ ...moving, to: 'RESOLVED', verdict: 'BENIGN_TRUE_POSITIVE' })).toMatchObject([
      'case_status_changed',
      {
        case: 'caseStatusChanged',
        value: { to: CaseStatus.RESOLVED, verdict: CaseVerdict.BENIGN_TRUE_POSITIVE },
      },
    ]);
    expect(tell({ ...moving, to: 'ON_HOLD', verdict: null })).toMatchObject([
      'case_status_changed',
      { value: { to: CaseStatus.ON_HOLD, verdict: CaseVerdict.UNSPECIFIED } },
    ]);
  });
});
