import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { createLogger } from './logger.ts';
import { createShutdown } from './shutdown.ts';
import type { Shutdown, ShutdownPhase } from './shutdown.ts';

const order: readonly ShutdownPhase[] = [
  'consumers',
  'servers',
  'relay',
  'jobs',
  'bus',
  'database',
  'telemetry',
];

let ended: string[] = [];
afterEach(() => {
  ended = [];
  jest.useRealTimers();
});

function aShutdown(): Shutdown {
  return createShutdown(createLogger({ service: 'test', level: 'silent' }));
}

describe('a process that stops', () => {
  it('lets go in the order in which nothing is lost, whatever the order it began in', async () => {
    const shutdown = aShutdown();
    for (const phase of order.toReversed()) {
      shutdown.add(phase, phase, async () => {
        await Promise.resolve();
        ended.push(phase);
      });
    }
    await shutdown.run();
    expect(ended).toEqual(order);
  });

  it('lets go of one phase at once, and of the next when all of it is gone', async () => {
    const shutdown = aShutdown();
    const slow = Promise.withResolvers<void>();
    shutdown.add('database', 'pool', async () => void ended.push('pool'));
    shutdown.add('consumers', 'slow', () => slow.promise);
    shutdown.add('consumers', 'quick', async () => void ended.push('quick'));
    const running = shutdown.run();
    await new Promise(setImmediate);
    expect(ended).toEqual(['quick']);
    slow.resolve();
    await running;
    expect(ended).toEqual(['quick', 'pool']);
  });

  it('goes on when a step fails, at once or later', async () => {
    const shutdown = aShutdown();
    shutdown.add('consumers', 'rejects', async () => {
      throw new Error('no');
    });
    shutdown.add('consumers', 'throws', () => {
      throw new Error('no');
    });
    shutdown.add('database', 'pool', async () => void ended.push('pool'));
    await shutdown.run();
    expect(ended).toEqual(['pool']);
  });

  it('gives a step that hangs ten seconds', async () => {
    jest.useFakeTimers();
    const shutdown = aShutdown();
    const { promise: never } = Promise.withResolvers<void>();
    shutdown.add('consumers', 'hangs', () => never);
    shutdown.add('database', 'pool', async () => void ended.push('pool'));
    const running = shutdown.run();
    await jest.advanceTimersByTimeAsync(9_999);
    expect(ended).toEqual([]);
    await jest.advanceTimersByTimeAsync(1);
    await running;
    expect(ended).toEqual(['pool']);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does so once, and whoever asks again waits for the same end', async () => {
    const shutdown = aShutdown();
    const slow = Promise.withResolvers<void>();
    shutdown.add('bus', 'nats', async () => {
      ended.push('nats');
      await slow.promise;
    });
    const first = shutdown.run();
    const second = shutdown.run().then(() => void ended.push('second'));
    await new Promise(setImmediate);
    expect(ended).toEqual(['nats']);
    slow.resolve();
    await Promise.all([first, second]);
    expect(ended).toEqual(['nats', 'second']);
  });
});
