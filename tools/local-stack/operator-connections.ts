import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { toNatsOptions } from '@vedette/testkit/servers';
import pg from 'pg';
import { toDatabaseUrl } from './databases.ts';
import type { InfrastructureEntry } from './infrastructure.ts';
import { readRunRecord } from './run-record.ts';

/** Runs `work` on the running stack's database, as its administrator. @throws {Error} nothing runs */
export async function withDatabase<T>(
  dataDir: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    connectionString: toDatabaseUrl(await urlOf(dataDir, 'postgres')),
    connectionTimeoutMillis: 5_000,
  });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Runs `work` with a connection to the running stack's broker. @throws {Error} nothing runs */
export async function withBroker<T>(
  dataDir: string,
  work: (connection: NatsConnection) => Promise<T>,
): Promise<T> {
  const connection = await connect({
    ...toNatsOptions(await urlOf(dataDir, 'nats')),
    timeout: 5_000,
  });
  try {
    return await work(connection);
  } finally {
    await connection.drain();
  }
}

async function urlOf(dataDir: string, wanted: InfrastructureEntry['name']): Promise<string> {
  const record = await readRunRecord(dataDir);
  const url = record?.infrastructure.find(({ name }) => name === wanted)?.url;
  if (!url) throw new Error(`nothing is running for ${dataDir}: run 'up' first`);
  return url;
}
