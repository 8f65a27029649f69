import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@vedette/testkit';
import type { TestDatabase } from '@vedette/testkit';
import { connectDatabase, joinTransaction } from './database.ts';
import type { DatabaseConnection, Transaction } from './database.ts';
import { UnavailableError } from './errors.ts';
import { startCutOff } from './testing/cut-off.ts';
import { startLockHolder } from './testing/lock-holder.ts';
import {
  createKitDatabase,
  customerId,
  otherCustomerId,
  providerId,
  query,
} from './testing/kit-database.ts';
import type { TenantScope } from './viewer.ts';

const own: TenantScope = { kind: 'CUSTOMERS', customerIds: [customerId], providerId };
const foreign: TenantScope = { kind: 'CUSTOMERS', customerIds: [otherCustomerId] };
const both: TenantScope = { kind: 'CUSTOMERS', customerIds: [customerId, otherCustomerId] };
const nobody: TenantScope = { kind: 'CUSTOMERS', customerIds: [] };
const operator: TenantScope = { kind: 'OPERATOR' };

let postgres: TestDatabase;
/** One connection, so that what a transaction leaves behind is found by the next. */
let db: DatabaseConnection;
const opened: DatabaseConnection[] = [];

async function connect(
  options: { url?: string; poolSize?: number; statementTimeoutMs?: number } = {},
): Promise<DatabaseConnection> {
  const connection = await connectDatabase({
    url: postgres.runtimeUrl,
    schema: 'kit',
    applicationName: 'kit',
    poolSize: 1,
    entities: [],
    ...options,
  });
  opened.push(connection);
  return connection;
}

beforeAll(async () => {
  postgres = await createKitDatabase();
  db = await connect();
});
afterEach(async () => {
  await query(postgres.adminUrl, 'truncate kit.notes, kit.plans');
});
afterAll(async () => {
  for (const connection of opened) await connection.close();
  await postgres.drop();
});

async function add(tx: Transaction, owner: string, text: string): Promise<void> {
  await tx.query('insert into notes (customer_id, text) values ($1, $2)', [owner, text]);
}

async function read(tx: Transaction): Promise<string[]> {
  const rows: { text: string }[] = await tx.query('select text from notes order by text');
  return rows.map(({ text }) => text);
}

async function addBoth(): Promise<void> {
  await db.transaction(own, (tx) => add(tx, customerId, 'own'));
  await db.transaction(foreign, (tx) => add(tx, otherCustomerId, 'foreign'));
}

