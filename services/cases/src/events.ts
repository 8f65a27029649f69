import { create, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate, timestampNow } from '@bufbuild/protobuf/wkt';
import { domainSubject } from '@vedette/event-bus';
import type { OutboxEvent, PurgeCounts } from '@vedette/event-bus';
import {
  CaseAssignedSchema,
  CaseEventSchema,
  CaseOpenedSchema,
  CaseSeverity,
  CaseSeverityRaisedSchema,
  CaseStatus,
  CaseStatusChangedSchema,
  CaseVerdict,
  DetectionJoinedSchema,
} from '@vedette/proto-schemas/cases/v1/case_event';
import type { CaseEvent } from '@vedette/proto-schemas/cases/v1/case_event';
import {
  CustomerExportedSchema,
  CustomerPurgedSchema,
} from '@vedette/proto-schemas/common/v1/customer_receipt';
import { newId } from '@vedette/service-kit';
import type { ExportFile } from '@vedette/service-kit';
import type { Case, CaseChange } from './case/case.ts';

const eventNames = {
  OPENED: 'case_opened',
  DETECTION_JOINED: 'detection_joined',
  SEVERITY_RAISED: 'case_severity_raised',
  ASSIGNED: 'case_assigned',
  STATUS_CHANGED: 'case_status_changed',
} as const satisfies Record<CaseChange['kind'], string>;

/** The event that tells others of a change; `after` is the case once it was applied. */
export function toOutboxEvent(
  eventId: string,
  change: CaseChange,
  after: Case,
  actor: string,
): OutboxEvent {
  const { caseId, customerId, providerId, version } = after;
  const message = create(CaseEventSchema, {
    meta: {
      eventId,
      providerId,
      customerId,
      aggregateId: caseId,
      aggregateVersion: BigInt(version),
      occurredAt: timestampFromDate(after.updatedAt),
      actor,
    },
    event: toVariant(change),
  });
  return {
    eventId,
    subject: domainSubject('cases', eventNames[change.kind], { providerId, customerId }),
    aggregateId: caseId,
    aggregateVersion: version,
    payload: toBinary(CaseEventSchema, message),
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
    value: create(CustomerExportedSchema, { exportId, service: 'cases', sha256, ...size }),
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
    value: create(CustomerPurgedSchema, { purgeId, service: 'cases', ...counts }),
  });
}

function toReceipt(
  name: string,
  { providerId, customerId }: Tenant,
  aggregateId: string,
  event: CaseEvent['event'],
): OutboxEvent {
  const eventId = newId();
  const message = create(CaseEventSchema, {
    meta: {
      ...{ eventId, providerId, customerId, aggregateId },
      aggregateVersion: 1n,
      occurredAt: timestampNow(),
      actor: 'system:cases',
    },
    event,
  });
  return {
    ...{ eventId, aggregateId },
    subject: domainSubject('cases', name, { providerId, customerId }),
    aggregateVersion: 1,
    payload: toBinary(CaseEventSchema, message),
  };
}

function toVariant(change: CaseChange): CaseEvent['event'] {
  switch (change.kind) {
    case 'OPENED': {
      const { detection, opened } = change;
      const value = create(CaseOpenedSchema, {
        title: opened.title,
        severity: CaseSeverity[opened.severity],
        detectionId: detection.detectionId,
        assetId: detection.assetId ?? '',
      });
      return { case: 'caseOpened', value };
    }
    case 'DETECTION_JOINED': {
      const { detectionId } = change.detection;
      return { case: 'detectionJoined', value: create(DetectionJoinedSchema, { detectionId }) };
    }
    case 'SEVERITY_RAISED': {
      const { from, to, title } = change;
      const value = create(CaseSeverityRaisedSchema, {
        from: CaseSeverity[from],
        to: CaseSeverity[to],
        title,
      });
      return { case: 'caseSeverityRaised', value };
    }
    case 'ASSIGNED': {
      const { assigneeId } = change;
      return { case: 'caseAssigned', value: create(CaseAssignedSchema, { assigneeId }) };
    }
    case 'STATUS_CHANGED': {
      const value = create(CaseStatusChangedSchema, {
        from: CaseStatus[change.from],
        to: CaseStatus[change.to],
        verdict: change.verdict ? CaseVerdict[change.verdict] : CaseVerdict.UNSPECIFIED,
      });
      return { case: 'caseStatusChanged', value };
    }
  }
}
