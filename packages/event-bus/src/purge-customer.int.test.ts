import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId, UnavailableError } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import type { Bus } from './bus.ts';
import { startConsumer } from './consumer.ts';
import { defineConsumer } from './consumer-definition.ts';
import type { ConsumerDefinition } from './consumer-definition.ts';
import { addToOutbox } from './outbox.ts';
import { purgeCustomer } from './purge-customer.ts';
import type { CustomerData } from './purge-customer.ts';
import { markPurged } from './purged-customers.ts';
import { publishBatch } from './relay.ts';
import { domainSubject, domainSubjectsOf } from './streams.ts';
import { addEffect, anEvent, fromBytes, providerId, startProbe, toBytes } from './testing/probe.ts';
import type { Probe, ProbeMessage } from './testing/probe.ts';

let probe: Probe;
let running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  probe = await startProbe();
});

afterEach(async () => {
  await Promise.all(running.map((consumer) => consumer.stop()));
  running = [];
});

afterAll(() => probe.stop());

const data: CustomerData = {
  service: 'cases',
  tables: [],
  messages: [{ stream: 'CASES', subjectsOf: (id) => domainSubjectsOf('cases', id) }],
};

/** Starts a consumer that writes each text it is told, unless it is told otherwise. */
async function consume<Prepared>(
  name: string,
  more: Partial<ConsumerDefinition<ProbeMessage, Prepared>> = {},
): Promise<void> {
  const definition = defineConsumer<ProbeMessage, Prepared>({
    name,
    stream: 'CASES',
    subject: `vedette.cases.${name}.>`,
    decode: fromBytes,
    handle: async ({ text }, { tx }) => {
      await addEffect(tx, `${name}: ${text}`);
      return 'HANDLED';
    },
    ...more,
  });
  running.push(await startConsumer(definition, probe));
}

function subjectOf(name: string, customerId: string): string {
  return domainSubject('cases', name, { providerId, customerId });
}

async function tell(
  name: string,
  customerId: string,
  text: string,
  eventId = newId(),
): Promise<void> {
  const meta = { eventId, providerId, customerId };
  await probe.bus.client.publish(subjectOf(name, customerId), toBytes({ meta, text }));
}

async function settled(name: string): Promise<void> {
  await waitFor(async () => {
    const info = await probe.bus.manager.consumers.info('CASES', name);
    return info.num_pending + info.num_ack_pending === 0;
  });
}

async function effectsOf(name: string): Promise<string[]> {
  return (await probe.readEffects()).filter((text) => text.startsWith(`${name}: `));
}

async function subjectsOf(customerId: string): Promise<string[]> {
  const filter = { subjects_filter: domainSubjectsOf('cases', customerId) };
  const { state } = await probe.bus.manager.streams.info('CASES', filter);
  return Object.keys(state.subjects ?? {});
}

describe('an event of a purged customer', () => {
  it('is ignored by every consumer that does not ask for it, whatever its id', async () => {
    const [gone, here] = [newId(), newId()];
    await consume('usual');
    await consume('final', { takesPurged: true });
    await markPurged(probe.database, gone);
    for (const name of ['usual', 'final']) {
      await tell(name, gone, 'of one that is gone');
      await tell(name, here, 'of one that is here');
      await settled(name);
    }
    expect(await effectsOf('usual')).toEqual(['usual: of one that is here']);
    expect(await effectsOf('final')).toHaveLength(2);
  });

  it('that is being handled is waited for, so that what it wrote is found by the purge', async () => {
    const customerId = newId();
    const steps: string[] = [];
    await consume('slow', {
      handle: async (_, { tx }) => {
        steps.push('handling');
        await delay(300);
        await addEffect(tx, 'slow: done');
        steps.push('handled');
        return 'HANDLED';
      },
    });
    await tell('slow', customerId, 'takes long');
    await waitFor(() => steps.includes('handling'));
    await markPurged(probe.database, customerId);
    steps.push('marked');
    expect(steps).toEqual(['handling', 'handled', 'marked']);
  });

  it('is no dead letter, although it cannot be read', async () => {
    const [gone, here] = [newId(), newId()];
    await consume('strict');
    await markPurged(probe.database, gone);
    for (const customerId of [gone, here]) {
      await probe.bus.client.publish(subjectOf('strict', customerId), Buffer.from('no JSON'));
    }
    await settled('strict');
    const letters = await probe.database.infrastructure((tx) =>
      tx.query<{ subject: string }[]>(`select subject from dead_letters where consumer = 'strict'`),
    );
    expect(letters).toEqual([{ subject: subjectOf('strict', here) }]);
  });
});

