import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createLogger } from '@vedette/service-kit';
import { startTestNats, waitFor } from '@vedette/testkit';
import type { TestNats } from '@vedette/testkit';
import { connectBus } from './bus.ts';
import type { Bus } from './bus.ts';
import { followStream } from './follow.ts';
import { ensureStream } from './streams.ts';

const logger = createLogger({ service: 'follower', level: 'silent' });
let nats: TestNats;
let bus: Bus;
let follower: { stop(): Promise<void> } | undefined;
/** What the follower was told, in order. */
let heard: string[];

beforeAll(async () => {
  nats = await startTestNats();
  bus = await connectBus({ url: nats.url, name: 'follower', logger });
});

afterEach(async () => {
  await follower?.stop();
  follower = undefined;
});

afterAll(async () => {
  await bus.close();
  await nats.stop();
});

function follow(refuse: (text: string) => boolean = () => false): void {
  heard = [];
  follower = followStream({
    bus,
    stream: 'TENANCY',
    logger,
    onReset: () => heard.push('RESET'),
    onMessage: (bytes) => {
      const text = Buffer.from(bytes).toString();
      if (refuse(text)) throw new Error('cannot read it');
      heard.push(text);
    },
  });
}

const tell = (text: string) => bus.client.publish('vedette.tenancy.told._._', Buffer.from(text));
const toHear = (...expected: string[]) =>
  waitFor(() => expected.join() === heard.join(), { timeoutMs: 20_000 });

describe('a follower', () => {
  it('waits for a stream that is not there yet', async () => {
    follow();
    await sleep(100);
    expect(heard).toEqual([]);
    await ensureStream(bus.manager, 'TENANCY');
    await toHear('RESET');
  });

  it('is given what is published from now on, in order, and nothing older', async () => {
    await tell('older');
    follow();
    await toHear('RESET');
    const told = Array.from({ length: 300 }, (_, n) => String(n));
    for (const text of told) await tell(text);
    await toHear('RESET', ...told);
  });

  it('does not share its messages with another', async () => {
    follow();
    await toHear('RESET');
    const others: string[] = [];
    const other = followStream({
      ...{ bus, stream: 'TENANCY', logger },
      onReset: () => others.push('RESET'),
      onMessage: (bytes) => others.push(Buffer.from(bytes).toString()),
    });
    await waitFor(() => others.length === 1);
    await tell('to all');
    await toHear('RESET', 'to all');
    await waitFor(() => others.includes('to all'));
    await other.stop();
  });

  it('begins again when it could not take a message', async () => {
    follow((text) => text === 'garbled');
    await toHear('RESET');
    await tell('garbled');
    await toHear('RESET', 'RESET');
    await tell('clear');
    await toHear('RESET', 'RESET', 'clear');
  });

  it('begins again when a message has got lost on the way', async () => {
    follow();
    await toHear('RESET');
    const names: string[] = [];
    for await (const { name } of bus.manager.consumers.list('TENANCY')) names.push(name);
    // Whatever is taken by others does not reach the follower.
    const taken = names.map(async (name) => {
      const consumer = await bus.client.consumers.get('TENANCY', name);
      return consumer.next({ expires: 5_000 });
    });
    await sleep(100);
    for (const text of ['one', 'two', 'three']) await tell(text);
    await Promise.all(taken);
    await waitFor(() => heard.filter((text) => text === 'RESET').length === 2);
  });

  it('begins again when the server has forgotten its consumer', async () => {
    follow();
    await toHear('RESET');
    for await (const { name } of bus.manager.consumers.list('TENANCY')) {
      await bus.manager.consumers.delete('TENANCY', name);
    }
    await toHear('RESET', 'RESET');
    await tell('again');
    await toHear('RESET', 'RESET', 'again');
  });

  it('begins again when the stream was made anew, whatever its numbers are', async () => {
    follow();
    await toHear('RESET');
    await bus.manager.streams.delete('TENANCY');
    await ensureStream(bus.manager, 'TENANCY');
    await toHear('RESET', 'RESET');
    await tell('first of the new');
    await toHear('RESET', 'RESET', 'first of the new');
  });

  it('begins again after the connection was lost, though nothing may have been missed', async () => {
    follow();
    await toHear('RESET');
    await bus.connection.reconnect();
    await toHear('RESET', 'RESET');
    await tell('again');
    await toHear('RESET', 'RESET', 'again');
  });

  it('begins again after the server was killed', async () => {
    follow();
    await toHear('RESET');
    await tell('before');
    await toHear('RESET', 'before');
    nats.kill('SIGKILL');
    await nats.restart();
    await waitFor(() => heard.length === 3, { timeoutMs: 20_000 });
    await tell('after');
    await toHear('RESET', 'before', 'RESET', 'after');
  });

  it('hears nothing any more once it has stopped', async () => {
    follow();
    await toHear('RESET');
    await follower?.stop();
    await tell('too late');
    await sleep(100);
    expect(heard).toEqual(['RESET']);
  });

  it('stops at once, however far it has got', async () => {
    for (let milliseconds = 0; milliseconds < 12; milliseconds += 1) {
      follow();
      await sleep(milliseconds);
      const stopped = follower?.stop().then(() => 'stopped');
      const tooLate = sleep(5_000, 'hangs', { ref: false });
      expect(await Promise.race([stopped, tooLate])).toBe('stopped');
    }
  });
});
