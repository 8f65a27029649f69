import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createBatcher } from './telemetry-publisher.ts';

const one = { providerId: 'p', customerId: 'one' };
const two = { providerId: 'p', customerId: 'two' };

function eventsOf(count: number, bytes = 10): Uint8Array[] {
  return Array.from({ length: count }, () => new Uint8Array(bytes));
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('events of one customer', () => {
  it('wait ten milliseconds for company and then travel together', async () => {
    const sent: [string, number][] = [];
    const batcher = createBatcher(async ({ customerId }, events) => {
      sent.push([customerId, events.length]);
    });
    const published = Promise.all([
      batcher.publish(one, eventsOf(3)),
      batcher.publish(two, eventsOf(1)),
      batcher.publish(one, eventsOf(4)),
    ]);
    expect(sent).toEqual([]);
    jest.advanceTimersByTime(10);
    await published;
    expect(sent).toEqual([
      ['one', 7],
      ['two', 1],
    ]);
  });

  it('travel at once when they fill a batch', async () => {
    const sent: number[] = [];
    const batcher = createBatcher(async (_, events) => void sent.push(events.length));
    await batcher.publish(one, eventsOf(1_000));
    expect(sent).toEqual([500, 500]);
  });

  it('make no batch over 768 KiB, save that one larger event travels alone', async () => {
    const sent: number[] = [];
    const batcher = createBatcher(async (_, events) => {
      sent.push(events.reduce((bytes, event) => bytes + event.byteLength, 0));
    });
    const kibibyte = 1024;
    const published = batcher.publish(one, [
      ...eventsOf(4, 200 * kibibyte),
      ...eventsOf(1, 2_000 * kibibyte),
      ...eventsOf(1, 100),
    ]);
    jest.advanceTimersByTime(10);
    await published;
    expect(sent).toEqual([600 * kibibyte, 200 * kibibyte, 2_000 * kibibyte, 100]);
  });

  it('are all unanswered for when their batch fails, and later ones are not', async () => {
    let fails = true;
    const batcher = createBatcher(async () => {
      if (fails) throw new Error('no answer');
    });
    const both = Promise.allSettled([
      batcher.publish(one, eventsOf(1)),
      batcher.publish(one, eventsOf(1)),
    ]);
    jest.advanceTimersByTime(10);
    expect((await both).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    fails = false;
    const later = batcher.publish(one, eventsOf(1));
    jest.advanceTimersByTime(10);
    await expect(later).resolves.toBeUndefined();
  });
});