describe('work before the claim', () => {
  it('is handed to the effect, done again after a failure, and not for what was handled', async () => {
    const attempts: string[] = [];
    await consume<string>('prepared', {
      prepare: async ({ text }) => {
        attempts.push(text);
        if (attempts.length === 1) throw new UnavailableError('somebody');
        return `${text}, attempt ${attempts.length}`;
      },
      handle: async (_, { tx }, made) => {
        await addEffect(tx, `prepared: ${made}`);
        return 'HANDLED';
      },
    });
    const [customerId, eventId] = [newId(), newId()];
    await tell('prepared', customerId, 'long work', eventId);
    await tell('prepared', customerId, 'long work', eventId);
    await waitFor(async () => (await effectsOf('prepared')).length > 0);
    await settled('prepared');
    expect(attempts).toHaveLength(2);
    expect(await effectsOf('prepared')).toEqual(['prepared: long work, attempt 2']);
  });

  it('is not done for a purged customer', async () => {
    const customerId = newId();
    let attempts = 0;
    await consume('spared', {
      prepare: async () => {
        attempts += 1;
      },
    });
    await markPurged(probe.database, customerId);
    await tell('spared', customerId, 'an export, say');
    await settled('spared');
    expect(attempts).toBe(0);
  });
});

describe('the purge of a customer', () => {
  const exportsDir = '/nonexistent';

  /** A bus that takes its time over each message of the outbox. */
  function slowBus(ms: number, onPublish: () => void): Bus {
    const { bus } = probe;
    const publish: Bus['client']['publish'] = async (...message) => {
      onPublish();
      await delay(ms);
      return bus.client.publish(...message);
    };
    const client = new Proxy(bus.client, {
      get: (target, name, receiver) =>
        name === 'publish' ? publish : (Reflect.get(target, name, receiver) as unknown),
    });
    return { ...bus, client };
  }

  async function addEvents(customerId: string, ...names: readonly string[]): Promise<void> {
    await probe.database.infrastructure((tx) =>
      addToOutbox(
        tx,
        names.map((name) => anEvent(newId(), name, { subject: subjectOf(name, customerId) })),
      ),
    );
  }

  it('leaves no message, also when the relay is about to publish one', async () => {
    const [gone, here] = [newId(), newId()];
    await addEvents(gone, 'opened', 'closed');
    await addEvents(here, 'opened');
    const relaying = Promise.withResolvers<void>();
    const relay = probe.database.tryWithLock('test relay', async (session) => {
      const bus = slowBus(300, relaying.resolve);
      await publishBatch(session, { bus, stream: 'CASES', logger: probe.logger });
    });
    await relaying.promise;
    const counts = await purgeCustomer(data, gone, { ...probe, exportsDir });
    await relay;
    expect(counts).toEqual({ rows: 0, messages: 2 });
    expect(await subjectsOf(gone)).toEqual([]);
    expect(await subjectsOf(here)).toEqual([subjectOf('opened', here)]);
    const rows = await probe.database.infrastructure((tx) =>
      tx.query<{ subject: string }[]>('select subject from outbox'),
    );
    expect(rows).toEqual([{ subject: subjectOf('opened', here) }]);
  });

  it('takes no waiting message from anybody else', async () => {
    const [gone, here] = [newId(), newId()];
    const first = Promise.withResolvers<void>();
    await consume('waiting', {
      handle: async ({ text }, { tx }) => {
        await first.promise;
        await addEffect(tx, `waiting: ${text}`);
        return 'HANDLED';
      },
    });
    for (const customerId of [here, gone, gone, here])
      await tell('waiting', customerId, customerId);
    const counts = await purgeCustomer(data, gone, { ...probe, exportsDir }).finally(first.resolve);
    expect(counts.messages).toBe(2);
    await settled('waiting');
    expect(await effectsOf('waiting')).toEqual([`waiting: ${here}`, `waiting: ${here}`]);
  });

  it('is not undone by a broker that is killed right after it', async () => {
    const customerId = newId();
    for (const text of ['one', 'two', 'three']) await tell('opened', customerId, text);
    await purgeCustomer(data, customerId, { ...probe, exportsDir });
    probe.nats.kill('SIGKILL');
    await probe.nats.restart();
    await waitFor(() => probe.bus.ping().then(() => true), { timeoutMs: 20_000 });
    expect(await subjectsOf(customerId)).toEqual([]);
  });

  it('leaves the receipts of purges before it', async () => {
    const customerId = newId();
    await tell('customer_purged', customerId, 'a receipt');
    await tell('customer_exported', customerId, 'an older receipt');
    await tell('opened', customerId, 'a case');
    const counts = await purgeCustomer(data, customerId, { ...probe, exportsDir });
    expect(await subjectsOf(customerId)).toEqual([subjectOf('customer_purged', customerId)]);
    expect(counts.messages).toBe(2);
    expect(await purgeCustomer(data, customerId, { ...probe, exportsDir })).toEqual(counts);
  });

  it('waits for a broker that is away', async () => {
    const manager = new Proxy(probe.bus.manager, {
      get: () => {
        throw new Error('no answer');
      },
    });
    const bus = { ...probe.bus, manager };
    await expect(purgeCustomer(data, newId(), { ...probe, bus, exportsDir })).rejects.toThrow(
      UnavailableError,
    );
  });
});
