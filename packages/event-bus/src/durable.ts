import { AckPolicy, DeliverPolicy, JetStreamApiCodes, JetStreamApiError } from '@nats-io/jetstream';
import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Logger } from '@vedette/service-kit';
import type { Bus } from './bus.ts';
import type { ConsumerDefinition } from './consumer-definition.ts';
import { ensureStream } from './streams.ts';

export const ackWaitSeconds = 30;
/** Failing messages that may wait for their retry while a consumer without order goes on. */
const maxParked = 256;

type Durable = Pick<
  ConsumerDefinition<never>,
  'name' | 'stream' | 'subject' | 'concurrency' | 'order'
>;

/**
 * Makes sure that a consumer's durable is there and can receive what its stream gets from now on.
 *
 * A server that was killed may come back with a stream that has forgotten its last sequence (an empty
 * stream's last sequence stands in one small index file), while the durable remembers its own. It
 * would never be given a message below its position, so such a durable is made anew; inbox and derived
 * ids make the repeated deliveries harmless.
 */
export async function ensureDurable(
  definition: Durable,
  { bus, logger }: { readonly bus: Bus; readonly logger: Logger },
): Promise<void> {
  const durable = await addDurable(definition, bus).catch(async (error: unknown) => {
    const isStreamMissing =
      error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
    if (!isStreamMissing) throw error;
    logger.warn({ stream: definition.stream }, 'the stream is gone and is made anew');
    await ensureStream(bus.manager, definition.stream);
    return addDurable(definition, bus);
  });
  const { state } = await bus.manager.streams.info(definition.stream);
  if (!isAhead(durable, state.last_seq)) return;
  logger.warn(
    {
      consumer: definition.name,
      position: durable.delivered.stream_seq,
      lastSequence: state.last_seq,
    },
    'the durable is ahead of its stream and is made anew',
  );
  await bus.manager.consumers.delete(definition.stream, definition.name);
  await addDurable(definition, bus);
}

/** Whether a durable waits for a sequence that its stream will give to other messages first. */
export function isAhead(durable: Pick<ConsumerInfo, 'delivered'>, lastSequence: number): boolean {
  return durable.delivered.stream_seq > lastSequence;
}

function addDurable(definition: Durable, bus: Bus): Promise<ConsumerInfo> {
  const concurrency = definition.concurrency ?? 1;
  return bus.manager.consumers.add(definition.stream, {
    durable_name: definition.name,
    filter_subject: definition.subject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: ackWaitSeconds * 1e9,
    // Deliveries are counted here, never by the server: a message past its limit would stay in an
    // interest stream for ever. No back-off list either: on 2.9 it overrides ack_wait.
    max_deliver: -1,
    max_ack_pending: definition.order === 'NONE' ? concurrency + maxParked : concurrency,
  });
}
