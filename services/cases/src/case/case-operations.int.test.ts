import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConflictError,
  ForbiddenError,
  IllegalStateError,
  InvalidInputError,
  newId,
  NotFoundError,
} from '@vedette/service-kit';
import { customerId } from '../testing/case-builders.ts';
import { adminOf, analyst, anotherDetection, startCasesTables } from '../testing/test-cases.ts';
import type { CasesTables } from '../testing/test-cases.ts';
import type { Case, DetectionFacts } from './case.ts';
import {
  assignCase,
  changeCaseStatus,
  getCase,
  listCases,
  listCaseTimeline,
  loadContents,
  openOrJoinCase,
} from './case-operations.ts';

let tables: CasesTables;

beforeAll(async () => {
  tables = await startCasesTables();
});

afterAll(() => tables.stop());

/** Lets the consumer's operation have the detection; answers the case that took it. */
async function take(detection: DetectionFacts, now?: Date): Promise<Case> {
  const taken = await openOrJoinCase(tables.systemContext(now), detection);
  if (!taken) throw new Error('no case took the detection');
  return taken;
}

const asAnalyst = () => tables.contextFor(analyst);

async function timelineOf(caseId: string): Promise<[number, string][]> {
  const { nodes } = await listCaseTimeline(asAnalyst(), caseId, { first: 100 });
  return nodes.map((entry) => [entry.version, entry.kind]);
}

/** The events that the outbox holds about a case, in the order in which they will be published. */
async function eventsOf(caseId: string): Promise<[number, string][]> {
  const rows: { version: number; subject: string }[] = await asAnalyst().db.infrastructure((tx) =>
    tx.query(
      'select aggregate_version::int as version, subject from outbox where aggregate_id = $1 order by position',
      [caseId],
    ),
  );
  return rows.map(({ version, subject }) => [version, subject.split('.')[2] ?? '']);
}

function resolve(caseId: string): Promise<Case> {
  return changeCaseStatus(asAnalyst(), { caseId, status: 'RESOLVED', verdict: 'MALICIOUS' });
}

describe('a grave detection', () => {
  it('opens a case, which is told with it', async () => {
    const opened = await take(anotherDetection({ severity: 'HIGH' }));
    expect(opened).toMatchObject({
      status: 'NEW',
      severity: 'HIGH',
      version: 1,
      detectionCount: 1,
    });
    expect(await getCase(asAnalyst(), opened.caseId)).toEqual(opened);
    expect(await timelineOf(opened.caseId)).toEqual([[1, 'OPENED']]);
    expect(await eventsOf(opened.caseId)).toEqual([[1, 'case_opened']]);
  });

  it('joins the open case of its condition', async () => {
    const first = anotherDetection();
    const { caseId } = await take(first);
    await changeCaseStatus(asAnalyst(), { caseId, status: 'IN_PROGRESS' });
    await changeCaseStatus(asAnalyst(), { caseId, status: 'ON_HOLD' });
    const second = anotherDetection({ ...sameAsset(first), techniqueIds: ['T1055'] });
    expect(await take(second)).toMatchObject({ caseId, detectionCount: 2, version: 4 });
    const [contents] = await loadContents(asAnalyst(), [caseId]);
    expect(contents?.detectionIds.toSorted()).toEqual(
      [first, second].map((d) => d.detectionId).toSorted(),
    );
    expect(contents).toMatchObject({
      assetIds: [first.assetId],
      techniqueIds: ['T1003.001', 'T1055'],
    });
  });

  it('raises the severity of the case that it joins, as a change of its own', async () => {
    const first = anotherDetection({ severity: 'HIGH' });
    const { caseId } = await take(first);
    const graver = { severity: 'CRITICAL', ruleTitle: 'Backups deleted' } as const;
    const raised = await take(anotherDetection({ ...sameAsset(first), ...graver }));
    const title = 'Backups deleted on WS-17';
    expect(raised).toMatchObject({ caseId, severity: 'CRITICAL', title, version: 3 });
    const { nodes } = await listCaseTimeline(asAnalyst(), caseId, {});
    expect(nodes.at(-1)?.summary).toBe(
      `Severity raised from HIGH to CRITICAL; the title is now "${title}"`,
    );
    const changes = [
      [1, 'case_opened'],
      [2, 'detection_joined'],
      [3, 'case_severity_raised'],
    ];
    expect(await eventsOf(caseId)).toEqual(changes);
  });

  it('opens another case once the first is resolved', async () => {
    const first = anotherDetection();
    const { caseId } = await take(first);
    await resolve(caseId);
    const another = await take(anotherDetection(sameAsset(first)));
    expect(another.caseId).not.toBe(caseId);
    expect(await getCase(asAnalyst(), caseId)).toMatchObject({
      status: 'RESOLVED',
      detectionCount: 1,
    });
  });

  it('makes one case with its like, also when all come at the same moment', async () => {
    const first = anotherDetection();
    const detections = Array.from({ length: 12 }, () => anotherDetection(sameAsset(first)));
    const taken = await Promise.all(detections.map((detection) => take(detection)));
    expect(new Set(taken.map(({ caseId }) => caseId)).size).toBe(1);
    const caseId = taken[0]?.caseId ?? '';
    expect(await getCase(asAnalyst(), caseId)).toMatchObject({ detectionCount: 12, version: 12 });
    expect((await eventsOf(caseId)).map(([version]) => version)).toEqual(
      detections.map((_, n) => n + 1),
    );
  });
});

