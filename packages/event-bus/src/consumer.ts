import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { toError } from '@vedette/service-kit';
import type {
  ConsumerDefinition,
  ConsumerDependencies,
  MessageMeta,
} from './consumer-definition.ts';
import { ackWaitSeconds, ensureDurable } from './durable.ts';
import { processMessage } from './process-message.ts';
import type { FailureCounts } from './process-message.ts';

/** How long to wait before a lost or missing consumer is asked for again. */
const reopenMs = 1_000;
/** Messages asked for ahead, which saves a request for each. max_ack_pending bounds what is delivered. */
const pullAhead = 10;
/** Life of a pull request. What is missing shows by missed heartbeats, two of which fit in it. */
const pullSeconds = 15;

interface State {
  stopped: boolean;
  open?: ConsumerMessages;
  readonly failures: FailureCounts;
}

/**
 * Runs a consumer until it is stopped: creates its durable, pulls, hands over, and starts again when
 * the broker has lost it. Resolves once the durable exists.
 */
export async function startConsumer<
  Message extends { readonly meta?: MessageMeta | undefined },
  Prepared,
>(
  definition: ConsumerDefinition<Message, Prepared>,
  dependencies: ConsumerDependencies,
): Promise<{ stop(): Promise<void> }> {
  const state: State = { stopped: false, failures: new Map() };
  await ensureDurable(definition, dependencies);
  // A server that was killed may come back without the durable, or with a stream behind it.
  dependencies.bus.onReconnect(() => void state.open?.close());
  const pump = async (): Promise<void> => {
    while (!state.stopped) {
      try {
        await ensureDurable(definition, dependencies);
        await pull(definition, dependencies, state);
      } catch (error) {
        dependencies.logger.warn(
          { err: toError(error), consumer: definition.name },
          'consumer interrupted',
        );
      }
      if (!state.stopped) await new Promise((resolve) => setTimeout(resolve, reopenMs));
    }
  };
  const running = pump();
  return {
    stop: async () => {
      state.stopped = true;
      void state.open?.close();
      await running;
    },
  };
}

async function pull<Message extends { readonly meta?: MessageMeta | undefined }, Prepared>(
  definition: ConsumerDefinition<Message, Prepared>,
  dependencies: ConsumerDependencies,
  state: State,
): Promise<void> {
  const concurrency = definition.concurrency ?? 1;
  const consumer = await dependencies.bus.client.consumers.get(definition.stream, definition.name);
  const messages = await consumer.consume({
    max_messages: Math.max(concurrency, pullAhead),
    expires: pullSeconds * 1_000,
    // Ends this when durable or stream are gone, which the pump then mends.
    abort_on_missing_resource: true,
  });
  state.open = messages;
  // Not awaited, here and where it stops: closing ends only once somebody has read to the end.
  if (state.stopped) void messages.close();
  const underWay = new Set<Promise<void>>();
  for await (const message of messages) {
    const work = whileWorking(message, () =>
      processMessage(message, definition, dependencies, state.failures),
    );
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
    if (underWay.size >= concurrency) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

/** Tells the server that a long handling is alive, so that nobody else gets the message meanwhile. */
async function whileWorking(message: JsMsg, work: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => message.working(), (ackWaitSeconds * 1000) / 3);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}
