import type { Transaction } from '@vedette/service-kit';
import type { OsqueryNode } from './osquery-node-store.ts';

/** A query for one host: `QUEUED` until it asks, `SENT` until it answers, then `ANSWERED` or `FAILED` for good. */
export interface NewOsqueryQuery {
  readonly queryId: string;
  readonly nodeId: string;
  readonly sql: string;
  readonly queuedAt: Date;
  readonly expiresAt: Date;
}

/** Queries of one host that wait for it or for its answer. */
const maxOpen = 100;
/** Handed to a host at a time: it runs them one after the other, and answers all at once. */
const maxSent = 10;
/** A host that was handed a query and has said nothing for so long has lost it. */
const lostAfterMs = 300_000;

/**
 * Queues a query for a host. The scope is the transaction's.
 * @returns false when the host has as many waiting as it may have
 */
export async function queueOsqueryQuery(
  tx: Transaction,
  customerId: string,
  { queryId, nodeId, sql, queuedAt, expiresAt }: NewOsqueryQuery,
): Promise<boolean> {
  const rows: unknown[] = await tx.query(
    `insert into osquery_queries (customer_id, query_id, node_id, sql, status, queued_at, expires_at)
     select $1, $2, $3, $4, 'QUEUED', $5, $6
     where (select count(*) from osquery_queries
            where customer_id = $1 and node_id = $3 and status in ('QUEUED', 'SENT') and expires_at > $5) < $7
     returning query_id`,
    [customerId, queryId, nodeId, sql, queuedAt, expiresAt, maxOpen],
  );
  return rows.length > 0;
}

/** Hands a host the queries that wait for it, by id. */
export async function sendOsqueryQueries(
  tx: Transaction,
  { sensor: { customerId }, nodeId }: OsqueryNode,
  now: Date,
): Promise<Readonly<Record<string, string>>> {
  const [rows] = await tx.query<[{ query_id: string; sql: string }[], number]>(
    `update osquery_queries set status = 'SENT', sent_at = $3
     where customer_id = $1 and query_id in (
       select query_id from osquery_queries
       where customer_id = $1 and node_id = $2 and expires_at > $3
         and (status = 'QUEUED' or status = 'SENT' and sent_at < $4)
       order by queued_at limit ${maxSent} for update skip locked)
     returning query_id, sql`,
    [customerId, nodeId, now, new Date(now.getTime() - lostAfterMs)],
  );
  return Object.fromEntries(rows.map(({ query_id: id, sql }) => [id, sql]));
}

/** What a host says of a query. */
export interface OsqueryAnswer {
  readonly queryId: string;
  /** Null: it failed. */
  readonly rows: readonly unknown[] | null;
  /** What went wrong, in the agent's words. */
  readonly message: string | null;
}

/** Keeps what a host answers to queries that were sent to it; whatever else it says is no answer to anything. */
export async function keepOsqueryAnswers(
  tx: Transaction,
  { sensor: { customerId }, nodeId }: OsqueryNode,
  answers: readonly OsqueryAnswer[],
  now: Date,
): Promise<void> {
  for (const { queryId, rows, message } of answers) {
    await tx.query(
      `update osquery_queries
       set status = $4, answer_rows = $5::jsonb, message = $6, answered_at = $7
       where customer_id = $1 and node_id = $2 and query_id = $3 and status = 'SENT'`,
      [
        ...[customerId, nodeId, queryId, rows === null ? 'FAILED' : 'ANSWERED'],
        ...[rows === null ? null : JSON.stringify(rows), message, now],
      ],
    );
  }
}
