import { JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import { deleteCustomerRows, removeExports, UnavailableError } from '@vedette/service-kit';
import type { CustomerTable, Database } from '@vedette/service-kit';
import type { Bus } from './bus.ts';
import { countPurged, markPurged, readPurgeCounts } from './purged-customers.ts';
import type { PurgeCounts } from './purged-customers.ts';
import type { StreamName } from './streams.ts';
import { outboxOfCustomer, untilPublished } from './until-settled.ts';

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
  // The relay would publish a row that it has read even after the row is deleted, and the message would
  // come into the stream after those that are deleted.
  await untilPublished(database, data.service, customerId);
  await deleteFromOutbox(database, data.service, customerId);
  await database.infrastructure((tx) =>
    tx.query(`delete from dead_letters where subject like '%.' || $1`, [customerId]),
  );
  for (const { stream, subjectsOf } of data.messages) {
    const messages = await deleteMessages(bus, stream, subjectsOf(customerId));
    await database.infrastructure((tx) => countPurged(tx, customerId, { messages }));
  }
  await removeExports({ exportsDir, customerId, service: data.service });
  return readPurgeCounts(database, customerId);
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
           select position from outbox where ${outboxOfCustomer} limit ${batchSize})`,
        [customerId, service],
      ),
    );
    if (count < batchSize) return;
  }
}

/** @returns how many messages were deleted */
async function deleteMessages(bus: Bus, stream: StreamName, subjects: string): Promise<number> {
  try {
    const { state } = await bus.manager.streams.info(stream, { subjects_filter: subjects });
    let messages = 0;
    for (const subject of Object.keys(state.subjects ?? {})) {
      if (subject.split('.')[2] === 'customer_purged') continue;
      messages += await deleteOfSubject(bus, stream, subject);
    }
    return messages;
  } catch (cause) {
    const isStreamMissing =
      cause instanceof JetStreamApiError && cause.code === JetStreamApiCodes.StreamNotFound;
    if (isStreamMissing) return 0;
    throw new UnavailableError('nats', { cause });
  }
}

/**
 * One message after the other, and overwritten. A purge of the subject would be one request, but NATS
 * 2.9 then moves every durable that reads the subject to the end of the stream, past whatever waits
 * there of anybody; and what is not overwritten is back when the server is killed: ADR 0021.
 */
async function deleteOfSubject(bus: Bus, stream: StreamName, subject: string): Promise<number> {
  const { streams } = bus.manager;
  let messages = 0;
  for (let sequence = 1; ;) {
    // The first at this position or after it. The client's types do not know it.
    const place = { seq: sequence, next_by_subj: subject };
    const next = await streams.getMessage(stream, place);
    if (!next) return messages;
    sequence = next.seq + 1;
    try {
      if (await streams.deleteMessage(stream, next.seq, true)) messages += 1;
    } catch (error) {
      // Whoever it was for may have read it a moment ago, or its time was over.
      if (await streams.getMessage(stream, { seq: next.seq })) throw error;
    }
  }
}
