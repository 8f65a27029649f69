import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import type { OutboxEvent } from '@vedette/event-bus';
import {
  DetectionRaisedSchema,
  HuntingEventSchema,
  Severity,
} from '@vedette/proto-schemas/hunting/v1/hunting_event';
import { newId } from '@vedette/service-kit';
import type { Detection } from './detection/detection.ts';

/** A detection is made once and never changes, so its only version is 1. */
const version = 1;

export function detectionRaised(detection: Detection, actor: string): OutboxEvent {
  const { detectionId, customerId, providerId } = detection;
  const eventId = newId(detection.detectedAt.getTime());
  const message = create(HuntingEventSchema, {
    meta: {
      eventId,
      providerId,
      customerId,
      aggregateId: detectionId,
      aggregateVersion: BigInt(version),
      occurredAt: timestampFromDate(detection.detectedAt),
      actor,
    },
    event: {
      case: 'detectionRaised',
      value: create(DetectionRaisedSchema, {
        ruleId: detection.ruleId,
        ruleTitle: detection.ruleTitle,
        severity: Severity[detection.severity],
        techniqueIds: [...detection.techniqueIds],
        eventIds: [...detection.eventIds],
        assetId: detection.assetId ?? '',
        hostName: detection.hostName ?? '',
        userName: detection.userName ?? '',
        occurredAt: timestampFromDate(detection.occurredAt),
        receivedAt: timestampFromDate(detection.receivedAt),
      }),
    },
  });
  return {
    eventId,
    subject: domainSubject('hunting', 'detection_raised', { providerId, customerId }),
    aggregateId: detectionId,
    aggregateVersion: version,
    payload: toBinary(HuntingEventSchema, message),
  };
}
