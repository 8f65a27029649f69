import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { headers } from '@nats-io/transport-node';
import { ConflictError, InvalidInputError, newId, UnavailableError } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { startConsumer } from './consumer.ts';
import { defineConsumer } from './consumer-definition.ts';
import { replayForHeader } from './dead-letters.ts';
import { isAhead } from './durable.ts';
import { ensureStream, missingDurables, telemetrySubject } from './streams.ts';
import {
  addEffect,
  customerId,
  fromBytes,
  otherCustomerId,
  providerId,
  startProbe,
  subject,
  toBytes,
} from './testing/probe.ts';
import type { Probe, ProbeMessage } from './testing/probe.ts';

let probe: Probe;
let running: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  probe = await startProbe();
});

afterEach(async () => {
  await Promise.all(running.map((consumer) => consumer.stop()));
  running = [];
  await probe.bus.manager.streams.purge('CASES');
  await probe.database.infrastructure((tx) => tx.query('delete from inbox'));
  await probe.database.infrastructure((tx) => tx.query('delete from dead_letters'));
});

afterAll(() => probe.stop());

type Handle = (message: ProbeMessage, deliveries: number) => Promise<void> | void;

/** Starts a consumer that writes each text it is told; `before` may refuse first. */
async function consume(
  name: string,
  before: Handle = () => undefined,
  maxDeliveries = 3,
  order: 'STREAM' | 'NONE' = 'STREAM',
): Promise<void> {
  const seen = new Map<string, number>();
  const definition = defineConsumer<ProbeMessage>({
    name,
    stream: 'CASES',
    subject: 'vedette.cases.>',
    maxDeliveries,
    order,
    decode: fromBytes,
    handle: async (message, { tx }) => {
      const deliveries = (seen.get(message.text) ?? 0) + 1;
      seen.set(message.text, deliveries);
      await addEffect(tx, `${name}: ${message.text}`);
      await before(message, deliveries);
      return 'HANDLED';
    },
  });
  const { bus, database, logger } = probe;
  running.push(await startConsumer(definition, { bus, database, logger }));
}

async function tell(
  text: string,
  eventId = newId(),
  more: { readonly to?: string; readonly replayFor?: string } = {},
): Promise<void> {
  const messageHeaders = headers();
  if (more.replayFor) messageHeaders.set(replayForHeader, more.replayFor);
  await probe.bus.client.publish(
    more.to ?? subject,
    toBytes({ meta: { eventId, providerId, customerId }, text }),
    {
      headers: messageHeaders,
    },
  );
}

/** Empties what holds the sequences of streams without messages, as a torn write does. */
async function forgetSequences(dataDir: string): Promise<void> {
  const files = await readdir(dataDir, { recursive: true });
  const torn = files.filter((name) => /\/msgs\/[^/]+\.(idx|blk)$/.test(name));
  expect(torn.length).toBeGreaterThan(0);
  for (const name of torn) await truncate(join(dataDir, name));
}

async function effectsOf(name: string): Promise<string[]> {
  const prefix = `${name}: `;
  return (await probe.readEffects())
    .filter((text) => text.startsWith(prefix))
    .map((text) => text.slice(prefix.length));
}

async function deadLetters(): Promise<{ reason: string; deliveries: number }[]> {
  return probe.database.infrastructure((tx) =>
    tx.query('select reason, deliveries from dead_letters order by dead_letter_id'),
  );
}

async function pending(name: string): Promise<number> {
  const info = await probe.bus.manager.consumers.info('CASES', name);
  return info.num_pending + info.num_ack_pending;
}

