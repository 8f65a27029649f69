import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@vedette/testkit';
import type { TestDatabase } from '@vedette/testkit';
import { connectDatabase } from './database.ts';
import type { DatabaseConnection, Transaction } from './database.ts';
import { UnavailableError } from './errors.ts';
import { startCutOff } from './testing/cut-off.ts';
import type { CutOff } from './testing/cut-off.ts';
import { createKitDatabase, customerId, query } from './testing/kit-database.ts';
import type { TenantScope } from './viewer.ts';

const own: TenantScope = { kind: 'CUSTOMERS', customerIds: [customerId] };

let postgres: TestDatabase;
let cutOff: CutOff;
let db: DatabaseConnection;

beforeAll(async () => {
  postgres = await createKitDatabase();
  cutOff = await startCutOff(postgres.runtimeUrl);
  db = await connectDatabase({
    url: cutOff.url,
    schema: 'kit',
    applicationName: 'away',
    poolSize: 2,
    entities: [],
  });
});

afterAll(async () => {
  await db.close();
  await cutOff.cut();
  await postgres.drop();
});

const count = (tx: Transaction): Promise<unknown> => tx.query('select count(*) from notes');

/** Ends every connection of the pool, as a server that stops does. */
async function terminate(): Promise<void> {
  await query(
    postgres.adminUrl,
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'away'`,
  );
}

async function isAsleep(): Promise<boolean> {
  const found = await query(
    postgres.adminUrl,
    `select from pg_stat_activity where application_name = 'away' and wait_event = 'PgSleep'`,
  );
  return found.length > 0;
}

describe('a transaction whose connection is ended', () => {
  it('under a query finds PostgreSQL unavailable, and the next one works', async () => {
    const failed = expect(
      db.transaction(own, (tx) => tx.query('select pg_sleep(30)')),
    ).rejects.toMatchObject({ code: 'UNAVAILABLE', details: { dependency: 'postgres' } });
    await waitFor(isAsleep);
    await terminate();
    await failed;
    await db.transaction(own, count);
  });

  it('between two queries finds PostgreSQL unavailable, and the next one works', async () => {
    const working = db.infrastructure(async (tx) => {
      await count(tx);
      await terminate();
      return count(tx);
    });
    await expect(working).rejects.toThrow(UnavailableError);
    await db.infrastructure(count);
  });

  it('finds PostgreSQL unavailable once it is due to commit', async () => {
    await expect(db.transaction(own, terminate)).rejects.toThrow(UnavailableError);
    await db.transaction(own, count);
  });
});

describe('a transaction that cannot begin', () => {
  it('finds PostgreSQL unavailable, and the next one works once it is back', async () => {
    await cutOff.cut();
    await expect(db.transaction(own, count)).rejects.toThrow(UnavailableError);
    await expect(db.infrastructure(count)).rejects.toThrow(UnavailableError);
    await cutOff.mend();
    await db.transaction(own, count);
  });
});
