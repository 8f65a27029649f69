import { setTimeout as delay } from 'node:timers/promises';
import { toError, UnavailableError } from '@vedette/service-kit';
import type { Database } from '@vedette/service-kit';
import type { Bus } from './bus.ts';
import type { StreamName } from './streams.ts';

/** Longer than this nobody waits inside one delivery: the message comes again and waits anew. */
const patienceMs = 20_000;
const pollMs = 50;

/** `$1` is the customer, `$2` the service. The receipt of a purge outlives the customer. */
export const outboxOfCustomer = `subject like '%.' || $1 and subject not like 'vedette.' || $2 || '.customer_purged.%'`;

/**
 * Waits until the relay has published all that a service has told of a customer.
 * @throws {UnavailableError} the relay is too slow, or the database is away
 */
export async function untilPublished(
  database: Database,
  service: string,
  customerId: string,
): Promise<void> {
  await until('outbox relay', async () => {
    const waiting: unknown[] = await database.infrastructure((tx) =>
      tx.query(`select 1 from outbox where published_at is null and ${outboxOfCustomer} limit 1`, [
        customerId,
        service,
      ]),
    );
    return waiting.length === 0;
  });
}

/**
 * Waits until a consumer has dealt with all that its stream holds at this moment.
 * @throws {UnavailableError} the consumer is too slow, or the broker is away
 */
export async function untilHandled(bus: Bus, stream: StreamName, durable: string): Promise<void> {
  let last: number | null = null;
  await until(durable, async () => {
    last ??= (await bus.manager.streams.info(stream)).state.last_seq;
    const { ack_floor, num_pending, num_ack_pending } = await bus.manager.consumers.info(
      stream,
      durable,
    );
    // The floor stands at a message of the consumer's own, which need not be the stream's last.
    return ack_floor.stream_seq >= last || num_pending + num_ack_pending === 0;
  });
}

/**
 * Waits until an interest stream holds nothing under a subject: all that read it have dealt with it.
 * @throws {UnavailableError} they are too slow, or the broker is away
 */
export async function untilEmpty(bus: Bus, stream: StreamName, subject: string): Promise<void> {
  await until(`readers of ${stream}`, async () => {
    const { state } = await bus.manager.streams.info(stream, { subjects_filter: subject });
    return Object.keys(state.subjects ?? {}).length === 0;
  });
}

async function until(dependency: string, isReached: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    if (await ask(dependency, isReached)) return;
    if (Date.now() > deadline) throw new UnavailableError(dependency);
    await delay(pollMs);
  }
}

/** A broker that is away is waited for like one that has more to do. */
async function ask(dependency: string, isReached: () => Promise<boolean>): Promise<boolean> {
  try {
    return await isReached();
  } catch (error) {
    if (error instanceof UnavailableError) throw error;
    throw new UnavailableError(dependency, { cause: toError(error) });
  }
}
