import { setTimeout as delay } from 'node:timers/promises';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import pg from 'pg';
import type { Logger } from './logger.ts';

export type MigrationClass = new () => MigrationInterface;

export interface MigrateOptions {
  /** PostgreSQL URL of the role that owns the schema. */
  readonly ownerUrl: string;
  readonly schema: string;
  readonly migrations: readonly MigrationClass[];
  readonly logger?: Logger;
}

const lockPollMs = 100;

/**
 * Brings a schema up to date. Safe to run from several processes at once: an advisory lock lets one
 * go first and the others find nothing left to do. A statement waits five seconds at most for a
 * table lock, so that a migration never stops the product's traffic for longer.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const lock = new pg.Client({
    connectionString: options.ownerUrl,
    application_name: 'migrate-lock',
  });
  await lock.connect();
  try {
    await takeLock(lock, `migrate ${options.schema}`);
    await runMigrations(options);
  } finally {
    await lock.end();
  }
}

/**
 * Asks again and again instead of waiting inside PostgreSQL: the one who holds the lock may build an
 * index concurrently, which waits for every statement that runs, and so for those who wait for it.
 */
async function takeLock(client: pg.Client, name: string): Promise<void> {
  const sql = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as held';
  for (;;) {
    const { rows } = await client.query<{ held: boolean }>(sql, [name]);
    if (rows[0]?.held === true) return;
    await delay(lockPollMs);
  }
}

async function runMigrations({
  ownerUrl,
  schema,
  migrations,
  logger,
}: MigrateOptions): Promise<void> {
  const { DataSource } = await import('typeorm');
  const source = new DataSource({
    type: 'postgres',
    url: ownerUrl,
    database: new URL(ownerUrl).pathname.slice(1),
    schema,
    migrations: [...migrations],
    migrationsTransactionMode: 'each',
    poolSize: 1,
    extra: { options: `-c search_path=${schema} -c lock_timeout=5s` },
  });
  await source.initialize();
  try {
    for (const migration of await source.runMigrations())
      logger?.info({ migration: migration.name }, 'migrated');
  } finally {
    await source.destroy();
  }
}

/**
 * Puts a table under forced row-level security by customer. The settings are read in sub-selects so
 * that they are evaluated once a query; without them no row shows (architecture: row-level security).
 */
export async function protectByCustomer(runner: QueryRunner, table: string): Promise<void> {
  await protect(
    runner,
    table,
    `customer_id = any ((select nullif(current_setting('app.customer_ids', true), ''))::uuid[])`,
  );
}

/** The same for rows that belong to a provider and to no customer; `column` holds the provider's id. */
export async function protectByProvider(
  runner: QueryRunner,
  table: string,
  column = 'provider_id',
): Promise<void> {
  await protect(
    runner,
    table,
    `${column} = (select nullif(current_setting('app.provider_id', true), '')::uuid)`,
  );
}

/**
 * The same for rows that belong to a customer, or to a provider where `customer_id` is null. The
 * operator's own rows carry {@link operatorId} for a provider, which no viewer has.
 */
export async function protectByOwner(runner: QueryRunner, table: string): Promise<void> {
  await protect(
    runner,
    table,
    `case when customer_id is null
       then provider_id = (select nullif(current_setting('app.provider_id', true), '')::uuid)
       else customer_id = any ((select nullif(current_setting('app.customer_ids', true), ''))::uuid[])
     end`,
  );
}

/** Stands for the operator where a row names whose it is. */
export const operatorId = '00000000-0000-0000-0000-000000000000';

async function protect(runner: QueryRunner, table: string, own: string): Promise<void> {
  const visible = `${own} or (select current_setting('app.scope', true)) = 'operator'`;
  await runner.query(`alter table ${table} enable row level security`);
  await runner.query(`alter table ${table} force row level security`);
  await runner.query(`create policy tenant on ${table} using (${visible}) with check (${visible})`);
}
