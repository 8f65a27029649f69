import type { JsMsg } from '@nats-io/jetstream';
import { isUuid, joinTransaction, toError, withSpan } from '@vedette/service-kit';
import type { TenantScope } from '@vedette/service-kit';
import type {
  ConsumerDefinition,
  ConsumerDependencies,
  MessageMeta,
} from './consumer-definition.ts';
import { addDeadLetter, replayForHeader } from './dead-letters.ts';
import { claimInInbox, lookInInbox } from './inbox.ts';
import { failureOutcome, MalformedMessageError, retryDelayMs } from './message-failure.ts';

type Outcome = 'handled' | 'duplicate' | 'ignored' | 'retried' | 'dead';

/** Outcomes of events that are not claimed. */
const outcomeOf = { DUPLICATE: 'duplicate', PURGED: 'ignored' } as const;

const defaultMaxDeliveries = 8;

/**
 * How often messages, by their place in the stream, failed here by their own fault. The server counts
 * deliveries, and so also those for which the surroundings were to blame: after a long outage the first
 * failure would be the last.
 */
export type FailureCounts = Map<number, number>;

/** Messages that others have settled stay in the count; beyond this many it begins anew. */
const maxCounted = 10_000;

function countFailure(failures: FailureCounts, sequence: number): number {
  if (failures.size >= maxCounted) failures.clear();
  const count = (failures.get(sequence) ?? 0) + 1;
  failures.set(sequence, count);
  return count;
}

/**
 * Handles one delivery and settles it: inbox row and effect in one transaction, commit, then ack. On
 * failure the error decides between waiting, retrying and the dead letters. Never throws: what cannot
 * even be recorded is delivered again when its ack wait is over.
 */
export async function processMessage<
  Message extends { readonly meta?: MessageMeta | undefined },
  Prepared,
>(
  message: JsMsg,
  definition: ConsumerDefinition<Message, Prepared>,
  dependencies: ConsumerDependencies,
  failures: FailureCounts,
): Promise<void> {
  const headers = headersOf(message);
  const options = {
    kind: 'CONSUMER',
    attributes: { 'messaging.destination.name': message.subject },
    causedBy: headers,
  } as const;
  await withSpan(definition.name, options, async (span) => {
    const logger = dependencies.logger.child({ consumer: definition.name });
    try {
      const outcome = isForAnother(headers, definition.name)
        ? 'ignored'
        : await applyOnce(message, definition, { ...dependencies, logger });
      message.ack();
      failures.delete(message.seq);
      span.setAttribute('event.outcome', outcome);
    } catch (error) {
      const outcome = await settleFailure(error, message, definition, dependencies, failures);
      span.setAttribute('event.outcome', outcome);
    }
  });
}

async function applyOnce<Message extends { readonly meta?: MessageMeta | undefined }, Prepared>(
  message: JsMsg,
  definition: ConsumerDefinition<Message, Prepared>,
  dependencies: ConsumerDependencies,
): Promise<Outcome> {
  const { database, logger } = dependencies;
  const decoded = decode(message, definition);
  const meta = checkedMeta(message.subject, decoded.meta);
  const customerId = definition.takesPurged ? '' : meta.customerId;
  const key = { consumer: definition.name, eventId: meta.eventId, customerId };
  if (definition.prepare) {
    const seen = await database.infrastructure((tx) => lookInInbox(tx, key));
    if (seen !== 'CLAIMED') return outcomeOf[seen];
  }
  const prepared = await definition.prepare?.(decoded, dependencies);
  return database.transaction(scopeOf(meta), async (tx) => {
    const claim = await claimInInbox(tx, key);
    if (claim !== 'CLAIMED') return outcomeOf[claim];
    const handling = { tx, db: joinTransaction(tx), logger };
    // Without `prepare`, `Prepared` is `undefined`.
    const result = await definition.handle(decoded, handling, prepared as Prepared);
    return result === 'IGNORED' ? 'ignored' : 'handled';
  });
}

function decode<Message extends { readonly meta?: MessageMeta | undefined }, Prepared>(
  message: JsMsg,
  definition: ConsumerDefinition<Message, Prepared>,
): Message {
  try {
    return definition.decode(message.data);
  } catch (cause) {
    throw new MalformedMessageError(`cannot be decoded: ${toError(cause).message}`, { cause });
  }
}

/**
 * The tenant in the message must be the one in the subject: whoever may publish one customer's subject
 * may not act on another's data. A telemetry subject ends in the customer, any other in provider and
 * customer.
 */
function checkedMeta(subject: string, meta: MessageMeta | undefined): MessageMeta {
  if (!isUuid(meta?.eventId)) throw new MalformedMessageError('has no event id');
  for (const id of [meta.customerId, meta.providerId]) {
    // The scope of the transaction is made from them.
    if (id !== '' && !isUuid(id)) throw new MalformedMessageError('names a tenant that is no id');
  }
  const tokens = subject.split('.');
  const isTelemetry = tokens[1] === 'telemetry';
  const agrees =
    tokens.at(-1) === (meta.customerId || '_') &&
    (isTelemetry || tokens.at(-2) === (meta.providerId || '_'));
  if (!agrees) throw new MalformedMessageError('names another tenant than its subject');
  return meta;
}

function scopeOf({ customerId, providerId }: MessageMeta): TenantScope {
  return {
    kind: 'CUSTOMERS',
    customerIds: customerId ? [customerId] : [],
    ...(providerId ? { providerId } : {}),
  };
}

async function settleFailure<Message extends { readonly meta?: MessageMeta | undefined }, Prepared>(
  thrown: unknown,
  message: JsMsg,
  definition: ConsumerDefinition<Message, Prepared>,
  { database, logger }: ConsumerDependencies,
  failures: FailureCounts,
): Promise<Outcome> {
  const error = toError(thrown);
  const deliveries = message.info.deliveryCount;
  const outcome = failureOutcome(thrown);
  const isExhausted =
    outcome === 'RETRY' &&
    countFailure(failures, message.seq) >= (definition.maxDeliveries ?? defaultMaxDeliveries);
  const about = { err: error, subject: message.subject, deliveries, consumer: definition.name };
  if (outcome !== 'DEAD' && !isExhausted) {
    logger.warn(about, 'message will be delivered again');
    message.nak(retryDelayMs(deliveries));
    return 'retried';
  }
  try {
    await addDeadLetter(database, {
      consumer: definition.name,
      stream: message.info.stream,
      streamSequence: message.info.streamSequence,
      subject: message.subject,
      headers: headersOf(message),
      payload: message.data,
      reason: `${error.name}: ${error.message}`.slice(0, 1_000),
      deliveries,
      sentAt: new Date(message.info.timestampNanos / 1e6),
    });
  } catch (cause) {
    logger.warn(
      { err: toError(cause), subject: message.subject },
      'dead letter could not be kept yet',
    );
    message.nak(retryDelayMs(deliveries));
    return 'retried';
  }
  logger.error(about, 'message is a dead letter now');
  message.term();
  failures.delete(message.seq);
  return 'dead';
}

function headersOf(message: JsMsg): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const [name, values] of message.headers ?? []) pairs[name] = values[0] ?? '';
  return pairs;
}

function isForAnother(headers: Readonly<Record<string, string>>, consumer: string): boolean {
  const wanted = headers[replayForHeader];
  return wanted !== undefined && wanted !== consumer;
}
