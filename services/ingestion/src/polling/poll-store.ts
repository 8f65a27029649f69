import { newId } from '@vedette/service-kit';
import type { Database, TenantScope, Transaction } from '@vedette/service-kit';
import type { ConnectorSettings, ConnectorType, JsonRecord } from '../connectors/index.ts';
import type { Sensor } from '../connector/sensor-key-store.ts';
import { feedsOf } from './poll-feeds.ts';

/** How far the fetching of one feed is, as people are shown it. */
export interface ShownPoll {
  readonly connectorId: string;
  readonly feed: string;
  readonly nextPollAt: Date;
  readonly lastPollAt: Date | null;
  readonly lastError: string | null;
  readonly checkpointAt: Date | null;
}

/** How far a feed is: what a poller goes on from. */
export interface PollProgress {
  /** The poller's own note of where inside a run it is; null between runs. */
  readonly cursor: JsonRecord | null;
  /** Everything that the source had up to this time is stored. */
  readonly checkpointAt: Date | null;
}

/** A feed that this process may fetch until its lease ends. */
export interface ClaimedPoll extends PollProgress {
  readonly sensor: Sensor;
  readonly feed: string;
  readonly credentialsSealed: string;
  /** Failed attempts since the last good one. */
  readonly failures: number;
  readonly leaseId: string;
}

interface ConnectorKey {
  readonly customerId: string;
  readonly connectorId: string;
}

/** Another process has the feed now, or its connector was changed: what this one fetched is not noted. */
export class LeaseLostError extends Error {
  constructor() {
    super('The lease of a poll has ended.');
    this.name = 'LeaseLostError';
  }
}

/** Has the feeds of a new connector fetched from now on. */
export async function insertPolls(
  tx: Transaction,
  connector: ConnectorKey & { readonly type: string },
  now: Date,
): Promise<void> {
  const feeds = feedsOf(connector.type).map(({ name }) => name);
  if (feeds.length === 0) return;
  await tx.query(
    `insert into connector_polls (customer_id, connector_id, feed, next_poll_at)
     select $1, $2, feed, $4 from unnest($3::text[]) as given (feed)`,
    [connector.customerId, connector.connectorId, feeds, now],
  );
}

/**
 * Has a connector's feeds fetched at once, since something about it has changed. A poll under way loses its lease.
 * @param change with `isElsewhere` the place in a run is forgotten; the checkpoint stays
 */
export async function pollAnew(
  tx: Transaction,
  { customerId, connectorId }: ConnectorKey,
  change: { readonly now: Date; readonly isElsewhere: boolean },
): Promise<void> {
  await tx.query(
    `update connector_polls
     set next_poll_at = $3, failures = 0, last_error = null, lease_id = null, lease_until = null,
         cursor = case when $4 then null else cursor end
     where customer_id = $1 and connector_id = $2`,
    [customerId, connectorId, change.now, change.isElsewhere],
  );
}

/**
 * Takes feeds that are due, each for the time of a lease; of two processes one gets each. This look-up is across
 * customers, so it runs in the operator's scope.
 */
export async function claimPolls(
  database: Database,
  { now, leaseMs, limit }: { readonly now: Date; readonly leaseMs: number; readonly limit: number },
): Promise<ClaimedPoll[]> {
  const leaseUntil = new Date(now.getTime() + leaseMs);
  const [rows] = await database.transaction({ kind: 'OPERATOR' }, (tx) =>
    tx.query<[ClaimedRow[], number]>(claimStatement, [now, leaseUntil, newId(), limit]),
  );
  return rows.map((row) => ({
    feed: row.feed,
    cursor: row.cursor,
    checkpointAt: row.checkpoint_at,
    failures: row.failures,
    leaseId: row.lease_id,
    credentialsSealed: row.credentials_sealed,
    sensor: {
      connectorId: row.connector_id,
      connectorType: row.type,
      customerId: row.customer_id,
      providerId: row.provider_id,
      settings: row.settings,
    },
  }));
}

