import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { deleteCustomerRows, removeExports, UnavailableError } from '@vedette/service-kit';
import type { CustomerTable, Database } from '@vedette/service-kit';
import type { Bus } from './bus.ts';
import { countPurged, markPurged, readPurgeCounts } from './purged-customers.ts';
import type { PurgeCounts } from './purged-customers.ts';
import type { StreamName } from './streams.ts';

/** All that a service holds of its customers: the one list that export and purge go by. */
export interface CustomerData {
  readonly service: string;
  /** Children before parents. */
  readonly tables: readonly CustomerTable[];
  /** What the service has published: streams of its own, and the subjects of a customer in them. */
  readonly messages: readonly {
    readonly stream: StreamName;
    readonly subjectsOf: (customerId: string) => string;
  }[];
}

export interface PurgeSurroundings {
  readonly database: Database;
  readonly bus: Bus;
  readonly exportsDir: string;
}

/** How long the relay may take to publish what the customer's last changes have left in the outbox. */
const publishTimeoutMs = 20_000;
const publishPollMs = 50;
const batchSize = 5_000;

/**
 * Deletes all that a service holds of a customer: rows, outbox, dead letters, messages, export files.
 * Only receipts stay. First the customer is marked as purged, so that nothing of it comes back. Each
 * step is short and safe to repeat: cut short and called again it finishes, and the counts add up.
 * @throws {UnavailableError} database, broker or export store is away
 */
export async function purgeCustomer(
  data: CustomerData,
  customerId: string,
  { database, bus, exportsDir }: PurgeSurroundings,
): Promise<PurgeCounts> {
  await markPurged(database, customerId);
  for (const table of data.tables) {
    await deleteCustomerRows(database, table, customerId, (tx, rows) =>
      countPurged(tx, customerId, { rows }),
    );
  }
  await untilPublished(database, data.service, customerId);
  await deleteFromOutbox(database, data.service, customerId);
  await database.infrastructure((tx) =>
    tx.query(`delete from dead_letters where subject like '%.' || $1`, [customerId]),
  );
  for (const { stream, subjectsOf } of data.messages) {
    const messages = await purgeMessages(bus, stream, subjectsOf(customerId));
    await database.infrastructure((tx) => countPurged(tx, customerId, { messages }));
  }
  await removeExports({ exportsDir, customerId, service: data.service });
  return readPurgeCounts(database, customerId);
}

/** `$1` is the customer, `$2` the service. The receipt of a purge outlives the customer. */
const ofCustomer = `subject like '%.' || $1 and subject not like 'vedette.' || $2 || '.customer_purged.%'`;

/**
 * Waits until the relay has published what there is: it would publish a row that it has read even
 * after the row is deleted, and the message would come into the stream after those that are purged.
 */
async function untilPublished(
  database: Database,
  service: string,
  customerId: string,
): Promise<void> {
  const deadline = Date.now() + publishTimeoutMs;
  for (;;) {
    const waiting: unknown[] = await database.infrastructure((tx) =>
      tx.query(`select 1 from outbox where published_at is null and ${ofCustomer} limit 1`, [
        customerId,
        service,
      ]),
    );
    if (waiting.length === 0) return;
    if (Date.now() > deadline) throw new UnavailableError('outbox relay');
    await delay(publishPollMs);
  }
}

async function deleteFromOutbox(
  database: Database,
  service: string,
  customerId: string,
): Promise<void> {
  for (;;) {
    const [, count] = await database.infrastructure<[unknown, number]>((tx) =>
      tx.query(
        `delete from outbox where position in (
           select position from outbox where ${ofCustomer} limit ${batchSize})`,
        [customerId, service],
      ),
    );
    if (count < batchSize) return;
  }
}

/** @returns how many messages were deleted */
async function purgeMessages(bus: Bus, stream: StreamName, subjects: string): Promise<number> {
  try {
    const { state } = await bus.manager.streams.info(stream, { subjects_filter: subjects });
    let messages = 0;
    for (const subject of Object.keys(state.subjects ?? {})) {
      if (subject.split('.')[2] === 'customer_purged') continue;
      const { purged } = await bus.manager.streams.purge(stream, { filter: subject });
      messages += purged;
    }
    return messages;
  } catch (cause) {
    const isStreamMissing =
      cause instanceof JetStreamApiError && cause.code === JetStreamApiCodes.StreamNotFound;
    if (isStreamMissing) return 0;
    throw new UnavailableError('nats', { cause });
  }
}
