import { traceHeaders } from '@vedette/service-kit';
import type { Transaction } from '@vedette/service-kit';

/** A domain event on its way: saved with the change it tells of, published later by the relay. */
export interface OutboxEvent {
  /** uuidv7; the JetStream message id and what inboxes key on. */
  readonly eventId: string;
  readonly subject: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly payload: Uint8Array;
}

/** A domain event carries ids and facts. Whatever is this large holds something that is neither. */
const maxPayloadBytes = 1024 * 1024;

/**
 * Adds events to the outbox in the transaction of their change. The caller has locked the aggregate
 * (it updated or inserted the aggregate's row), which makes insertion order the aggregate's order.
 * @throws {Error} an event is over 1 MiB: refused here, since the relay could never publish it
 */
export async function addToOutbox(tx: Transaction, events: readonly OutboxEvent[]): Promise<void> {
  if (events.length === 0) return;
  const large = events.find((event) => event.payload.byteLength > maxPayloadBytes);
  if (large) throw new Error(`event ${large.eventId} has ${large.payload.byteLength} bytes`);
  await tx.query(
    `insert into outbox (event_id, subject, aggregate_id, aggregate_version, headers, payload)
     select e.event_id, e.subject, e.aggregate_id, e.aggregate_version, $6::jsonb, e.payload
     from unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::bytea[])
       with ordinality as e(event_id, subject, aggregate_id, aggregate_version, payload, n)
     order by e.n`,
    [
      events.map((event) => event.eventId),
      events.map((event) => event.subject),
      events.map((event) => event.aggregateId),
      events.map((event) => event.aggregateVersion),
      events.map((event) => Buffer.from(event.payload)),
      JSON.stringify(traceHeaders()),
    ],
  );
}