describe('a consumer', () => {
  it('has its effect once, however often the event is delivered', async () => {
    await consume('once');
    const eventId = newId();
    await tell('delivered twice', eventId);
    await tell('delivered twice', eventId);
    await tell('the last one');
    await waitFor(async () => (await effectsOf('once')).includes('the last one'));
    expect(await effectsOf('once')).toEqual(['delivered twice', 'the last one']);
    expect(await pending('once')).toBe(0);
  });

  it('leaves no effect of a handling that failed, and tries again', async () => {
    await consume('again', (_, deliveries) => {
      if (deliveries === 1) throw new ConflictError('somebody was faster');
    });
    await tell('tried twice');
    await waitFor(async () => (await effectsOf('again')).length > 0);
    expect(await effectsOf('again')).toEqual(['tried twice']);
    expect(await deadLetters()).toEqual([]);
  });

  it('lets good messages flow past a poison one, which becomes a dead letter at once', async () => {
    await consume('poison');
    await tell('good one');
    await probe.bus.client.publish(subject, Buffer.from('not a message'));
    await tell('good two');
    await waitFor(async () => (await effectsOf('poison')).length === 2);
    await waitFor(async () => (await pending('poison')) === 0);
    expect(await deadLetters()).toEqual([
      { reason: expect.stringContaining('cannot be decoded'), deliveries: 1 },
    ]);
  });

  it('gives up after its deliveries a message whose handling keeps failing', async () => {
    await consume('exhausted', (message) => {
      if (message.text === 'bad') throw new Error('a bug');
    });
    await tell('bad');
    await tell('good');
    await waitFor(async () => (await deadLetters()).length === 1, { timeoutMs: 20_000 });
    expect(await deadLetters()).toEqual([{ reason: 'Error: a bug', deliveries: 3 }]);
    expect(await effectsOf('exhausted')).toEqual(['good']);
    await waitFor(async () => (await pending('exhausted')) === 0);
  });

  it('gives up at once what the caller could only mend', async () => {
    await consume('refused', () => {
      throw new InvalidInputError('no such thing');
    });
    await tell('refused');
    await waitFor(async () => (await deadLetters()).length === 1);
    expect(await deadLetters()).toEqual([
      { reason: 'InvalidInputError: no such thing', deliveries: 1 },
    ]);
  });

  it('waits out a dependency that is away instead of giving the message up', async () => {
    await consume(
      'patient',
      (_, deliveries) => {
        if (deliveries <= 3) throw new UnavailableError('something');
      },
      1,
    );
    await tell('patient');
    await waitFor(async () => (await effectsOf('patient')).length === 1, { timeoutMs: 20_000 });
    expect(await deadLetters()).toEqual([]);
  });

  it('does not count against a message how long a dependency was away', async () => {
    await consume('unlucky', (_, deliveries) => {
      if (deliveries <= 3) throw new UnavailableError('something');
      if (deliveries === 4) throw new Error('not the message, as the next delivery shows');
    });
    await tell('unlucky');
    await waitFor(async () => (await effectsOf('unlucky')).length === 1, { timeoutMs: 20_000 });
    expect(await deadLetters()).toEqual([]);
  });

  it('refuses a message that names another tenant than its subject', async () => {
    await consume('tenant');
    await tell('of another tenant', newId(), { to: subject.replace(customerId, otherCustomerId) });
    await waitFor(async () => (await deadLetters()).length === 1);
    expect(await effectsOf('tenant')).toEqual([]);
    expect((await deadLetters())[0]?.reason).toContain('another tenant');
  });

  it('handles in the order of the stream', async () => {
    const texts = Array.from({ length: 50 }, (_, n) => `number ${n}`);
    await consume('ordered');
    for (const text of texts) await tell(text);
    await waitFor(async () => (await effectsOf('ordered')).length === texts.length);
    expect(await effectsOf('ordered')).toEqual(texts);
  });

  it('leaves a replayed letter to the consumer that it is for', async () => {
    await consume('meant');
    await consume('not-meant');
    await tell('replayed', newId(), { replayFor: 'meant' });
    await tell('for all');
    await waitFor(async () => (await effectsOf('not-meant')).includes('for all'));
    await waitFor(async () => (await effectsOf('meant')).length === 2);
    expect(await effectsOf('not-meant')).toEqual(['for all']);
  });

  it('goes on after the broker was killed', async () => {
    await consume('survivor');
    probe.nats.kill('SIGKILL');
    await probe.nats.restart();
    await waitFor(() => probe.bus.ping().then(() => true), { timeoutMs: 20_000 });
    await tell('after the restart');
    await waitFor(async () => (await effectsOf('survivor')).length === 1, { timeoutMs: 60_000 });
  });
  it('is there again after its durable was deleted', async () => {
    await consume('deleted');
    await probe.bus.manager.consumers.delete('CASES', 'deleted');
    await tell('after the deletion');
    await waitFor(async () => (await effectsOf('deleted')).length === 1, { timeoutMs: 60_000 });
  });

  it('is there again, with its stream, after the broker has lost all', async () => {
    await consume('lost');
    await probe.bus.manager.streams.delete('CASES');
    await waitFor(() => probe.bus.manager.consumers.info('CASES', 'lost'), { timeoutMs: 60_000 });
    await tell('after the loss');
    await waitFor(async () => (await effectsOf('lost')).length === 1, { timeoutMs: 20_000 });
  });

  it('receives what a stream gets that has forgotten its sequence', async () => {
    const name = 'ahead';
    await tell('before');
    await consume(name);
    await waitFor(async () => (await effectsOf(name)).length === 1);
    await Promise.all(running.map((consumer) => consumer.stop()));
    running = [];
    // A durable that has been further than its stream is, as after a kill that tore the stream's index.
    const { delivered } = await probe.bus.manager.consumers.info('CASES', name);
    expect(isAhead({ delivered }, delivered.stream_seq - 1)).toBe(true);
    await probe.bus.manager.streams.purge('CASES');
    probe.nats.kill('SIGKILL');
    await probe.nats.restart(forgetSequences);
    await waitFor(() => probe.bus.ping().then(() => true), { timeoutMs: 20_000 });
    await tell('after the loss');
    await consume(name);
    await waitFor(async () => (await effectsOf(name)).length === 2, { timeoutMs: 60_000 });
  });

  it('lets others go on while a failing message waits, where order does not matter', async () => {
    await consume(
      'unordered',
      (message) => {
        if (message.text === 'bad') throw new ConflictError('not yet');
      },
      8,
      'NONE',
    );
    await tell('bad');
    await tell('good');
    await waitFor(async () => (await effectsOf('unordered')).includes('good'), {
      timeoutMs: 2_000,
    });
  });

  it('gives up at once a message whose ids are none', async () => {
    await consume('ids');
    await tell('no id', 'not-a-uuid');
    await waitFor(async () => (await deadLetters()).length === 1, { timeoutMs: 2_000 });
    expect(await deadLetters()).toEqual([
      { reason: expect.stringContaining('has no event id'), deliveries: 1 },
    ]);
  });
});

describe('an interest stream', () => {
  it('names the durables without which a message would be kept nowhere', async () => {
    await ensureStream(probe.bus.manager, 'TELEMETRY');
    const missing = await missingDurables(probe.bus.manager, 'TELEMETRY');
    expect(missing).toHaveLength(33);
    // The reason for the rule: the broker acknowledges and keeps nothing.
    await probe.bus.client.publish(telemetrySubject(customerId), Buffer.from('lost'));
    expect((await probe.bus.manager.streams.info('TELEMETRY')).state.messages).toBe(0);
  });
});
