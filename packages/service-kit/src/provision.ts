import pg from 'pg';

export interface ProvisionOptions {
  /** PostgreSQL URL of a superuser, pointing at the product's database. */
  readonly adminUrl: string;
  readonly service: string;
  readonly ownerPassword: string;
  readonly runtimePassword: string;
}

/**
 * Gives a service its two roles and its schemas: `<service>_owner` owns the schema and migrates it;
 * `<service>_runtime` owns nothing in it, cannot bypass row-level security and is what the service
 * runs as. The one thing the runtime role owns is `<service>_jobs`, graphile-worker's schema.
 * Idempotent; also sets the passwords.
 */
export async function provisionService(options: ProvisionOptions): Promise<void> {
  const client = new pg.Client({ connectionString: options.adminUrl });
  await client.connect();
  try {
    // Roles belong to the whole cluster: two databases provisioned at once would clash over them.
    await client.query(`select pg_advisory_lock(hashtextextended('provision', 0))`);
    for (const statement of statements(client, options)) await client.query(statement);
  } finally {
    await client.end();
  }
}

function statements(client: pg.Client, options: ProvisionOptions): string[] {
  const { service, ownerPassword, runtimePassword } = options;
  const schema = client.escapeIdentifier(service);
  const jobs = client.escapeIdentifier(`${service}_jobs`);
  const owner = client.escapeIdentifier(`${service}_owner`);
  const runtime = client.escapeIdentifier(`${service}_runtime`);
  const database = client.escapeIdentifier(new URL(options.adminUrl).pathname.slice(1));
  return [
    ...[owner, runtime].map(
      (role) =>
        `do $$ begin create role ${role}; exception when duplicate_object then null; end $$`,
    ),
    roleWithPassword(client, owner, ownerPassword),
    roleWithPassword(client, runtime, runtimePassword),
    `revoke all on database ${database} from public`,
    `grant connect, temporary on database ${database} to ${owner}, ${runtime}`,
    // For substrings (see docs/adr/0023). An owner may create nothing in the database, these included.
    'create extension if not exists pg_trgm schema public',
    'create extension if not exists btree_gin schema public',
    `create schema if not exists ${schema} authorization ${owner}`,
    `grant usage on schema ${schema} to ${runtime}`,
    // Each migration grants what its tables need; nothing is given by default.
    `create schema if not exists ${jobs} authorization ${runtime}`,
    // graphile-worker asks to create its schema only while this table is missing, which would need
    // the right to create schemas in the database.
    `create table if not exists ${jobs}.migrations (
       id int primary key, ts timestamptz not null default now(), breaking boolean not null default false)`,
    `alter table ${jobs}.migrations owner to ${runtime}`,
  ];
}

function roleWithPassword(client: pg.Client, role: string, password: string): string {
  return `alter role ${role} login nosuperuser nocreatedb nocreaterole nobypassrls password ${client.escapeLiteral(password)}`;
}
