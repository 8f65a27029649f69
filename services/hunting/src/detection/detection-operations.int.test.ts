import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  connectDatabase,
  createLogger,
  ForbiddenError,
  InvalidInputError,
  keepCustomer,
  newId,
  NotFoundError,
  systemViewer,
} from '@vedette/service-kit';
import type { DatabaseConnection, OperationContext, Viewer } from '@vedette/service-kit';
import type { TestDatabase } from '@vedette/testkit';
import {
  aDetection,
  aMatch,
  anEvent,
  customerId,
  providerId,
} from '../testing/detection-builders.ts';
import { adminOf, analyst, createHuntingDatabase } from '../testing/test-hunting.ts';
import { toDetection } from './detection.ts';
import type { Detection } from './detection.ts';
import {
  getDetection,
  listDetections,
  loadDetections,
  raiseDetections,
} from './detection-operations.ts';
import type { ListDetectionsArguments } from './detection-operations.ts';
import { detectionRows } from './detection-store.ts';

let postgres: TestDatabase;
let db: DatabaseConnection;

beforeAll(async () => {
  postgres = await createHuntingDatabase();
  db = await connectDatabase({
    url: postgres.runtimeUrl,
    schema: 'hunting',
    applicationName: 'test',
    poolSize: 4,
    entities: [detectionRows],
  });
});

afterAll(async () => {
  await db.close();
  await postgres.drop();
});

const logger = createLogger({ service: 'hunting', level: 'silent' });

function contextFor(viewer: Viewer): OperationContext {
  return { viewer, db, logger, clock: () => new Date() };
}

/** Raises as the detector does, for the customer that the detections are about. */
async function raise(...detections: readonly Detection[]): Promise<void> {
  const owner = detections[0]?.customerId ?? customerId;
  const viewer = systemViewer('hunting', { customerId: owner, providerId });
  await raiseDetections(contextFor(viewer), owner, detections);
}

async function toldOf(...detections: readonly Detection[]): Promise<number> {
  const [row] = await db.infrastructure<{ n: number }[]>((tx) =>
    tx.query('select count(*)::int as n from outbox where aggregate_id = any ($1)', [
      detections.map(({ detectionId }) => detectionId),
    ]),
  );
  return row?.n ?? -1;
}

async function list(args: ListDetectionsArguments, viewer: Viewer = analyst): Promise<string[]> {
  const { nodes } = await listDetections(contextFor(viewer), args);
  return nodes.map(({ detectionId }) => detectionId);
}

describe('raising detections', () => {
  it('keeps them as they are and tells of each', async () => {
    const detection = aDetection();
    const sparse = aDetection({ ruleAuthor: null, assetId: null, hostName: null, userName: null });
    await raise(detection, sparse);
    expect(
      await loadDetections(contextFor(analyst), [detection.detectionId, sparse.detectionId]),
    ).toEqual([detection, sparse]);
    expect(await toldOf(detection, sparse)).toBe(2);
  });

  it('keeps and tells once what is raised again, also twice in one batch', async () => {
    const [first, second] = [aDetection(), aDetection()];
    await raise(first);
    await raise(first, second, second);
    expect(await toldOf(first, second)).toBe(2);
  });

  it('keeps more than one statement can carry', async () => {
    const customer = newId();
    const detections = Array.from({ length: 4_500 }, () => aDetection({ customerId: customer }));
    await raise(...detections);
    expect(await toldOf(...detections)).toBe(4_500);
  });

  it('keeps a match whose value ends in the middle of a character or holds a NUL', async () => {
    const fields = [
      { field: 'CommandLine', value: `${'x'.repeat(1_023)}🦊` },
      { field: 'Image', value: 'a\0b' },
    ];
    const detection = toDetection(anEvent({ eventId: newId() }), aMatch({}, fields), new Date());
    await raise(detection);
    expect(await getDetection(contextFor(analyst), detection.detectionId)).toEqual(detection);
  });

  it('is for the service alone', async () => {
    const raising = raiseDetections(contextFor(adminOf(customerId)), customerId, [aDetection()]);
    await expect(raising).rejects.toThrow(ForbiddenError);
  });
});

