import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate, timestampNow } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import type { OutboxEvent, PurgeCounts } from '@vedette/event-bus';
import {
  CustomerExportedSchema,
  CustomerPurgedSchema,
} from '@vedette/proto-schemas/common/v1/customer_receipt';
import {
  DetectionRaisedSchema,
  HuntingEventSchema,
  Severity,
  SignalStrength,
} from '@vedette/proto-schemas/hunting/v1/hunting_event';
import type { HuntingEvent } from '@vedette/proto-schemas/hunting/v1/hunting_event';
import { newId } from '@vedette/service-kit';
import type { ExportFile } from '@vedette/service-kit';
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
        signalStrength: SignalStrength[detection.signalStrength],
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

interface Tenant {
  readonly providerId: string;
  readonly customerId: string;
}

/** The receipt of an export; its aggregate is the export. */
export function customerExported(tenant: Tenant, exportId: string, file: ExportFile): OutboxEvent {
  const { sha256, bytes, rows } = file;
  const size = { bytes: BigInt(bytes), rows: BigInt(rows) };
  return toReceipt('customer_exported', tenant, exportId, {
    case: 'customerExported',
    value: create(CustomerExportedSchema, { exportId, service: 'hunting', sha256, ...size }),
  });
}

/** The receipt of a purge; its aggregate is the purge. */
export function customerPurged(
  tenant: Tenant,
  purgeId: string,
  { rows, messages }: PurgeCounts,
): OutboxEvent {
  const counts = { rows: BigInt(rows), messages: BigInt(messages) };
  return toReceipt('customer_purged', tenant, purgeId, {
    case: 'customerPurged',
    value: create(CustomerPurgedSchema, { purgeId, service: 'hunting', ...counts }),
  });
}

function toReceipt(
  name: string,
  { providerId, customerId }: Tenant,
  aggregateId: string,
  event: HuntingEvent['event'],
): OutboxEvent {
  const eventId = newId();
  const message = create(HuntingEventSchema, {
    meta: {
      ...{ eventId, providerId, customerId, aggregateId },
      aggregateVersion: 1n,
      occurredAt: timestampNow(),
      actor: 'system:hunting',
    },
    event,
  });
  return {
    ...{ eventId, aggregateId },
    subject: domainSubject('hunting', name, { providerId, customerId }),
    aggregateVersion: 1,
    payload: toBinary(HuntingEventSchema, message),
  };
}
