import { AckPolicy, DeliverPolicy } from '@nats-io/jetstream';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import { toError } from '@vedette/service-kit';
import type { Bus } from './bus.ts';
import type {
  ConsumerDefinition,
  ConsumerDependencies,
  MessageMeta,
} from './consumer-definition.ts';
import { processMessage } from './process-message.ts';

const ackWaitSeconds = 30;
/** How long to wait before a lost or missing consumer is asked for again. */
const reopenMs = 1_000;
/** Messages asked for ahead, which saves a request for each. max_ack_pending bounds what is delivered. */
const pullAhead = 10;

/**
 * Runs a consumer until it is stopped: creates its durable, pulls, hands over, and starts again when
 * the broker has lost it. Resolves once the durable exists.
 */
export async function startConsumer<Message extends { readonly meta?: MessageMeta | undefined }>(
  definition: ConsumerDefinition<Message>,
  dependencies: ConsumerDependencies,
): Promise<{ stop(): Promise<void> }> {
  const state: { stopped: boolean; open?: ConsumerMessages } = { stopped: false };
  await ensureDurable(definition, dependencies.bus);
  const pump = async (): Promise<void> => {
    while (!state.stopped) {
      try {
        await ensureDurable(definition, dependencies.bus);
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
      await state.open?.close();
      await running;
    },
  };
}

async function ensureDurable(
  definition: Pick<ConsumerDefinition<never>, 'name' | 'stream' | 'subject' | 'concurrency'>,
  bus: Bus,
): Promise<void> {
  await bus.manager.consumers.add(definition.stream, {
    durable_name: definition.name,
    filter_subject: definition.subject,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: ackWaitSeconds * 1e9,
    // Deliveries are counted here, never by the server: a message past its limit would stay in an
    // interest stream for ever. No back-off list either: on 2.9 it overrides ack_wait.
    max_deliver: -1,
    max_ack_pending: definition.concurrency ?? 1,
  });
}

async function pull<Message extends { readonly meta?: MessageMeta | undefined }>(
  definition: ConsumerDefinition<Message>,
  dependencies: ConsumerDependencies,
  state: { stopped: boolean; open?: ConsumerMessages },
): Promise<void> {
  const concurrency = definition.concurrency ?? 1;
  const consumer = await dependencies.bus.client.consumers.get(definition.stream, definition.name);
  const messages = await consumer.consume({
    max_messages: Math.max(concurrency, pullAhead),
    expires: 30_000,
  });
  state.open = messages;
  if (state.stopped) await messages.close();
  const underWay = new Set<Promise<void>>();
  for await (const message of messages) {
    const work = whileWorking(message, () => processMessage(message, definition, dependencies));
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
