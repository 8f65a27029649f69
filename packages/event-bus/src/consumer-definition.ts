import type { Database, Logger, Transaction } from '@vedette/service-kit';
import type { Bus } from './bus.ts';
import type { StreamName } from './streams.ts';

/** What a consumer must know of any message: whose it is and what makes it itself. */
export interface MessageMeta {
  readonly eventId: string;
  /** Empty where the subject says `_`. */
  readonly providerId: string;
  readonly customerId: string;
}

export interface Handling {
  /** The transaction that the inbox row is in; it sees the message's tenant and no other. */
  readonly tx: Transaction;
  /** The same transaction for operations, which take a database. */
  readonly db: Database;
  readonly logger: Logger;
}

/** A subscription as data; its file is named effect-on-cause. */
export interface ConsumerDefinition<
  Message extends { readonly meta?: MessageMeta | undefined },
  Prepared = undefined,
> {
  /** Name of the durable, `<service>-<file name>`. Never changed, since its position hangs on it. */
  readonly name: string;
  readonly stream: StreamName;
  readonly subject: string;
  readonly decode: (bytes: Uint8Array) => Message;
  /**
   * Work that is too long for one transaction; what it answers is handed to `handle`. It is done before
   * the inbox claims the event, so it may be done again: after a crash, or by a second process. It is
   * not done for an event that was handled. Keep such a consumer's order and concurrency at their
   * defaults: messages that wait for it would be delivered again and again.
   */
  readonly prepare?: (message: Message, dependencies: ConsumerDependencies) => Promise<Prepared>;
  /**
   * The effect, in one transaction with the inbox row: at most once per event and consumer. Answer
   * `IGNORED` for a variant that is unknown here, since producers may add variants first.
   */
  readonly handle: (
    message: Message,
    handling: Handling,
    prepared: Prepared,
  ) => Promise<'HANDLED' | 'IGNORED'>;
  /** Messages handled at the same time. Default 1. */
  readonly concurrency?: number;
  /**
   * `STREAM`, the default, hands over one message after the other: a failing one holds up those behind
   * it until it is a dead letter. `NONE` lets others go on while a failing one waits for its retry.
   */
  readonly order?: 'STREAM' | 'NONE';
  /**
   * Whether events of a purged customer are handled as well. Any other consumer ignores them, so that
   * nothing of the customer comes back. For what purges, and for those that count receipts.
   */
  readonly takesPurged?: true;
  /**
   * Failures before a message becomes a dead letter; waiting for what is away is none. They are counted
   * by each process. Default 8, about a minute.
   */
  readonly maxDeliveries?: number;
}

export function defineConsumer<
  Message extends { readonly meta?: MessageMeta | undefined },
  Prepared = undefined,
>(definition: ConsumerDefinition<Message, Prepared>): ConsumerDefinition<Message, Prepared> {
  return definition;
}

export interface ConsumerDependencies {
  readonly bus: Bus;
  readonly database: Database;
  readonly logger: Logger;
}
