import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, UnavailableError } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { startConsumer } from './consumer.ts';
import { defineConsumer } from './consumer-definition.ts';
import { addToOutbox } from './outbox.ts';
import { startRelay } from './relay.ts';
import { ensureStream, telemetrySubject } from './streams.ts';
import { anEvent, customerId, fromBytes, startProbe, subject, toBytes } from './testing/probe.ts';
import type { Probe, ProbeMessage } from './testing/probe.ts';
import { untilEmpty, untilHandled, untilPublished } from './until-settled.ts';

let probe: Probe;

beforeAll(async () => {
  probe = await startProbe();
});

afterAll(() => probe.stop());

/** Whether a promise was settled by the time that something else was done. */
function watch(waiting: Promise<void>): { isOver: boolean; readonly waiting: Promise<void> } {
  const state = { isOver: false, waiting };
  void waiting.then(() => {
    state.isOver = true;
  });
  return state;
}

async function tell(text: string): Promise<void> {
  const meta = { eventId: newId(), providerId: subject.split('.').at(-2) ?? '', customerId };
  await probe.bus.client.publish(subject, toBytes({ meta, text }));
}

describe('whoever needs all that was told before', () => {
  it('waits for a consumer that is in the middle of it, and not for what comes later', async () => {
    const steps = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const begun: string[] = [];
    const definition = defineConsumer<ProbeMessage>({
      name: 'slow',
      stream: 'CASES',
      subject: 'vedette.cases.>',
      decode: fromBytes,
      handle: async ({ text }) => {
        begun.push(text);
        await steps[begun.length - 1]?.promise;
        return 'HANDLED';
      },
    });
    const consumer = await startConsumer(definition, probe);
    await untilHandled(probe.bus, 'CASES', 'slow');
    await tell('before');
    await waitFor(() => begun.length === 1);
    const handled = watch(untilHandled(probe.bus, 'CASES', 'slow'));
    await tell('later');
    expect(handled.isOver).toBe(false);
    steps[0]?.resolve();
    await waitFor(() => begun.length === 2);
    await handled.waiting;
    steps[1]?.resolve();
    await consumer.stop();
  });

  it('waits for the outbox of the customer', async () => {
    const event = anEvent(newId(), 'told');
    await probe.database.infrastructure((tx) => addToOutbox(tx, [event]));
    await untilPublished(probe.database, 'cases', newId());
    const published = watch(untilPublished(probe.database, 'cases', customerId));
    const { bus, database, logger } = probe;
    expect(published.isOver).toBe(false);
    const relay = startRelay({ service: 'cases', stream: 'CASES', bus, database, logger });
    await published.waiting;
    await relay.stop();
  });

  it('waits until nobody needs a message of an interest stream any more', async () => {
    const { manager, client } = probe.bus;
    await ensureStream(manager, 'TELEMETRY');
    await manager.consumers.add('TELEMETRY', { durable_name: 'reader', ack_policy: 'explicit' });
    await client.publish(telemetrySubject(customerId), 'batch');
    await untilEmpty(probe.bus, 'TELEMETRY', telemetrySubject(newId()));
    const empty = watch(untilEmpty(probe.bus, 'TELEMETRY', telemetrySubject(customerId)));
    const message = await (await client.consumers.get('TELEMETRY', 'reader')).next();
    expect(empty.isOver).toBe(false);
    message?.ack();
    await empty.waiting;
  });

  it('hears that a consumer is not there instead of waiting for it', async () => {
    await expect(untilHandled(probe.bus, 'CASES', 'of-nobody')).rejects.toThrow(UnavailableError);
  });
});
