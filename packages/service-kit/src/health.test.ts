import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createHealth } from './health.ts';

const { promise: never } = Promise.withResolvers<void>();
const passes = async (): Promise<void> => undefined;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a process', () => {
  it('is not ready before it has started', async () => {
    const health = createHealth();
    expect(health.isStarted()).toBe(false);
    expect(await health.readiness()).toEqual({ ready: false, failing: { process: 'starting' } });
  });

  it('is ready once it has started and all that it needs answers', async () => {
    const health = createHealth();
    health.addCheck('postgres', passes);
    health.markStarted();
    expect(health.isStarted()).toBe(true);
    expect(await health.readiness()).toEqual({ ready: true, failing: {} });
  });

  it('names all that does not answer, and is ready again as soon as it does', async () => {
    const health = createHealth();
    const problems = new Map([
      ['postgres', 'away'],
      ['nats', 'no stream CASES'],
    ]);
    for (const name of ['postgres', 'nats', 'keys']) {
      health.addCheck(name, async () => {
        const problem = problems.get(name);
        if (problem !== undefined) throw new Error(problem);
      });
    }
    health.markStarted();
    expect(await health.readiness()).toEqual({
      ready: false,
      failing: { postgres: 'away', nats: 'no stream CASES' },
    });
    problems.clear();
    expect(await health.readiness()).toEqual({ ready: true, failing: {} });
  });

  it('waits two seconds for what does not answer, whatever its number', async () => {
    const health = createHealth();
    for (const name of ['a', 'b', 'c']) health.addCheck(name, () => never);
    health.addCheck('d', passes);
    health.markStarted();
    const asked = health.readiness();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(await asked).toEqual({
      ready: false,
      failing: { a: 'no answer in time', b: 'no answer in time', c: 'no answer in time' },
    });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('is not ready, rather than without an answer, when a check fails before it begins', async () => {
    const health = createHealth();
    health.addCheck('keys', () => {
      throw new Error('not read yet');
    });
    health.markStarted();
    expect(await health.readiness()).toEqual({ ready: false, failing: { keys: 'not read yet' } });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('that stops is never ready again, but has been started', async () => {
    const health = createHealth();
    health.markStarted();
    health.markStopping();
    health.markStarted();
    expect(await health.readiness()).toEqual({ ready: false, failing: { process: 'stopping' } });
    expect(health.isStarted()).toBe(true);
  });
});
