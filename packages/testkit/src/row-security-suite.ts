import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectDatabase } from '@vedette/service-kit';
import type { DatabaseConnection, TenantScope, Transaction } from '@vedette/service-kit';
import pg from 'pg';
import { findCatalogueProblems } from './catalogue.ts';
import type { TestDatabase } from './test-database.ts';

/** Whose row it is; the suite makes two that have nothing in common. */
export interface RowOwner {
  readonly customerId: string;
  readonly providerId: string;
}

export interface ProtectedTable {
  readonly name: string;
  /** The column that says whose a row is. Default `customer_id`. */
  readonly ownerColumn?: 'customer_id' | 'provider_id';
  /** A whole row of the owner, by column. Called twice it answers the same keys for the same owner. */
  readonly row: (owner: RowOwner) => Readonly<Record<string, unknown>>;
}

export interface RowSecurityOptions {
  readonly service: string;
  /** Makes the database that the suite fills and drops. */
  readonly createDatabase: () => Promise<TestDatabase>;
  /** All tables with tenants' data, parents before children. */
  readonly tables: readonly ProtectedTable[];
  /** Tables that span customers, besides those that carry messages. */
  readonly withoutTenant?: readonly string[];
}

const own: RowOwner = {
  customerId: '0197c000-0000-7000-8000-000000000001',
  providerId: '0197d000-0000-7000-8000-000000000001',
};
const foreign: RowOwner = {
  customerId: '0197c000-0000-7000-8000-000000000002',
  providerId: '0197d000-0000-7000-8000-000000000002',
};

/** What the suite's tests share. One pooled connection, so that a setting that leaks is seen. */
interface Fixture {
  readonly schema: string;
  readonly postgres: TestDatabase;
  readonly database: DatabaseConnection;
}

/**
 * States the law of row-level security for a service's tables, as tests: a tenant reads and writes its
 * own rows and no others, without a tenant nothing shows, the operator sees all, nothing is carried
 * over by a pooled connection, and the catalogue holds nothing that lets rows out.
 */
export function describeRowSecurity(options: RowSecurityOptions): void {
  describe(`row security of ${options.service}`, () => {
    let fixture: Fixture;
    beforeAll(async () => {
      fixture = await startFixture(options);
    });
    afterAll(async () => {
      await fixture.database.close();
      await fixture.postgres.drop();
    });

    it('holds nothing in the catalogue that would let rows out, and every table is in this suite', async () => {
      const { adminUrl } = fixture.postgres;
      expect(await findCatalogueProblems({ ...options, adminUrl })).toEqual([]);
      expect(await listProtectedTables(fixture)).toEqual(
        options.tables.map((table) => table.name).toSorted(),
      );
    });
    for (const table of options.tables) describeTable(table, () => fixture);
  });
}

function describeTable(table: ProtectedTable, fixture: () => Fixture): void {
  const column = table.ownerColumn ?? 'customer_id';
  const readOwners = (scope: TenantScope): Promise<string[]> =>
    fixture().database.transaction(scope, (tx) => selectOwners(tx, table.name, column));

  describe(`the table ${table.name}`, () => {
    it("shows a tenant its own rows and nobody else's", async () => {
      expect(await readOwners(scopeOf(own))).toEqual([ownerOf(table, own)]);
      expect(await readOwners(scopeOf(foreign))).toEqual([ownerOf(table, foreign)]);
    });

    it('shows the operator all rows', async () => {
      expect(await readOwners({ kind: 'OPERATOR' })).toEqual([
        ownerOf(table, own),
        ownerOf(table, foreign),
      ]);
    });

    it('shows nothing without a tenant, set to nobody or not set at all', async () => {
      expect(await readOwners({ kind: 'CUSTOMERS', customerIds: [] })).toEqual([]);
      expect(await countOutside(fixture(), table.name)).toBe(0);
    });

    it("refuses to add or change another tenant's row", async () => {
      const { database } = fixture();
      const refused = /row-level security|permission denied/;
      const moving = `update ${table.name} set ${column} = $1`;
      const adding = { ...table, row: () => table.row(foreign) };
      await expect(
        database.transaction(scopeOf(own), (tx) => insertRow(tx, adding, own)),
      ).rejects.toThrow(/row-level security/);
      await expect(
        database.transaction(scopeOf(own), (tx) => tx.query(moving, [ownerOf(table, foreign)])),
      ).rejects.toThrow(refused);
      expect(await readOwners(scopeOf(foreign))).toEqual([ownerOf(table, foreign)]);
    });

    it('carries no tenant over to whoever gets the connection next', async () => {
      await readOwners(scopeOf(own));
      await readOwners({ kind: 'OPERATOR' });
      await fixture().database.tryWithLock('row security suite', async (session) => {
        expect(await session.query(`select 1 from ${table.name}`)).toEqual([]);
      });
    });
  });
}

async function startFixture(options: RowSecurityOptions): Promise<Fixture> {
  const postgres = await options.createDatabase();
  const database = await connectDatabase({
    url: postgres.runtimeUrl,
    schema: options.service,
    applicationName: 'row-security-suite',
    poolSize: 1,
    entities: [],
  });
  for (const owner of [own, foreign]) {
    await database.transaction(scopeOf(owner), async (tx) => {
      for (const table of options.tables) await insertRow(tx, table, owner);
    });
  }
  return { schema: options.service, postgres, database };
}

function scopeOf({ customerId, providerId }: RowOwner): TenantScope {
  return { kind: 'CUSTOMERS', customerIds: [customerId], providerId };
}

function ownerOf(table: ProtectedTable, owner: RowOwner): string {
  return table.ownerColumn === 'provider_id' ? owner.providerId : owner.customerId;
}

async function insertRow(tx: Transaction, table: ProtectedTable, owner: RowOwner): Promise<void> {
  const row = table.row(owner);
  const columns = Object.keys(row);
  const places = columns.map((_, n) => `$${n + 1}`);
  await tx.query(
    `insert into ${table.name} (${columns.join(', ')}) values (${places.join(', ')})`,
    Object.values(row),
  );
}

async function selectOwners(tx: Transaction, table: string, column: string): Promise<string[]> {
  const rows: { owner: string }[] = await tx.query(
    `select distinct ${column} as owner from ${table} order by 1`,
  );
  return rows.map((row) => row.owner);
}

/** How many rows the runtime role sees on a connection where no setting was ever made. */
async function countOutside({ postgres, schema }: Fixture, table: string): Promise<number> {
  const [row] = await query<{ n: number }>(
    postgres.runtimeUrl,
    `select count(*)::int as n from ${schema}.${table}`,
  );
  return row?.n ?? -1;
}

async function listProtectedTables({ postgres, schema }: Fixture): Promise<string[]> {
  const rows = await query<{ name: string }>(
    postgres.adminUrl,
    `select relname as name from pg_class
     where relnamespace = '${schema}'::regnamespace and relrowsecurity and not relispartition
     order by relname`,
  );
  return rows.map((row) => row.name);
}

async function query<Row extends pg.QueryResultRow>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}
