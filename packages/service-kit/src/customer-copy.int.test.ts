import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase } from '@vedette/testkit';
import type { TestDatabase } from '@vedette/testkit';
import { CreateCustomerCopy, findCustomer, keepCustomer } from './customer-copy.ts';
import { connectDatabase } from './database.ts';
import type { DatabaseConnection } from './database.ts';
import { newId } from './ids.ts';
import { migrate } from './migrate.ts';

let server: TestDatabase;
let database: DatabaseConnection;

beforeAll(async () => {
  server = await createTestDatabase({
    service: 'kit',
    migrate: (ownerUrl) => migrate({ ownerUrl, schema: 'kit', migrations: [CreateCustomerCopy] }),
  });
  database = await connectDatabase({
    url: server.runtimeUrl,
    schema: 'kit',
    applicationName: 'test',
    poolSize: 2,
    entities: [],
  });
});

afterAll(async () => {
  await database.close();
  await server.drop();
});

describe("a service's copy of a customer", () => {
  const customerId = newId();
  const scope = { kind: 'CUSTOMERS', customerIds: [customerId] } as const;
  const [before, after] = [newId(), newId()];

  it('follows the newest version, in whatever order and however often versions arrive', async () => {
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

  it('is there for the operator and for nobody who does not reach the customer', async () => {
    const find = (other: Parameters<typeof findCustomer>[1]) =>
      database.transaction(other, (tx) => findCustomer(tx, other, customerId));
    expect(await find({ kind: 'OPERATOR' })).toMatchObject({ customerId });
    expect(await find({ kind: 'CUSTOMERS', customerIds: [newId()] })).toBeNull();
    expect(await find({ kind: 'CUSTOMERS', customerIds: [] })).toBeNull();
  });
});
