import { fromBinary } from '@bufbuild/protobuf';
import { timestampDate } from '@bufbuild/protobuf/wkt';
import { defineConsumer, MalformedMessageError } from '@vedette/event-bus';
import { CaseEventSchema, CaseStatus } from '@vedette/proto-schemas/cases/v1/case_event';
import { holdCaseUntil, holdTelemetry } from '../telemetry/telemetry-hold-store.ts';

/** A case that was closed may be opened again, and somebody may have to look once more. */
const daysAfterClosing = 7;

/** Keeps the telemetry that a case is about past its customer's retention, until the case has been closed for a week. */
export const holdTelemetryOnCaseChanged = defineConsumer({
  name: 'ingestion-hold-telemetry-on-case-changed',
  stream: 'CASES',
  subject: 'vedette.cases.>',
  decode: (bytes) => fromBinary(CaseEventSchema, bytes),
  handle: async ({ meta, event }, { tx }) => {
    if (!meta) return 'IGNORED';
    if (!meta.occurredAt) throw new MalformedMessageError('an event of a case without a time');
    const at = timestampDate(meta.occurredAt);
    const held = { customerId: meta.customerId, caseId: meta.aggregateId };
    switch (event.case) {
      case 'caseOpened': {
        const { detectionId, assetId } = event.value;
        await holdTelemetry(tx, { ...held, detectionId, ...(assetId ? { assetId } : {}), at });
        return 'HANDLED';
      }
      case 'detectionJoined':
        await holdTelemetry(tx, { ...held, detectionId: event.value.detectionId, at });
        return 'HANDLED';
      case 'caseStatusChanged': {
        const isClosed = event.value.to === CaseStatus.CLOSED;
        const heldUntil = new Date(at.getTime() + daysAfterClosing * 86_400_000);
        await holdCaseUntil(tx, held, isClosed ? heldUntil : null);
        return 'HANDLED';
      }
      default:
        return 'IGNORED';
    }
  },
});
