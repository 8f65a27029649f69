import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createLogger } from '@vedette/service-kit';
import { startTestNats, waitFor } from '@vedette/testkit';
import type { TestNats } from '@vedette/testkit';
import { connectBus } from './bus.ts';
import { startConsumer } from './consumer.ts';
import { ensureStream } from './streams.ts';

const logger = createLogger({ service: 'bus', level: 'silent' });
let nats: TestNats;

beforeEach(async () => {
  nats = await startTestNats();
});
afterEach(() => nats.stop());

const connect = (url = nats.url) => connectBus({ url, name: 'bus', logger });

/** Whether it ends in time, and how. */
const within = (work: Promise<unknown>, milliseconds: number) =>
  Promise.race([work.then(() => 'ended'), sleep(milliseconds, 'hangs', { ref: false })]);

/** A server of NATS's protocol on which nobody answers for JetStream, and its open connections. */
async function startWithoutJetStream(): Promise<{
  readonly url: string;
  readonly open: ReadonlySet<Socket>;
  stop(): void;
}> {
  const open = new Set<Socket>();
  const info = { max_payload: 8 * 1024 * 1024, headers: true, proto: 1, version: '2.9.10' };
  const server = createServer((socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
    socket.on('data', (chunk) => {
      const text = chunk.toString();
      if (/^PING/m.test(text)) socket.write('PONG\r\n');
      const [, reply] = /^PUB \$JS\.API\.INFO (\S+) /m.exec(text) ?? [];
      if (reply) socket.write(`HMSG ${reply} 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `nats://127.0.0.1:${port}`,
    open,
    stop: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

describe('a bus', () => {
  it('that is closed sends what is under way', async () => {
    const bus = await connect();
    await ensureStream(bus.manager, 'TENANCY');
    bus.connection.publish('vedette.tenancy.told._._', Buffer.from('last words'));
    expect(await within(bus.close(), 2_000)).toBe('ended');
    const other = await connect();
    const { state } = await other.manager.streams.info('TENANCY');
    expect(state.messages).toBe(1);
    await other.close();
  });

  it('is closed in seconds when the server hangs', async () => {
    const bus = await connect();
    nats.kill('SIGSTOP');
    // The signal takes a moment to arrive.
    await sleep(100);
    try {
      expect(await within(bus.close(), 5_000)).toBe('ended');
      expect(bus.connection.isClosed()).toBe(true);
    } finally {
      nats.kill('SIGCONT');
    }
  });

  it('is closed when the server is gone', async () => {
    const bus = await connect();
    nats.kill('SIGKILL');
    await sleep(100);
    expect(await within(bus.close(), 5_000)).toBe('ended');
    expect(bus.connection.isClosed()).toBe(true);
    await nats.restart();
  });

  it('leaves no connection behind when there is no JetStream', async () => {
    const server = await startWithoutJetStream();
    try {
      for (let attempts = 0; attempts < 3; attempts += 1) {
        await expect(connect(server.url)).rejects.toThrow(/JetStream|jetstream|responders/);
      }
      await waitFor(() => server.open.size === 0, { timeoutMs: 2_000 });
    } finally {
      server.stop();
    }
  });
});

describe('a consumer', () => {
  it('stops at once, however far it has got', async () => {
    const bus = await connect();
    await ensureStream(bus.manager, 'TENANCY');
    for (let milliseconds = 0; milliseconds < 12; milliseconds += 1) {
      const consumer = await startConsumer(
        {
          ...{ name: 'stopped', stream: 'TENANCY', subject: 'vedette.tenancy.told.>' },
          ...{ decode: () => ({}), handle: async () => 'HANDLED' as const },
        },
        { bus, database: {} as never, logger },
      );
      await sleep(milliseconds);
      expect([milliseconds, await within(consumer.stop(), 3_000)]).toEqual([milliseconds, 'ended']);
    }
    await bus.close();
  });
});
