import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { provisionService } from '@vedette/service-kit';
import { keepJson } from './data-files.ts';

/** The one database of the product; every service has a schema of its own in it. */
const databaseName = 'vedette';

interface RolePasswords {
  readonly owner: string;
  readonly runtime: string;
}

export interface ServiceDatabase {
  readonly ownerUrl: string;
  readonly runtimeUrl: string;
}

/** Moves a server's URL to the product's database. */
export function toDatabaseUrl(serverUrl: string): string {
  const url = new URL(serverUrl);
  url.pathname = databaseName;
  return url.href;
}

/**
 * Makes the database and each service's roles and schemas, as far as they are missing. The roles'
 * passwords are made once and kept in the data directory.
 */
export async function prepareDatabases(
  serverUrl: string,
  dataDir: string,
  services: readonly string[],
): Promise<Readonly<Record<string, ServiceDatabase>>> {
  await createDatabase(serverUrl);
  const prepared = services.map(async (service) => {
    const passwords = await keepPasswords(dataDir, service);
    await provisionService({
      adminUrl: toDatabaseUrl(serverUrl),
      service,
      ownerPassword: passwords.owner,
      runtimePassword: passwords.runtime,
    });
    const ownerUrl = withRole(serverUrl, `${service}_owner`, passwords.owner);
    const runtimeUrl = withRole(serverUrl, `${service}_runtime`, passwords.runtime);
    return [service, { ownerUrl, runtimeUrl }] as const;
  });
  return Object.fromEntries(await Promise.all(prepared));
}

async function createDatabase(serverUrl: string): Promise<void> {
  const client = new pg.Client(serverUrl);
  await client.connect();
  try {
    const sql = 'select from pg_database where datname = $1';
    const { rowCount } = await client.query(sql, [databaseName]);
    if (rowCount === 0) await client.query(`create database ${databaseName}`);
  } finally {
    await client.end();
  }
}

function keepPasswords(dataDir: string, service: string): Promise<RolePasswords> {
  const make = () => randomBytes(24).toString('base64url');
  return keepJson(join(dataDir, 'keys', `${service}-database.json`), () => ({
    owner: make(),
    runtime: make(),
  }));
}

function withRole(serverUrl: string, role: string, password: string): string {
  const url = new URL(toDatabaseUrl(serverUrl));
  url.username = role;
  url.password = password;
  return url.href;
}
