import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { defineConsumer, MalformedMessageError } from '@vedette/event-bus';
import { HuntingEventSchema, Severity } from '@vedette/proto-schemas/hunting/v1/hunting_event';
import type { DetectionRaised } from '@vedette/proto-schemas/hunting/v1/hunting_event';
import { systemViewer } from '@vedette/service-kit';
import type { DetectionFacts } from '../case/case.ts';
import { openOrJoinCase } from '../case/case-operations.ts';

const severities = {
  [Severity.INFORMATIONAL]: 'INFORMATIONAL',
  [Severity.LOW]: 'LOW',
  [Severity.MEDIUM]: 'MEDIUM',
  [Severity.HIGH]: 'HIGH',
  [Severity.CRITICAL]: 'CRITICAL',
} as const;

/** A detection of severity HIGH or above opens a case or joins the open case of its condition. */
export const openCaseOnDetection = defineConsumer({
  name: 'cases-open-case-on-detection',
  stream: 'HUNTING',
  subject: 'vedette.hunting.detection_raised.>',
  // Each detection stands for itself: one that cannot be handled must not hold up another tenant's.
  order: 'NONE',
  decode: (bytes) => fromBinary(HuntingEventSchema, bytes),
  handle: async ({ meta, event }, { db, logger }) => {
    if (event.case !== 'detectionRaised' || !meta) return 'IGNORED';
    const viewer = systemViewer('cases', meta);
    const ctx = { viewer, db, logger, clock: () => new Date() };
    const affected = await openOrJoinCase(ctx, toFacts(meta, event.value));
    return affected ? 'HANDLED' : 'IGNORED';
  },
});

function toFacts(
  meta: { readonly aggregateId: string; readonly customerId: string; readonly providerId: string },
  raised: DetectionRaised,
): DetectionFacts {
  if (!raised.occurredAt || raised.severity === Severity.UNSPECIFIED) {
    throw new MalformedMessageError('a detection without time or severity');
  }
  return {
    detectionId: meta.aggregateId,
    customerId: meta.customerId,
    providerId: meta.providerId,
    ruleId: raised.ruleId,
    ruleTitle: raised.ruleTitle,
    severity: severities[raised.severity],
    techniqueIds: raised.techniqueIds,
    ...(raised.assetId ? { assetId: raised.assetId } : {}),
    ...(raised.hostName ? { hostName: raised.hostName } : {}),
    occurredAt: timestampDate(raised.occurredAt),
  };
}
