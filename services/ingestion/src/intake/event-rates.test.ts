import { describe, expect, it } from '@jest/globals';
import type { Sensor } from '../connector/sensor-key-store.ts';
import { createEventRates } from './event-rates.ts';
import { Refusal } from './refusal.ts';

function sensorOf(connectorId: string, customerId: string): Sensor {
  const settings = {};
  return { connectorId, customerId, connectorType: 'windows-events', providerId: 'p', settings };
}

const first = sensorOf('a1', 'a');
const second = sensorOf('a2', 'a');
const other = sensorOf('b1', 'b');

function aLimiter() {
  let now = 0;
  const rates = createEventRates(
    {
      perConnector: { eventsPerSecond: 100, burstSeconds: 2 },
      perCustomer: { eventsPerSecond: 150, burstSeconds: 2 },
    },
    () => now,
  );
  return { rates, pass: (seconds: number) => (now += seconds * 1_000) };
}

function retryAfter(admit: () => void): number {
  try {
    admit();
    return 0;
  } catch (error) {
    if (error instanceof Refusal && error.status === 429) {
      return Number(error.headers['retry-after']);
    }
    throw error;
  }
}

describe('the rate of events', () => {
  it('lets a burst through whole and refuses until the debt is paid', () => {
    const { rates, pass } = aLimiter();
    rates.charge(first, 500);
    expect(retryAfter(() => rates.admit(first))).toBe(4);
    pass(3);
    expect(retryAfter(() => rates.admit(first))).toBe(1);
    pass(0.1);
    expect(retryAfter(() => rates.admit(first))).toBe(0);
  });

  it('is shared by the connectors of a customer, and by nobody else', () => {
    const { rates } = aLimiter();
    rates.charge(first, 190);
    rates.charge(second, 190);
    expect(retryAfter(() => rates.admit(second))).toBe(1);
    expect(retryAfter(() => rates.admit(other))).toBe(0);
  });

  it('never hinders whoever stays below it', () => {
    const { rates, pass } = aLimiter();
    for (let second = 0; second < 1_000; second += 1) {
      expect(rates.waitMs(first)).toBe(0);
      rates.charge(first, 100);
      pass(1);
    }
  });

  it('saves no more than the burst, however long nobody came', () => {
    const { rates, pass } = aLimiter();
    rates.charge(first, 1);
    pass(10_000);
    rates.charge(first, 201);
    expect(rates.waitMs(first)).toBeGreaterThan(0);
  });
});