describe('the list of detections', () => {
  const from = new Date('2026-04-01T08:00:00Z');
  const to = new Date('2026-04-02T08:00:00Z');

  it('shows the latest activity first', async () => {
    const older = aDetection({ occurredAt: new Date('2026-04-01T09:00:00Z') });
    const newer = aDetection({ occurredAt: new Date('2026-04-01T10:00:00Z') });
    await raise(newer, older);
    expect(await list({ filter: { from, to } })).toEqual([newer.detectionId, older.detectionId]);
  });

  it('gives each detection once, also when all happened at the same instant', async () => {
    const at = new Date('2026-05-01T08:00:00Z');
    const detections = Array.from({ length: 7 }, () => aDetection({ occurredAt: at }));
    await raise(...detections);
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const filter = { from: at, to: new Date(at.getTime() + 1) };
      const page = await listDetections(contextFor(analyst), { first: 3, after, filter });
      seen.push(...page.nodes.map(({ detectionId }) => detectionId));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after);
    expect(seen).toEqual(
      detections
        .map(({ detectionId }) => detectionId)
        .toSorted()
        .toReversed(),
    );
  });

  it('is narrowed by customer, time, severity, rule and asset', async () => {
    const [customer, assetId, ruleId] = [newId(), newId(), newId()];
    const occurredAt = new Date('2026-06-01T08:00:00Z');
    const all = aDetection({
      customerId: customer,
      assetId,
      ruleId,
      occurredAt,
      severity: 'CRITICAL',
    });
    const other = aDetection({ customerId: customer, severity: 'MEDIUM' });
    await raise(all, other);
    await db.transaction({ kind: 'CUSTOMERS', customerIds: [customer] }, (tx) =>
      keepCustomer(tx, { customerId: customer, providerId, version: 1n }),
    );
    const narrowed = (filter: ListDetectionsArguments['filter']): Promise<string[]> =>
      list({ filter: { customerId: customer, ...filter } });
    expect((await narrowed({})).toSorted()).toEqual(
      [all.detectionId, other.detectionId].toSorted(),
    );
    for (const filter of [
      { assetId },
      { ruleId },
      { minimumSeverity: 'HIGH' },
      { from: occurredAt },
    ] as const) {
      expect(await narrowed(filter)).toEqual([all.detectionId]);
    }
    expect(await narrowed({ to: occurredAt })).toEqual([other.detectionId]);
    expect(await narrowed({ ruleId: 'a rule that never matched' })).toEqual([]);
  });

  it('shows a viewer its own customers and refuses to be narrowed to another', async () => {
    const [mine, theirs] = [
      aDetection({ customerId: newId() }),
      aDetection({ customerId: newId() }),
    ];
    await raise(mine);
    await raise(theirs);
    const viewer = adminOf(mine.customerId);
    expect(await list({}, viewer)).toEqual([mine.detectionId]);
    await expect(list({ filter: { customerId: theirs.customerId } }, viewer)).rejects.toThrow(
      NotFoundError,
    );
    await expect(getDetection(contextFor(viewer), theirs.detectionId)).rejects.toThrow(
      NotFoundError,
    );
  });

  it("refuses a customer that nobody knows, from the operator's people too", async () => {
    const unknown = newId();
    await expect(list({ filter: { customerId: unknown } })).rejects.toThrow(
      new NotFoundError('Customer', unknown),
    );
  });

  it('refuses cursors that it did not make, and text that is none', async () => {
    const cursor = (position: unknown) =>
      Buffer.from(JSON.stringify(position)).toString('base64url');
    for (const after of [
      'rubbish',
      cursor(['now', newId()]),
      cursor(['2026-04-01T08:00:00.000Z', 'x']),
      cursor([1, 2]),
    ]) {
      await expect(list({ after })).rejects.toThrow(InvalidInputError);
    }
    await expect(list({ filter: { ruleId: 'a\0b' } })).rejects.toThrow(InvalidInputError);
    expect(await list({ after: cursor(['0000-01-01T00:00:00.000Z', newId()]) })).toEqual([]);
  });
});