describe('a detection below HIGH', () => {
  it('opens no case, and joins none', async () => {
    const grave = anotherDetection();
    const { caseId } = await take(grave);
    const mild = anotherDetection({ ...sameAsset(grave), severity: 'MEDIUM' });
    expect(await openOrJoinCase(tables.systemContext(), mild)).toBeNull();
    expect(await getCase(asAnalyst(), caseId)).toMatchObject({ detectionCount: 1 });
  });
});

describe('assigning a case', () => {
  it('makes the viewer responsible when nobody is named, once', async () => {
    const { caseId } = await take(anotherDetection());
    const assigned = await assignCase(asAnalyst(), { caseId });
    expect(assigned).toMatchObject({ assigneeId: analyst.principalId, version: 2 });
    expect(await assignCase(asAnalyst(), { caseId })).toEqual(assigned);
    expect(await timelineOf(caseId)).toEqual([
      [1, 'OPENED'],
      [2, 'ASSIGNED'],
    ]);
  });

  it('is refused when the case has changed since it was seen', async () => {
    const { caseId, version } = await take(anotherDetection());
    await assignCase(asAnalyst(), { caseId, assigneeId: newId(), expectedVersion: version });
    const late = assignCase(asAnalyst(), { caseId, assigneeId: newId(), expectedVersion: version });
    await expect(late).rejects.toThrow(ConflictError);
  });

  it('lets one of two people win who saw the same version', async () => {
    const { caseId, version } = await take(anotherDetection());
    const attempts = await Promise.allSettled(
      [newId(), newId()].map((assigneeId) =>
        assignCase(asAnalyst(), { caseId, assigneeId, expectedVersion: version }),
      ),
    );
    expect(attempts.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('answers alike for a case of another customer and for none', async () => {
    const { caseId } = await take(anotherDetection());
    const stranger = tables.contextFor(adminOf(newId()));
    await expect(assignCase(stranger, { caseId })).rejects.toThrow(
      new NotFoundError('Case', caseId),
    );
    await expect(assignCase(stranger, { caseId: newId() })).rejects.toThrow('No such Case.');
  });

  it('is not for those who may only look', async () => {
    const { caseId } = await take(anotherDetection());
    const viewer = { ...adminOf(customerId), role: 'CUSTOMER_VIEWER' } as const;
    await expect(assignCase(tables.contextFor(viewer), { caseId })).rejects.toThrow(ForbiddenError);
  });
});

describe('moving a case', () => {
  it('needs a verdict to resolve it and takes it away when it is reopened', async () => {
    const { caseId } = await take(anotherDetection());
    const unresolved = changeCaseStatus(asAnalyst(), { caseId, status: 'RESOLVED' });
    await expect(unresolved).rejects.toThrow(InvalidInputError);
    expect(await resolve(caseId)).toMatchObject({ status: 'RESOLVED', verdict: 'MALICIOUS' });
    expect(await changeCaseStatus(asAnalyst(), { caseId, status: 'CLOSED' })).toMatchObject({
      verdict: 'MALICIOUS',
    });
    const reopened = await changeCaseStatus(asAnalyst(), { caseId, status: 'IN_PROGRESS' });
    expect(reopened).toMatchObject({ status: 'IN_PROGRESS', verdict: null, version: 4 });
  });

  it('is refused where its life has no such step, and leaves nothing behind', async () => {
    const { caseId } = await take(anotherDetection());
    const skipping = changeCaseStatus(asAnalyst(), { caseId, status: 'CLOSED' });
    await expect(skipping).rejects.toThrow(IllegalStateError);
    expect(await timelineOf(caseId)).toEqual([[1, 'OPENED']]);
    expect(await eventsOf(caseId)).toHaveLength(1);
  });

  it('is refused when the case has changed since it was seen', async () => {
    const { caseId } = await take(anotherDetection());
    const late = changeCaseStatus(asAnalyst(), {
      caseId,
      status: 'IN_PROGRESS',
      expectedVersion: 7,
    });
    await expect(late).rejects.toMatchObject({ code: 'CONFLICT', details: { actualVersion: 1 } });
  });

  it('does not reopen a case whose condition has another open one by now', async () => {
    const first = anotherDetection();
    const { caseId } = await take(first);
    await resolve(caseId);
    await take(anotherDetection(sameAsset(first)));
    const reopening = changeCaseStatus(asAnalyst(), { caseId, status: 'IN_PROGRESS' });
    await expect(reopening).rejects.toThrow(ConflictError);
    expect(await getCase(asAnalyst(), caseId)).toMatchObject({ status: 'RESOLVED' });
  });
});

describe('the timeline of a case', () => {
  it('cannot be changed or removed, not even by the service, unless its customer is purged', async () => {
    const { caseId } = await take(anotherDetection());
    const attempt = (sql: string): Promise<unknown> =>
      asAnalyst().db.transaction({ kind: 'OPERATOR' }, (tx) => tx.query(sql, [caseId]));
    await expect(
      attempt(`update case_timeline set summary = 'nothing happened' where case_id = $1`),
    ).rejects.toThrow('permission denied');
    expect(await attempt('delete from case_timeline where case_id = $1')).toEqual([[], 0]);
    expect(await attempt('delete from cases where case_id = $1')).toEqual([[], 0]);
  });

  it('is read page by page, oldest first', async () => {
    const { caseId } = await take(anotherDetection());
    await assignCase(asAnalyst(), { caseId });
    await resolve(caseId);
    const first = await listCaseTimeline(asAnalyst(), caseId, { first: 2 });
    expect(first.nodes.map(({ kind }) => kind)).toEqual(['OPENED', 'ASSIGNED']);
    const after = first.pageInfo.endCursor;
    const second = await listCaseTimeline(asAnalyst(), caseId, { first: 2, after });
    expect(second.nodes.map(({ kind }) => kind)).toEqual(['STATUS_CHANGED']);
    expect([first, second].map((page) => page.pageInfo.hasNextPage)).toEqual([true, false]);
  });
});

describe('the list of cases', () => {
  const openedAt = new Date('2026-04-01T08:00:00Z');
  const since = { from: openedAt, to: new Date('2026-04-02T00:00:00Z') };

  it('gives each case once, also when all were opened at the same instant', async () => {
    const opened = [];
    for (let n = 0; n < 7; n += 1) opened.push(await take(anotherDetection(), openedAt));
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const page = await listCases(asAnalyst(), { first: 3, after, filter: since });
      seen.push(...page.nodes.map(({ caseId }) => caseId));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toEqual(
      opened
        .map(({ caseId }) => caseId)
        .toSorted()
        .toReversed(),
    );
  });

  it('is narrowed by time, state, severity and customer', async () => {
    const at = new Date('2026-05-01T08:00:00Z');
    const to = new Date('2026-05-02T08:00:00Z');
    const mild = await take(anotherDetection({ severity: 'HIGH' }), at);
    const grave = await take(anotherDetection({ severity: 'CRITICAL' }), at);
    await resolve(mild.caseId);
    const list = async (filter: object): Promise<string[]> =>
      (await listCases(asAnalyst(), { filter: { from: at, to, ...filter } })).nodes.map(
        ({ caseId }) => caseId,
      );
    expect(await list({ status: ['RESOLVED', 'CLOSED'] })).toEqual([mild.caseId]);
    expect(await list({ minimumSeverity: 'CRITICAL' })).toEqual([grave.caseId]);
    expect((await list({ customerId })).toSorted()).toEqual([mild.caseId, grave.caseId].toSorted());
    expect(await list({ from: to, to: null })).toEqual([]);
  });

  it('refuses a customer that the viewer does not reach', async () => {
    const listing = listCases(tables.contextFor(adminOf(customerId)), {
      filter: { customerId: newId() },
    });
    await expect(listing).rejects.toThrow(NotFoundError);
  });

  it("refuses a customer that nobody knows, from the operator's people too", async () => {
    const unknown = newId();
    await expect(listCases(asAnalyst(), { filter: { customerId: unknown } })).rejects.toThrow(
      new NotFoundError('Customer', unknown),
    );
  });

  it('refuses cursors that it did not make', async () => {
    const { caseId } = await take(anotherDetection());
    const cursor = (position: unknown) =>
      Buffer.from(JSON.stringify(position)).toString('base64url');
    for (const after of [
      'rubbish',
      cursor(['now', caseId]),
      cursor(['0000-01-01T00:00:00.000Z', 'x']),
      cursor([1, 2]),
    ]) {
      await expect(listCases(asAnalyst(), { after })).rejects.toThrow(InvalidInputError);
    }
    for (const after of ['rubbish', cursor(['x']), cursor([1e12]), cursor([0.5])]) {
      await expect(listCaseTimeline(asAnalyst(), caseId, { after })).rejects.toThrow(
        InvalidInputError,
      );
    }
  });
});

function sameAsset({ assetId }: DetectionFacts): { assetId: string } {
  return { assetId: assetId ?? '' };
}