describe('a transaction', () => {
  it("shows its scope's rows and no others", async () => {
    await addBoth();
    expect(await db.transaction(own, read)).toEqual(['own']);
    expect(await db.transaction(foreign, read)).toEqual(['foreign']);
    expect(await db.transaction(both, read)).toEqual(['foreign', 'own']);
    expect(await db.transaction(operator, read)).toEqual(['foreign', 'own']);
    expect(await db.transaction(nobody, read)).toEqual([]);
    expect(await db.infrastructure(read)).toEqual([]);
  });

  it("writes its scope's rows and no others", async () => {
    await addBoth();
    const adding = db.transaction(own, (tx) => add(tx, otherCustomerId, 'forged'));
    await expect(adding).rejects.toThrow('row-level security');
    const moving = db.transaction(own, (tx) =>
      tx.query('update notes set customer_id = $1', [otherCustomerId]),
    );
    await expect(moving).rejects.toThrow('row-level security');
    await db.transaction(own, (tx) => tx.query("update notes set text = 'changed'"));
    await db.transaction(nobody, (tx) => tx.query('delete from notes'));
    expect(await db.transaction(operator, read)).toEqual(['changed', 'foreign']);
  });

  it("shows a provider's rows to that provider and the operator", async () => {
    const readPlans = (tx: Transaction): Promise<unknown[]> => tx.query('select text from plans');
    await db.transaction(own, (tx) =>
      tx.query(`insert into plans values ($1, 'gold')`, [providerId]),
    );
    expect(await db.transaction(own, readPlans)).toEqual([{ text: 'gold' }]);
    expect(await db.transaction(operator, readPlans)).toEqual([{ text: 'gold' }]);
    for (const scope of [foreign, nobody])
      expect(await db.transaction(scope, readPlans)).toEqual([]);
  });

  it('leaves nothing of its scope to the next one on the same connection', async () => {
    await addBoth();
    await db.transaction(operator, read);
    await db.transaction(own, read);
    await db.tryWithLock('look', async (session) => {
      expect(await session.query('select text from notes')).toEqual([]);
      const settings = `select nullif(current_setting('app.scope', true), '') as scope,
                               nullif(current_setting('app.customer_ids', true), '') as customers`;
      expect(await session.query(settings)).toEqual([{ scope: null, customers: null }]);
    });
  });

  it('leaves nothing of itself when its work fails', async () => {
    const failing = db.transaction(own, async (tx) => {
      await add(tx, customerId, 'half');
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await db.transaction(operator, read)).toEqual([]);
  });

  it('ends with a statement that takes too long', async () => {
    const impatient = await connect({ statementTimeoutMs: 100 });
    const slow = impatient.infrastructure((tx) => tx.query('select pg_sleep(20)'));
    await expect(slow).rejects.toThrow('statement timeout');
    expect(await impatient.transaction(own, read)).toEqual([]);
  });
});

describe('an operation that joins a transaction', () => {
  it('commits and fails with it', async () => {
    const failing = db.transaction(own, async (tx) => {
      await joinTransaction(tx).transaction(own, (joined) => add(joined, customerId, 'half'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await db.transaction(operator, read)).toEqual([]);
  });

  it('has its own scope while it runs, and no longer', async () => {
    await addBoth();
    await db.transaction(own, async (tx) => {
      const joined = joinTransaction(tx);
      expect(await joined.transaction(operator, read)).toEqual(['foreign', 'own']);
      expect(await read(tx)).toEqual(['own']);
      expect(await joined.transaction(foreign, read)).toEqual(['foreign']);
      expect(await read(tx)).toEqual(['own']);
    });
  });

  it('has its own scope no longer than it runs when it fails, and the reason stays', async () => {
    await addBoth();
    await db.transaction(own, async (tx) => {
      const failing = joinTransaction(tx).transaction(operator, async () => {
        throw new Error('a rule refused');
      });
      await expect(failing).rejects.toThrow('a rule refused');
      expect(await read(tx)).toEqual(['own']);
    });
    const broken = db.transaction(own, (tx) =>
      joinTransaction(tx).transaction(own, (joined) => joined.query('select nonsense')),
    );
    await expect(broken).rejects.toThrow('nonsense');
  });
});

describe('a lock', () => {
  it('is held by one, and the other is told at once', async () => {
    const other = await connect();
    const inside = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const first = db.tryWithLock('relay', async () => {
      inside.resolve();
      await release.promise;
    });
    await inside.promise;
    expect(await other.tryWithLock('relay', async () => undefined)).toBe(false);
    expect(await other.tryWithLock('another', async () => undefined)).toBe(true);
    release.resolve();
    expect(await first).toBe(true);
    expect(await other.tryWithLock('relay', async () => undefined)).toBe(true);
  });

  it('is free again after its work failed', async () => {
    const failing = db.tryWithLock('relay', async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await (await connect()).tryWithLock('relay', async () => undefined)).toBe(true);
  });

  it('is free as soon as the connection that held it is gone, and its holder is told', async () => {
    const holder = await connect();
    const other = await connect();
    const inside = Promise.withResolvers<number>();
    const holding = holder.tryWithLock('relay', async (session) => {
      const [row] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
      inside.resolve(row?.pid ?? 0);
      await session.query('select pg_sleep(30)');
    });
    const failed = expect(holding).rejects.toThrow('terminating connection');
    const pid = await inside.promise;
    await query(postgres.adminUrl, 'select pg_terminate_backend($1)', [pid]);
    await failed;
    await waitFor(() => other.tryWithLock('relay', async () => undefined));
    await holder.ping();
  });

  it('is free as soon as the connection that held it is gone, also while its holder is idle', async () => {
    const holder = await connect();
    const other = await connect();
    const inside = Promise.withResolvers<number>();
    const release = Promise.withResolvers<void>();
    const holding = holder.tryWithLock('relay', async (session) => {
      const [row] = await session.query<{ pid: number }>('select pg_backend_pid() as pid');
      inside.resolve(row?.pid ?? 0);
      await release.promise;
    });
    const pid = await inside.promise;
    await query(postgres.adminUrl, 'select pg_terminate_backend($1)', [pid]);
    await waitFor(() => other.tryWithLock('relay', async () => undefined));
    release.resolve();
    await holding;
    await holder.ping();
  });
});

describe('a lock whose holder hangs', () => {
  it('is free after ten seconds, and one whose holder works for longer is not', async () => {
    const hanging = await startLockHolder('hung', postgres.runtimeUrl);
    const working = await startLockHolder('busy', postgres.runtimeUrl);
    process.kill(hanging.pid, 'SIGSTOP');
    try {
      await waitFor(() => db.tryWithLock('hung', async () => undefined), { timeoutMs: 20_000 });
      expect(await db.tryWithLock('busy', async () => undefined)).toBe(false);
    } finally {
      hanging.kill();
      working.kill();
    }
  });

  it('leaves its connection to the pool as it was', async () => {
    const single = await connect({ poolSize: 1 });
    const limit = (tx: Transaction): Promise<unknown> => tx.query('show idle_session_timeout');
    const before = await single.infrastructure(limit);
    await single.tryWithLock('relay', async (session) => {
      expect(await session.query('show idle_session_timeout')).not.toEqual(before);
    });
    expect(await single.infrastructure(limit)).toEqual(before);
  });
});

describe('the pool', () => {
  it('holds no more connections than it may, however many ask', async () => {
    const bounded = await connect({ poolSize: 2 });
    let most = 0;
    let running = 0;
    const work = async (tx: Transaction): Promise<void> => {
      running += 1;
      most = Math.max(most, running);
      await tx.query('select pg_sleep(0.05)');
      running -= 1;
    };
    await Promise.all(Array.from({ length: 10 }, () => bounded.transaction(own, work)));
    expect(most).toBe(2);
  });

  it('lets nobody wait longer than five seconds for a connection', async () => {
    const release = Promise.withResolvers<void>();
    const holding = db.infrastructure(() => release.promise);
    const began = Date.now();
    await expect(db.infrastructure(read)).rejects.toThrow();
    expect(Date.now() - began).toBeLessThan(7_000);
    release.resolve();
    await holding;
    expect(await db.transaction(own, read)).toEqual([]);
  });
});

describe('a PostgreSQL that is away', () => {
  it('is unavailable, and no longer once it is back', async () => {
    const cutOff = await startCutOff(postgres.runtimeUrl);
    const connection = await connect({ url: cutOff.url });
    await connection.ping();
    await cutOff.cut();
    await expect(connection.ping()).rejects.toThrow(UnavailableError);
    await expect(connection.ping()).rejects.toThrow("'postgres' does not answer at the moment.");
    await cutOff.mend();
    await connection.ping();
    expect(await connection.transaction(own, read)).toEqual([]);
    await connection.close();
    opened.splice(opened.indexOf(connection), 1);
    await cutOff.cut();
  });
});