interface ClaimedRow {
  readonly customer_id: string;
  readonly connector_id: string;
  readonly feed: string;
  readonly cursor: JsonRecord | null;
  readonly checkpoint_at: Date | null;
  readonly failures: number;
  readonly lease_id: string;
  readonly type: ConnectorType;
  readonly settings: ConnectorSettings;
  readonly credentials_sealed: string;
  readonly provider_id: string;
}

const claimStatement = `
  with due as (
    select p.customer_id, p.connector_id, p.feed, c.type, c.settings, c.credentials_sealed, o.provider_id
    from connector_polls p
    join connectors c using (customer_id, connector_id)
    join customers o using (customer_id)
    where p.next_poll_at <= $1 and (p.lease_until is null or p.lease_until <= $1)
      and o.is_served and not c.is_paused and c.credentials_sealed is not null
    order by p.next_poll_at
    limit $4
    for update of p skip locked
  )
  update connector_polls p set lease_id = $3, lease_until = $2
  from due
  where p.customer_id = due.customer_id and p.connector_id = due.connector_id and p.feed = due.feed
  returning p.customer_id, p.connector_id, p.feed, p.cursor, p.checkpoint_at, p.failures, p.lease_id,
    due.type, due.settings, due.credentials_sealed, due.provider_id`;

/**
 * Notes how far a feed is, and extends the lease. The scope is the transaction's.
 * @throws {LeaseLostError} the feed is no longer this process's
 */
export async function keepProgress(
  tx: Transaction,
  poll: ClaimedPoll,
  { cursor, checkpointAt }: PollProgress,
  leaseUntil: Date,
): Promise<void> {
  await updateLeased(tx, poll, 'cursor = $5, checkpoint_at = $6, lease_until = $7', [
    cursor === null ? null : JSON.stringify(cursor),
    checkpointAt,
    leaseUntil,
  ]);
}

/** Ends a poll; with `isComplete` it fetched all there was. @throws {LeaseLostError} */
export async function finishPoll(
  tx: Transaction,
  poll: ClaimedPoll,
  {
    now,
    nextPollAt,
    isComplete,
  }: { readonly now: Date; readonly nextPollAt: Date; readonly isComplete: boolean },
): Promise<void> {
  await updateLeased(
    tx,
    poll,
    `last_poll_at = coalesce($5, last_poll_at), next_poll_at = $6, failures = 0, last_error = null, lease_id = null,
     lease_until = null`,
    [isComplete ? now : null, nextPollAt],
  );
}

/** Ends a poll that failed. @throws {LeaseLostError} */
export async function failPoll(
  tx: Transaction,
  poll: ClaimedPoll,
  { error, nextPollAt }: { readonly error: string; readonly nextPollAt: Date },
): Promise<void> {
  await updateLeased(
    tx,
    poll,
    `last_error = $5, next_poll_at = $6, failures = failures + 1, lease_id = null, lease_until = null`,
    [error, nextPollAt],
  );
}

/** @param set its parameters begin at `$5` */
async function updateLeased(
  tx: Transaction,
  { sensor, feed, leaseId }: ClaimedPoll,
  set: string,
  values: readonly unknown[],
): Promise<void> {
  const [, changed] = await tx.query<[unknown, number]>(
    `update connector_polls set ${set}
     where customer_id = $1 and connector_id = $2 and feed = $3 and lease_id = $4`,
    [sensor.customerId, sensor.connectorId, feed, leaseId, ...values],
  );
  if (changed === 0) throw new LeaseLostError();
}

/** The feeds of connectors, by name. */
export function listPolls(
  tx: Transaction,
  scope: TenantScope,
  connectorIds: readonly string[],
): Promise<ShownPoll[]> {
  return tx.query<ShownPoll[]>(
    `select connector_id as "connectorId", feed, next_poll_at as "nextPollAt",
       last_poll_at as "lastPollAt", last_error as "lastError", checkpoint_at as "checkpointAt"
     from connector_polls
     where connector_id = any ($1::uuid[]) and ($2::uuid[] is null or customer_id = any ($2))
     order by feed`,
    [connectorIds, scope.kind === 'OPERATOR' ? null : scope.customerIds],
  );
}
