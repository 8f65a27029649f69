import { createTestDatabase } from '@vedette/testkit';
import type { TestDatabase } from '@vedette/testkit';
import pg from 'pg';
import { migrate } from '../migrate.ts';
import { CreateNotes } from './probe-migrations.ts';

export const customerId = '0197bbbb-0000-7000-8000-000000000001';
export const otherCustomerId = '0197bbbb-0000-7000-8000-000000000002';
export const providerId = '0197aaaa-0000-7000-8000-000000000001';

/** A database of the made-up service `kit`, with its two tables. */
export function createKitDatabase(): Promise<TestDatabase> {
  return createTestDatabase({
    service: 'kit',
    migrate: (ownerUrl) => migrate({ ownerUrl, schema: 'kit', migrations: [CreateNotes] }),
  });
}

/** The same without tables. */
export function createEmptyKitDatabase(): Promise<TestDatabase> {
  return createTestDatabase({ service: 'kit', migrate: async () => undefined });
}

/** One statement on a connection of its own. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  sql: string,
  parameters: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query<Row>(sql, [...parameters])).rows;
  } finally {
    await client.end();
  }
}
