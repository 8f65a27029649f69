import pg from 'pg';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { toNatsOptions } from '@vedette/testkit/servers';
import { toDatabaseUrl } from './databases.ts';
import { readEndpoints } from './endpoints.ts';
import { findSupervisor, readRunRecord, type ServiceEntry } from './run-record.ts';
import { isReady, toReadyUrl } from './service-process.ts';

/** What `vedette status` prints. All pending and unpublished rows 0 means drained. */
export interface StackStatus {
  /** A stack runs here, has published its endpoints, and every process takes work. */
  readonly ready: boolean;
  readonly services: readonly (ServiceEntry & { readonly ready: boolean })[];
  /** Pending: not delivered yet, or delivered and not acknowledged. */
  readonly consumers: readonly {
    readonly stream: string;
    readonly durable: string;
    readonly pending: number;
  }[];
  /** Rows that wait for their publication. */
  readonly outbox: readonly {
    readonly service: string;
    readonly rows: number;
    readonly oldestSeconds: number;
  }[];
  /** Messages given up and not replayed, over all services. */
  readonly deadLetters: number;
}

const nothing: StackStatus = {
  ready: false,
  services: [],
  consumers: [],
  outbox: [],
  deadLetters: 0,
};

/** @throws {Error} a stack runs, but its PostgreSQL or NATS does not answer */
export async function readStatus(dataDir: string): Promise<StackStatus> {
  const record = await readRunRecord(dataDir);
  if (record === null || (await findSupervisor(dataDir)) === null) return nothing;
  const urlOf = (wanted: string) => record.infrastructure.find(({ name }) => name === wanted)?.url;
  const postgresUrl = urlOf('postgres');
  const natsUrl = urlOf('nats');
  const [services, consumers, backlog, endpoints] = await Promise.all([
    Promise.all(record.services.map(readService)),
    natsUrl === undefined ? [] : readConsumers(natsUrl),
    postgresUrl === undefined ? { outbox: [], deadLetters: 0 } : readBacklog(postgresUrl),
    readEndpoints(dataDir),
  ]);
  const ready = endpoints !== null && services.every((service) => service.ready);
  return { ready, services, consumers, ...backlog };
}

async function readService({ name, pid, url }: ServiceEntry): Promise<StackStatus['services'][0]> {
  return { name, pid, url, ready: await isReady(toReadyUrl(url)) };
}

async function readConsumers(natsUrl: string): Promise<StackStatus['consumers']> {
  const connection = await connect({ ...toNatsOptions(natsUrl), timeout: 5_000 });
  try {
    const manager = await jetstreamManager(connection);
    const found = [];
    for await (const stream of manager.streams.list()) {
      for await (const consumer of manager.consumers.list(stream.config.name)) {
        found.push({
          stream: consumer.stream_name,
          durable: consumer.name,
          pending: consumer.num_pending + consumer.num_ack_pending,
        });
      }
    }
    return found;
  } finally {
    await connection.close();
  }
}

async function readBacklog(
  serverUrl: string,
): Promise<Pick<StackStatus, 'outbox' | 'deadLetters'>> {
  const client = new pg.Client({
    connectionString: toDatabaseUrl(serverUrl),
    connectionTimeoutMillis: 5_000,
  });
  await client.connect();
  try {
    const outbox = [];
    for (const schema of await findSchemas(client, 'outbox')) {
      outbox.push(await readOutbox(client, schema));
    }
    let deadLetters = 0;
    for (const schema of await findSchemas(client, 'dead_letters')) {
      const table = `${client.escapeIdentifier(schema)}.dead_letters`;
      const sql = `select count(*)::int as rows from ${table} where replayed_at is null`;
      deadLetters += (await client.query<{ rows: number }>(sql)).rows[0]?.rows ?? 0;
    }
    return { outbox, deadLetters };
  } finally {
    await client.end();
  }
}

/** The services that have such a table: a schema is named after its service. */
async function findSchemas(client: pg.Client, table: string): Promise<readonly string[]> {
  const sql = `select schemaname from pg_tables where tablename = $1 order by schemaname`;
  const { rows } = await client.query<{ schemaname: string }>(sql, [table]);
  return rows.map(({ schemaname }) => schemaname);
}

async function readOutbox(client: pg.Client, schema: string): Promise<StackStatus['outbox'][0]> {
  const { rows } = await client.query<{ rows: number; oldest: number }>(
    `select count(*)::int as rows,
            coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as oldest
       from ${client.escapeIdentifier(schema)}.outbox where published_at is null`,
  );
  const { rows: waiting = 0, oldest = 0 } = rows[0] ?? {};
  return { service: schema, rows: waiting, oldestSeconds: Math.round(oldest * 10) / 10 };
}
