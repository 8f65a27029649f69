import type { Database } from '@vedette/service-kit';

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

/** Keeps a dead letter. Called before the message is terminated; safe to repeat. */
export async function addDeadLetter(database: Database, letter: DeadLetter): Promise<void> {
  await database.infrastructure((tx) =>
    tx.query(
      `insert into dead_letters
         (consumer, stream, stream_sequence, subject, headers, payload, reason, deliveries, sent_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
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
      ],
    ),
  );
}
