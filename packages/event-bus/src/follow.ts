import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { ConsumerMessages } from '@nats-io/jetstream';
import { toError } from '@vedette/service-kit';
import type { Logger } from '@vedette/service-kit';
import type { Bus } from './bus.ts';
import type { StreamName } from './streams.ts';

const reopenMs = 1_000;
/** How long the server keeps the consumer of a process that has gone without a word. */
const inactiveSeconds = 60;

export interface FollowOptions {
  readonly bus: Bus;
  readonly stream: StreamName;
  readonly logger: Logger;
  /** Given each message once, in the stream's order. When it throws, following begins again. */
  readonly onMessage: (bytes: Uint8Array) => void;
  /**
   * Following has begun, for the first time or again: messages before this may have been missed, and
   * none after it will be unless it is called again. Whatever was derived from messages is void.
   */
  readonly onReset: () => void;
}

/**
 * Follows a stream from now on, for what a process only remembers: nothing is acknowledged and
 * nothing is caught up on. It outlives lost connections, servers and streams.
 */
export function followStream(options: FollowOptions): { stop(): Promise<void> } {
  const state: { stopped: boolean; open?: ConsumerMessages } = { stopped: false };
  // A server that was killed may come back with another stream, whose numbers say nothing to us.
  options.bus.onReconnect(() => void state.open?.close());
  const waiting = new AbortController();
  const pump = async (): Promise<void> => {
    while (!state.stopped) {
      try {
        await follow(options, state);
      } catch (error) {
        if (state.stopped) return;
        options.logger.warn({ err: toError(error), stream: options.stream }, 'following broke off');
      }
      if (!state.stopped) await pause(waiting.signal);
    }
  };
  const running = pump();
  return {
    stop: async () => {
      state.stopped = true;
      waiting.abort();
      void state.open?.close();
      await running;
    },
  };
}

async function follow(
  { bus, stream, onMessage, onReset }: FollowOptions,
  state: { readonly stopped: boolean; open?: ConsumerMessages },
): Promise<void> {
  const { name } = await bus.manager.consumers.add(stream, {
    ack_policy: AckPolicy.None,
    deliver_policy: DeliverPolicy.New,
    mem_storage: true,
    inactive_threshold: inactiveSeconds * 1e9,
  });
  const consumer = await bus.client.consumers.get(stream, name);
  const messages = await consumer.consume({ abort_on_missing_resource: true });
  state.open = messages;
  try {
    // Not awaited: closing ends only once somebody has read to the end.
    if (state.stopped) void messages.close();
    onReset();
    let delivered = 0;
    for await (const message of messages) {
      // Nothing is delivered twice here: what got lost on the way shows as a gap.
      if (message.info.deliverySequence !== ++delivered) throw new Error('a message is missing');
      onMessage(message.data);
    }
  } finally {
    void messages.close();
  }
}

async function pause(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, reopenMs);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  clearTimeout(timer);
}
