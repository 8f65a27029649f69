import type { Transaction } from '@vedette/service-kit';
import type { SilenceRules, Watch } from './silence.ts';
import { silentAfterMinutes } from './silence.ts';

interface ConnectorKey {
  readonly customerId: string;
  readonly connectorId: string;
}

/** What events that were stored together say about one connector. */
export interface Receipt {
  readonly connectorId: string;
  readonly lastReceivedAt: Date;
  readonly lastEventAt: Date;
}

/** Which of the connectors have been told to be silent. The scope is the transaction's. */
export async function findSilent(
  tx: Transaction,
  customerId: string,
  connectorIds: readonly string[],
): Promise<string[]> {
  const rows: { connector_id: string }[] = await tx.query(
    `select connector_id from connector_watches
     where customer_id = $1 and connector_id = any ($2::uuid[]) and silent_since is not null`,
    [customerId, connectorIds],
  );
  return rows.map((row) => row.connector_id);
}

/** Locks connectors before their watches: whoever changes both takes them in this order. */
export async function lockConnectors(
  tx: Transaction,
  customerId: string,
  connectorIds: readonly string[],
): Promise<void> {
  await tx.query(
    `select from connectors where customer_id = $1 and connector_id = any ($2::uuid[])
     order by connector_id for no key update`,
    [customerId, connectorIds],
  );
}

/**
 * Notes that connectors of one customer have reported; one that is gone is passed over.
 * @returns those that have been told to be silent, and since when
 */
export async function keepReceipts(
  tx: Transaction,
  customerId: string,
  receipts: readonly Receipt[],
): Promise<{ readonly connectorId: string; readonly silentSince: Date }[]> {
  const rows: { connectorId: string; silentSince: Date | null }[] = await tx.query(
    `insert into connector_watches
       (customer_id, connector_id, last_event_at, last_received_at, lag_ms, watched_from)
     select $1, r.connector_id, r.last_event_at, r.last_received_at, r.lag_ms, r.last_received_at
     from unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::bigint[])
       as r(connector_id, last_event_at, last_received_at, lag_ms)
     where exists (select from connectors c where c.customer_id = $1 and c.connector_id = r.connector_id)
     order by r.connector_id
     on conflict (customer_id, connector_id) do update set
       last_event_at = greatest(connector_watches.last_event_at, excluded.last_event_at),
       last_received_at = greatest(connector_watches.last_received_at, excluded.last_received_at),
       lag_ms = case when excluded.last_received_at >= connector_watches.last_received_at
                     then excluded.lag_ms else connector_watches.lag_ms end
     returning connector_id as "connectorId", silent_since as "silentSince"`,
    [
      customerId,
      receipts.map(({ connectorId }) => connectorId),
      receipts.map(({ lastEventAt }) => lastEventAt.toISOString()),
      receipts.map(({ lastReceivedAt }) => lastReceivedAt.toISOString()),
      receipts.map(({ lastEventAt, lastReceivedAt }) => +lastReceivedAt - +lastEventAt),
    ],
  );
  return rows.flatMap(({ connectorId, silentSince }) =>
    silentSince === null ? [] : [{ connectorId, silentSince }],
  );
}

/** Sets since when a connector is silent; null once it reports again. Its watch is locked. */
export async function setSilent(
  tx: Transaction,
  { customerId, connectorId }: ConnectorKey,
  silentSince: Date | null,
): Promise<void> {
  await tx.query(
    'update connector_watches set silent_since = $3 where customer_id = $1 and connector_id = $2',
    [customerId, connectorId, silentSince],
  );
}

/** Gives a connector its time again before it counts as silent, since its pause has ended. */
export async function watchAnew(
  tx: Transaction,
  { customerId, connectorId }: ConnectorKey,
  now: Date,
): Promise<void> {
  await tx.query(
    'update connector_watches set watched_from = $3 where customer_id = $1 and connector_id = $2',
    [customerId, connectorId, now],
  );
}

/** What decides whether a connector is silent, but for its customer. */
export interface WatchedConnector extends Omit<SilenceRules, 'isServed'> {
  readonly watch: Watch;
  readonly lastEventAt: Date;
}

/** A connector and its watch, both locked; null where it has not reported or is gone. */
export async function lockWatched(
  tx: Transaction,
  { customerId, connectorId }: ConnectorKey,
): Promise<WatchedConnector | null> {
  const connectors: { type: string; is_paused: boolean; silent_after_minutes: number | null }[] =
    await tx.query(
      `select type, is_paused, silent_after_minutes from connectors
       where customer_id = $1 and connector_id = $2 for no key update`,
      [customerId, connectorId],
    );
  const watches: (Watch & { lastEventAt: Date })[] = await tx.query(
    `select last_received_at as "lastReceivedAt", watched_from as "watchedFrom",
       silent_since as "silentSince", last_event_at as "lastEventAt"
     from connector_watches where customer_id = $1 and connector_id = $2 for update`,
    [customerId, connectorId],
  );
  const [[connector], [watch]] = [connectors, watches];
  if (!connector || !watch) return null;
  return {
    watch,
    lastEventAt: watch.lastEventAt,
    isPaused: connector.is_paused,
    silentAfterMinutes: silentAfterMinutes(connector.type, connector.silent_after_minutes),
  };
}

/** A connector that may be silent. */
export interface QuietConnector extends ConnectorKey, Watch, SilenceRules {}

/**
 * Connectors from which nothing has come since `before`, a part of them: those after `afterId`, in the order of their
 * ids. The scope is the transaction's.
 */
export async function listQuiet(
  tx: Transaction,
  before: Date,
  afterId: string | null,
  limit: number,
): Promise<QuietConnector[]> {
  const rows: (Omit<QuietConnector, 'silentAfterMinutes'> & {
    type: string;
    minutes: number | null;
  })[] = await tx.query(
    `select w.customer_id as "customerId", w.connector_id as "connectorId", c.type,
       c.is_paused as "isPaused", o.is_served as "isServed", c.silent_after_minutes as minutes,
       w.last_received_at as "lastReceivedAt", w.watched_from as "watchedFrom",
       w.silent_since as "silentSince"
     from connector_watches w
     join connectors c using (customer_id, connector_id)
     join customers o using (customer_id)
     where w.silent_since is null and not c.is_paused and o.is_served and w.last_received_at <= $1
       and ($2::uuid is null or w.connector_id > $2)
     order by w.connector_id limit $3`,
    [before, afterId, limit],
  );
  return rows.map(({ type, minutes, ...row }) => ({
    ...row,
    silentAfterMinutes: silentAfterMinutes(type, minutes),
  }));
}
