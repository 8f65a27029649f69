import { createHash, createHmac, randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { provisionService } from '@vedette/service-kit';
import { findTestPostgres } from './test-postgres.ts';

export interface TestDatabaseOptions {
  /** The schema's name; the roles are `<service>_owner` and `<service>_runtime`. */
  readonly service: string;
  /** Brings an empty database up to date as the owner. Must leave no connection open. */
  readonly migrate: (ownerUrl: string) => Promise<void>;
}

export interface TestDatabase {
  readonly name: string;
  /** The role that owns the schema and migrates. */
  readonly ownerUrl: string;
  /** The role that the service runs as. */
  readonly runtimeUrl: string;
  /** The superuser, for looking behind row-level security. */
  readonly adminUrl: string;
  /** Removes the database, open connections or not. */
  drop(): Promise<void>;
}

/**
 * A migrated database that belongs to the caller alone. Provisioning and migration happen once per
 * run, service and state of the sources, in a template; each call copies it in a tenth of a second.
 */
export async function createTestDatabase(options: TestDatabaseOptions): Promise<TestDatabase> {
  const serverUrl = await findTestPostgres();
  const template = await findOrMakeTemplate(serverUrl, options);
  const name = `test_${options.service}_${randomBytes(5).toString('hex')}`;
  await execute(serverUrl, `create database ${name} template ${template}`);
  return {
    name,
    ...toUrls(serverUrl, name, options.service),
    drop: () => execute(serverUrl, `drop database if exists ${name} with (force)`),
  };
}

async function findOrMakeTemplate(
  serverUrl: string,
  options: TestDatabaseOptions,
): Promise<string> {
  const name = `template_${options.service}_${await digestSources(options)}`;
  const client = new pg.Client(serverUrl);
  await client.connect();
  try {
    // Templates of one service share their roles, so they are made one after the other.
    const lock = 'select pg_advisory_lock(hashtextextended($1, 0))';
    await client.query(lock, [`template ${options.service}`]);
    const { rows } = await client.query<{ datistemplate: boolean }>(
      'select datistemplate from pg_database where datname = $1',
      [name],
    );
    // One that is not marked was left unfinished.
    if (rows[0]?.datistemplate !== true) {
      await client.query(`drop database if exists ${name} with (force)`);
      await client.query(`create database ${name}`);
      await fillTemplate(serverUrl, name, options);
      await client.query(`alter database ${name} with is_template true allow_connections false`);
    }
  } finally {
    await client.end();
  }
  return name;
}

async function fillTemplate(
  serverUrl: string,
  name: string,
  { service, migrate }: TestDatabaseOptions,
): Promise<void> {
  const { adminUrl, ownerUrl, runtimeUrl } = toUrls(serverUrl, name, service);
  await provisionService({
    adminUrl,
    service,
    ownerPassword: new URL(ownerUrl).password,
    runtimePassword: new URL(runtimeUrl).password,
  });
  await migrate(ownerUrl);
}

function toUrls(
  serverUrl: string,
  name: string,
  service: string,
): Pick<TestDatabase, 'adminUrl' | 'ownerUrl' | 'runtimeUrl'> {
  const urlFor = (role?: string) => {
    const url = new URL(serverUrl);
    url.pathname = name;
    if (role === undefined) return url.href;
    // Derived, so that all workers agree on it without telling each other.
    url.password = createHmac('sha256', url.password).update(role).digest('hex');
    url.username = role;
    return url.href;
  };
  return {
    adminUrl: urlFor(),
    ownerUrl: urlFor(`${service}_owner`),
    runtimeUrl: urlFor(`${service}_runtime`),
  };
}

/** Changes with the service's migrations, the packages they use, and the function that runs them. */
async function digestSources({ service, migrate }: TestDatabaseOptions): Promise<string> {
  const hash = createHash('sha256').update(migrate.toString());
  const root = join(import.meta.dirname, '../../..');
  const folders = [`services/${service}/src`, 'packages/event-bus/src', 'packages/service-kit/src'];
  for (const folder of folders) await digestFolder(hash, join(root, folder));
  return hash.digest('hex').slice(0, 16);
}

async function digestFolder(hash: ReturnType<typeof createHash>, folder: string): Promise<void> {
  // A package's own tests may use a made-up service that has no folder.
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  for (const name of names.filter((file) => file.endsWith('.ts')).sort()) {
    hash.update(name).update(await readFile(join(folder, name)));
  }
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
