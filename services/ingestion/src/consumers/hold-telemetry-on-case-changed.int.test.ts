import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { CaseEventSchema, CaseStatus } from '@vedette/proto-schemas/cases/v1/case_event';
import type { CaseEvent } from '@vedette/proto-schemas/cases/v1/case_event';
import { createLogger, joinTransaction, newId } from '@vedette/service-kit';
import type { MessageInitShape } from '@bufbuild/protobuf';
import { scopeOf, startTestHistory } from '../testing/history-database.ts';
import type { TestHistory } from '../testing/history-database.ts';
import { holdTelemetryOnCaseChanged } from './hold-telemetry-on-case-changed.ts';

let history: TestHistory;

beforeAll(async () => {
  history = await startTestHistory();
});

afterAll(() => history.stop());

const logger = createLogger({ service: 'test', level: 'error' });
const noon = new Date('2026-02-03T12:00:00Z');

type Told = MessageInitShape<typeof CaseEventSchema>['event'];

/** Hands an event of a case over, as the kit does. */
function tell(customerId: string, caseId: string, event: Told, at = noon): Promise<string> {
  const message: CaseEvent = create(CaseEventSchema, {
    meta: {
      ...{ eventId: newId(), providerId: newId(), customerId, aggregateId: caseId },
      ...{ aggregateVersion: 1n, occurredAt: timestampFromDate(at), actor: 'system:cases' },
    },
    ...(event ? { event } : {}),
  });
  return history.database.transaction(scopeOf(customerId), (tx) =>
    holdTelemetryOnCaseChanged.handle(message, { tx, db: joinTransaction(tx), logger }, undefined),
  );
}

function opened(assetId: string): Told {
  return { case: 'caseOpened', value: { title: 'A case', detectionId: newId(), assetId } };
}

function joined(): Told {
  return { case: 'detectionJoined', value: { detectionId: newId() } };
}

function changedTo(to: CaseStatus): Told {
  return { case: 'caseStatusChanged', value: { to } };
}

function holdsOf(customerId: string) {
  return history.select<{
    asset_id: string | null;
    from_time: Date;
    to_time: Date;
    held_until: Date | null;
  }>('select * from ingestion.telemetry_holds where customer_id = $1 order by from_time', [
    customerId,
  ]);
}

describe('a case', () => {
  it('holds a day before and after each of its detections, on its asset', async () => {
    const [customerId, caseId, assetId] = [newId(), newId(), newId()];
    expect(await tell(customerId, caseId, opened(assetId))).toBe('HANDLED');
    await tell(customerId, caseId, joined(), new Date('2026-02-10T00:00:00Z'));
    expect(await holdsOf(customerId)).toMatchObject([
      {
        asset_id: assetId,
        from_time: new Date('2026-02-02T12:00:00Z'),
        to_time: new Date('2026-02-04T12:00:00Z'),
        held_until: null,
      },
      { asset_id: assetId, from_time: new Date('2026-02-09T00:00:00Z'), held_until: null },
    ]);
  });

  it('holds until it has been closed for a week, and again once it is opened again', async () => {
    const [customerId, caseId] = [newId(), newId()];
    await tell(customerId, caseId, opened(''));
    const other = newId();
    await tell(customerId, other, opened(newId()), new Date('2026-03-01T00:00:00Z'));
    await tell(customerId, caseId, changedTo(CaseStatus.RESOLVED));
    expect((await holdsOf(customerId)).map((hold) => hold.held_until)).toEqual([null, null]);
    await tell(customerId, caseId, changedTo(CaseStatus.CLOSED));
    expect((await holdsOf(customerId)).map((hold) => hold.held_until)).toEqual([
      new Date('2026-02-10T12:00:00Z'),
      null,
    ]);
    await tell(customerId, caseId, changedTo(CaseStatus.IN_PROGRESS));
    expect((await holdsOf(customerId)).map((hold) => hold.held_until)).toEqual([null, null]);
  });

  it('is passed over where it tells something else', async () => {
    const event: Told = { case: 'caseAssigned', value: { assigneeId: newId() } };
    expect(await tell(newId(), newId(), event)).toBe('IGNORED');
  });
});
