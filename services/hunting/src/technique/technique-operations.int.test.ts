import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  connectDatabase,
  createLogger,
  newId,
  NotFoundError,
  systemViewer,
} from '@vedette/service-kit';
import type { DatabaseConnection, OperationContext, Viewer } from '@vedette/service-kit';
import type { TestDatabase } from '@vedette/testkit';
import { raiseDetections } from '../detection/detection-operations.ts';
import { detectionRows } from '../detection/detection-store.ts';
import { aDetection, providerId } from '../testing/detection-builders.ts';
import { adminOf, analyst, createHuntingDatabase } from '../testing/test-hunting.ts';
import { countTechniques } from './technique-operations.ts';
import type { TechniqueCountFilter } from './technique-operations.ts';

let postgres: TestDatabase;
let db: DatabaseConnection;
const [mine, theirs] = [newId(), newId()];
const now = new Date('2026-03-02T00:00:00Z');

beforeAll(async () => {
  postgres = await createHuntingDatabase();
  db = await connectDatabase({
    url: postgres.runtimeUrl,
    schema: 'hunting',
    applicationName: 'test',
    poolSize: 2,
    entities: [detectionRows],
  });
  await raise(mine, ['T1490', 'T1562.001']);
  await raise(mine, ['T1490', 'T9999']);
  await raise(mine, ['T1490'], new Date('2025-11-01T00:00:00Z'));
  await raise(theirs, ['T1490', 'T1003']);
});

afterAll(async () => {
  await db.close();
  await postgres.drop();
});

async function raise(customerId: string, techniqueIds: string[], at?: Date): Promise<void> {
  const viewer = systemViewer('hunting', { customerId, providerId });
  const changes = { customerId, techniqueIds, ...(at ? { occurredAt: at } : {}) };
  await raiseDetections(contextFor(viewer), customerId, [aDetection(changes)]);
}

function contextFor(viewer: Viewer): OperationContext {
  const logger = createLogger({ service: 'hunting', level: 'silent' });
  return { viewer, db, logger, clock: () => now };
}

async function counts(viewer: Viewer, filter: TechniqueCountFilter = {}): Promise<unknown[]> {
  const found = await countTechniques(contextFor(viewer), filter);
  return found.map(({ technique, detectionCount }) => [technique.id, detectionCount]);
}

describe('counting by technique', () => {
  it('counts each detection for every technique it names, most first, unknown ids too', async () => {
    expect(await counts(adminOf(mine))).toEqual([
      ['T1490', 2],
      ['T1562.001', 1],
      ['T9999', 1],
    ]);
  });

  it("counts nothing of customers that the viewer does not reach, and everybody's for the operator", async () => {
    expect(await counts(adminOf(theirs))).toEqual([
      ['T1003', 1],
      ['T1490', 1],
    ]);
    expect((await counts(analyst))[0]).toEqual(['T1490', 3]);
    expect(await counts(adminOf())).toEqual([]);
  });

  it('tells which tags need mending', async () => {
    expect(await counts(analyst, { standing: ['REPLACED', 'UNKNOWN'] })).toEqual([
      ['T1562.001', 1],
      ['T9999', 1],
    ]);
  });

  it('counts a period', async () => {
    const from = new Date('2025-10-01T00:00:00Z');
    expect((await counts(adminOf(mine), { from }))[0]).toEqual(['T1490', 3]);
    expect(await counts(adminOf(mine), { to: from })).toEqual([]);
  });

  it('refuses a customer that the viewer does not reach', async () => {
    await expect(counts(adminOf(mine), { customerId: theirs })).rejects.toThrow(NotFoundError);
  });
});
