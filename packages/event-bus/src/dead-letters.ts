import type { Database } from '@vedette/service-kit';
import { customerOf, holdOffPurge } from './purged-customers.ts';

/** A message that a consumer gave up, kept whole so that it can be replayed after a fix. */
export interface DeadLetter {
  readonly consumer: string;
  readonly stream: string;
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Uint8Array;
  /** Why, in one line. */
  readonly reason: string;
  readonly deliveries: number;
  /** When the message was stored in its stream. */
  readonly sentAt: Date;
  /** Position in the stream: with the consumer it identifies the letter, so that it is kept once. */
  readonly streamSequence: number;
}

/** Header on a replayed message: the one consumer that it is for. Others acknowledge and ignore it. */
export const replayForHeader = 'Vedette-Replay-For';

/**
 * Keeps a dead letter, unless it is of a customer that is purged. Called before the message is
 * terminated; safe to repeat.
 */
export async function addDeadLetter(database: Database, letter: DeadLetter): Promise<void> {
  const customerId = customerOf(letter.subject);
  await database.infrastructure(async (tx) => {
    if (customerId) await holdOffPurge(tx, customerId);
    await tx.query(
      `insert into dead_letters
         (consumer, stream, stream_sequence, subject, headers, payload, reason, deliveries, sent_at)
       select $1, $2, $3, $4, $5, $6, $7, $8, $9
       where not exists (select from purged_customers where customer_id = $10)
       on conflict (consumer, stream, stream_sequence) do nothing`,
      [
        letter.consumer,
        letter.stream,
        letter.streamSequence,
        letter.subject,
        JSON.stringify(letter.headers),
        Buffer.from(letter.payload),
        letter.reason,
        letter.deliveries,
        letter.sentAt,
        customerId,
      ],
    );
  });
}
