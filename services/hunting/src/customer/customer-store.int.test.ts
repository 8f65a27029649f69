import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase, newId } from '@vedette/service-kit';
import type { DatabaseConnection } from '@vedette/service-kit';
import type { TestDatabase } from '@vedette/testkit';
import { createHuntingDatabase } from '../testing/test-hunting.ts';
import { customerRows, findCustomer, keepCustomer } from './customer-store.ts';

let server: TestDatabase;
let database: DatabaseConnection;

beforeAll(async () => {
  server = await createHuntingDatabase();
  database = await connectDatabase({
    url: server.runtimeUrl,
    schema: 'hunting',
    applicationName: 'test',
    poolSize: 2,
    entities: [customerRows],
  });
});

afterAll(async () => {
  await database.close();
  await server.drop();
});

describe("hunting's copy of a customer", () => {
  it('follows the newest version, in whatever order and however often versions arrive', async () => {
    const customerId = newId();
    const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
    const [before, after] = [newId(), newId()];
    for (const [providerId, version] of [
      [before, 1n],
      [after, 3n],
      [before, 2n],
      [after, 3n],
      [before, 1n],
    ] as const) {
      await database.transaction(scope, (tx) =>
        keepCustomer(tx, { customerId, providerId, version }),
      );
    }
    const kept = await database.transaction(scope, (tx) => findCustomer(tx, scope, customerId));
    expect(kept).toEqual({ customerId, providerId: after, version: 3n });
  });
});
