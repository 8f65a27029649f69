import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '@vedette/service-kit';
import { waitFor } from '@vedette/testkit';
import { addToOutbox } from './outbox.ts';
import { publishBatch, startRelay } from './relay.ts';
import { anEvent, fromBytes, startProbe } from './testing/probe.ts';
import type { Probe } from './testing/probe.ts';

let probe: Probe;
let relays: { stop(): Promise<void> }[] = [];

beforeAll(async () => {
  probe = await startProbe();
});

afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  relays = [];
  await probe.bus.manager.streams.purge('CASES');
});

afterAll(() => probe.stop());

function relay(): void {
  const { database, bus, logger } = probe;
  relays.push(startRelay({ service: 'probe', stream: 'CASES', database, bus, logger }));
}

/** What is in the stream, in its order. */
async function published(): Promise<string[]> {
  const { state } = await probe.bus.manager.streams.info('CASES');
  const texts: string[] = [];
  for (let seq = state.first_seq; seq <= state.last_seq; seq += 1) {
    const message = await probe.bus.manager.streams.getMessage('CASES', { seq });
    if (message) texts.push(fromBytes(message.data).text);
  }
  return texts;
}

const add = (...events: ReturnType<typeof anEvent>[]): Promise<void> =>
  probe.database.infrastructure((tx) => addToOutbox(tx, events));

async function unpublished(): Promise<number> {
  return probe.database.infrastructure(async (tx) => {
    const rows: { n: number }[] = await tx.query(
      'select count(*)::int as n from outbox where published_at is null',
    );
    return rows[0]?.n ?? -1;
  });
}

describe('the relay', () => {
  it('publishes what was committed, once, and marks it', async () => {
    relay();
    await add(anEvent(newId(), 'one'), anEvent(newId(), 'two'));
    await waitFor(async () => (await unpublished()) === 0);
    expect((await published()).toSorted()).toEqual(['one', 'two']);
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    relay();
    const failing = probe.database.infrastructure(async (tx) => {
      await addToOutbox(tx, [anEvent(newId(), 'never')]);
      throw new Error('the change failed');
    });
    await expect(failing).rejects.toThrow('the change failed');
    await add(anEvent(newId(), 'after'));
    await waitFor(async () => (await published()).length > 0);
    expect(await published()).toEqual(['after']);
  });

  it('does not skip a transaction that took its position first and commits last', async () => {
    relay();
    const early = Promise.withResolvers<void>();
    const hasPosition = Promise.withResolvers<void>();
    const slow = probe.database.infrastructure(async (tx) => {
      await addToOutbox(tx, [anEvent(newId(), 'position 1, commits last')]);
      hasPosition.resolve();
      await early.promise;
    });
    await hasPosition.promise;
    await add(anEvent(newId(), 'position 2, commits first'));
    await waitFor(async () => (await published()).length === 1);
    early.resolve();
    await slow;
    await waitFor(async () => (await published()).length === 2);
    expect(await published()).toEqual(['position 2, commits first', 'position 1, commits last']);
    expect(await unpublished()).toBe(0);
  });

  it('keeps the order of one aggregate', async () => {
    const aggregateId = newId();
    const texts = Array.from({ length: 40 }, (_, n) => `version ${n + 1}`);
    relay();
    for (const [n, text] of texts.entries()) {
      await add(anEvent(newId(), text, { aggregateId, aggregateVersion: n + 1 }));
    }
    await waitFor(async () => (await unpublished()) === 0);
    expect(await published()).toEqual(texts);
  });

  it('stops a lane at its first failed publish and lets the other lanes go on', async () => {
    const stuck = newId();
    // No stream takes this subject, so that the broker refuses it.
    const refused = { aggregateId: stuck, subject: 'vedette.nowhere.told.p.c' };
    await add(
      anEvent(newId(), 'refused', refused),
      anEvent(newId(), 'behind the refused one', { aggregateId: stuck, aggregateVersion: 2 }),
      anEvent(newId(), 'of another aggregate'),
    );
    await probe.database.tryWithLock('this test', async (session) => {
      const { bus, logger } = probe;
      expect(await publishBatch(session, { stream: 'CASES', bus, logger })).toEqual({
        found: 3,
        published: 1,
      });
    });
    expect(await published()).toEqual(['of another aggregate']);
    await probe.database.infrastructure((tx) => tx.query('delete from outbox'));
  });

  it('publishes again under the same id what it could not mark, and the stream keeps one', async () => {
    const eventId = newId();
    await add(anEvent(eventId, 'told twice'));
    relay();
    await waitFor(async () => (await unpublished()) === 0);
    // As after a crash between the publish and the mark.
    await probe.database.infrastructure((tx) =>
      tx.query('update outbox set published_at = null where event_id = $1', [eventId]),
    );
    await waitFor(async () => (await unpublished()) === 0);
    expect(await published()).toEqual(['told twice']);
  });

  it('is active once, and another one takes over when it ends', async () => {
    relay();
    await add(anEvent(newId(), 'by the first'));
    await waitFor(async () => (await unpublished()) === 0);
    relay();
    const [first] = relays;
    await first?.stop();
    await add(anEvent(newId(), 'by the second'));
    await waitFor(async () => (await unpublished()) === 0);
    expect(await published()).toEqual(['by the first', 'by the second']);
  });

  it('goes on by itself after the broker was away', async () => {
    relay();
    probe.nats.kill('SIGKILL');
    await add(anEvent(newId(), 'while away'));
    await probe.nats.restart();
    await waitFor(async () => (await unpublished()) === 0, { timeoutMs: 30_000 });
    expect(await published()).toContain('while away');
  });
});

describe('the outbox', () => {
  it('refuses an event that could never be published', async () => {
    const large = { ...anEvent(newId(), 'large'), payload: new Uint8Array(1024 * 1024 + 1) };
    await expect(add(large)).rejects.toThrow('1048577 bytes');
  });
});
