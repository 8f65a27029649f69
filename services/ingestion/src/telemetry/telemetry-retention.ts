import type { Database, Plan } from '@vedette/service-kit';
import { purgeEndedHolds } from './telemetry-hold-store.ts';

/** How long a customer's telemetry is kept, in days, by its plan. */
const daysByPlan: Readonly<Record<Plan, number>> = { STANDARD: 30, ADVANCED: 90 };
const shortestDays = Math.min(...Object.values(daysByPlan));
const longestDays = Math.max(...Object.values(daysByPlan));
const dayMs = 86_400_000;
const rowsPerDelete = 5_000;

/** What retention did. */
export interface RetentionFigures {
  readonly dropped: readonly string[];
  readonly deletedRows: number;
}

/**
 * Lets telemetry go that its customers' plans keep no longer: whole partitions where nobody's does, and rows of the
 * others, a batch in each transaction. What a case holds stays. Cut short and called again it goes on with the rest.
 */
export async function retainTelemetry(database: Database, now: Date): Promise<RetentionFigures> {
  await database.transaction({ kind: 'OPERATOR' }, purgeEndedHolds);
  const partitions = await listPartitions(database);
  const dropped: string[] = [];
  let deletedRows = 0;
  for (const { name, endsAt } of partitions) {
    // The default partitions have no end: what is in them has any time.
    const days = endsAt ? (now.getTime() - endsAt.getTime()) / dayMs : Infinity;
    if (endsAt && days >= longestDays) {
      await dropPartition(database, name);
      dropped.push(name);
    } else if (days > shortestDays - partitionDays) {
      deletedRows += await deleteExpired(database, name);
    }
  }
  return { dropped, deletedRows };
}

/** A partition's first row is so much older than its end. */
const partitionDays = 1;

interface Partition {
  readonly name: string;
  readonly endsAt: Date | null;
}

function listPartitions(database: Database): Promise<readonly Partition[]> {
  return database.infrastructure((tx) =>
    tx.query('select name, ends_at as "endsAt" from list_telemetry_partitions()'),
  );
}

async function dropPartition(database: Database, name: string): Promise<void> {
  await database.transaction({ kind: 'OPERATOR' }, (tx) =>
    tx.query('select drop_telemetry_partition($1)', [name]),
  );
}

async function deleteExpired(database: Database, name: string): Promise<number> {
  let total = 0;
  for (;;) {
    const [row] = await database.transaction({ kind: 'OPERATOR' }, (tx) =>
      tx.query<{ deleted: number }[]>('select expire_telemetry($1, $2, $3) as deleted', [
        name,
        JSON.stringify(daysByPlan),
        rowsPerDelete,
      ]),
    );
    const deleted = row?.deleted ?? 0;
    total += deleted;
    if (deleted < rowsPerDelete) return total;
  }
}
