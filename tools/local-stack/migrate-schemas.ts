import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import pg from 'pg';
import { toDatabaseUrl } from './databases.ts';
import { toEnvironment, type Surroundings } from './planned-process.ts';
import type { ProcessDefinition } from './processes.ts';
import type { StackOptions } from './stack-options.ts';

/** Migrations of several schemas are made from these. */
const sharedSources = [
  'packages/event-bus/src/migrations.ts',
  'packages/service-kit/src/migrate.ts',
] as const;

interface Step {
  readonly definition: ProcessDefinition;
  /** Stands for the sources of the schema's migrations. */
  readonly digest: string;
}

/**
 * Brings the services' schemas up to date, side by side, each by a short process of its own: no other
 * process gets the owner's password. A schema whose migrations have not changed since the last time is
 * left alone; its comment in the database says so, and goes where the schema goes.
 * @throws {Error} a migration failed; the message names its log
 */
export async function migrateSchemas(
  postgresAdminUrl: string,
  options: StackOptions,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  const client = new pg.Client(toDatabaseUrl(postgresAdminUrl));
  await client.connect();
  try {
    const steps = await findSteps(client, options);
    if (steps.length === 0) return;
    const names = steps.map(({ definition }) => definition.name);
    options.onProgress(`migrating ${names.join(', ')}`);
    // All to their end, whatever becomes of one: PostgreSQL may be stopped afterwards.
    const outcomes = await Promise.allSettled(
      steps.map(({ definition }) => migrate(definition, options, surroundings, signal)),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    for (const { definition, digest } of steps) {
      const schema = client.escapeIdentifier(definition.name);
      await client.query(`comment on schema ${schema} is ${client.escapeLiteral(digest)}`);
    }
  } finally {
    await client.end();
  }
}

async function findSteps(
  client: pg.Client,
  { root, processes }: StackOptions,
): Promise<readonly Step[]> {
  const { rows } = await client.query<{ name: string; digest: string | null }>(
    `select nspname as name, obj_description(oid, 'pg_namespace') as digest from pg_namespace`,
  );
  const done = new Map(rows.map(({ name, digest }) => [name, digest]));
  const steps: Step[] = [];
  for (const definition of processes) {
    if (definition.migrations === undefined) continue;
    const digest = await digestOf(root, definition.migrations);
    if (done.get(definition.name) !== digest) steps.push({ definition, digest });
  }
  return steps;
}

async function digestOf(root: string, folder: string): Promise<string> {
  const own = (await readdir(join(root, folder))).sort().map((name) => join(folder, name));
  const hash = createHash('sha256');
  for (const file of [...own, ...sharedSources]) {
    hash.update(`${file}\n`).update(await readFile(join(root, file)));
  }
  return `migrations ${hash.digest('hex')}`;
}

async function migrate(
  definition: ProcessDefinition,
  options: StackOptions,
  surroundings: Surroundings,
  signal: AbortSignal,
): Promise<void> {
  const logFile = join(options.dataDir, 'logs', `${definition.name}-migration.log`);
  const log = await open(logFile, 'w', 0o600);
  try {
    const child = spawn(
      process.execPath,
      [join(options.root, definition.entry), '--migrate-only'],
      {
        env: {
          ...toEnvironment({ definition, replica: 0 }, options, surroundings),
          DATABASE_OWNER_URL: surroundings.databases[definition.name]?.ownerUrl,
        },
        // As for the services: the supervisor decides, and takes it along when it is killed.
        detached: true,
        stdio: ['ignore', log.fd, log.fd, 'ipc'],
        signal,
      },
    );
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`the schema of ${definition.name} is not migrated: ${logFile}`);
  } finally {
    await log.close();
  }
}
