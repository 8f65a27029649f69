import type { Sensor } from '../connector/sensor-key-store.ts';
import { refuseForNow } from './refusal.ts';

/** Events a second that may come for long, and how many seconds' worth may come at once. */
export interface EventRate {
  readonly eventsPerSecond: number;
  readonly burstSeconds: number;
}

/**
 * Bounds how many events a connector and a customer may send, so that a flood of one is refused before it costs
 * anybody's time. What a delivery holds is known only once it is read: it is charged then, and whoever owes is
 * refused until the debt is paid.
 */
export interface EventRates {
  /** @throws {Refusal} 429 with the seconds until the debt is paid */
  admit(sensor: Sensor): void;
  /** Milliseconds until `admit` would let the sensor in, 0 when it would now: for doors that can wait. */
  waitMs(sensor: Sensor): number;
  charge(sensor: Sensor, events: number): void;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** A bucket that nobody has used for a while is full and need not be kept. */
const maxBuckets = 20_000;

export function createEventRates(
  limits: { readonly perConnector: EventRate; readonly perCustomer: EventRate },
  clock: () => number = Date.now,
): EventRates {
  const connectors = createBuckets(limits.perConnector, clock);
  const customers = createBuckets(limits.perCustomer, clock);
  const waitMs = ({ connectorId, customerId }: Sensor): number =>
    Math.max(connectors.waitMs(connectorId), customers.waitMs(customerId));
  return {
    waitMs,
    admit: (sensor) => {
      const wait = waitMs(sensor);
      if (wait === 0) return;
      throw refuseForNow(429, 'More events come than were agreed.', Math.ceil(wait / 1_000));
    },
    charge: ({ connectorId, customerId }, events) => {
      connectors.charge(connectorId, events);
      customers.charge(customerId, events);
    },
  };
}

function createBuckets(
  { eventsPerSecond, burstSeconds }: EventRate,
  clock: () => number,
): {
  waitMs(id: string): number;
  charge(id: string, events: number): void;
} {
  const full = eventsPerSecond * burstSeconds;
  const buckets = new Map<string, Bucket>();
  const refill = (bucket: Bucket): void => {
    const now = clock();
    const earned = (Math.max(0, now - bucket.at) * eventsPerSecond) / 1_000;
    bucket.tokens = Math.min(full, bucket.tokens + earned);
    bucket.at = now;
  };
  return {
    waitMs: (id) => {
      const bucket = buckets.get(id);
      if (!bucket) return 0;
      refill(bucket);
      if (bucket.tokens >= full) buckets.delete(id);
      return bucket.tokens > 0 ? 0 : Math.ceil(((1 - bucket.tokens) * 1_000) / eventsPerSecond);
    },
    charge: (id, events) => {
      const bucket = buckets.get(id) ?? { tokens: full, at: clock() };
      refill(bucket);
      bucket.tokens -= events;
      if (!buckets.has(id) && buckets.size >= maxBuckets) forgetFull();
      buckets.set(id, bucket);
    },
  };

  function forgetFull(): void {
    for (const [id, bucket] of buckets) {
      refill(bucket);
      if (bucket.tokens >= full) buckets.delete(id);
    }
  }
}
