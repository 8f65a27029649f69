import { refuseForNow } from './refusal.ts';

/** Bytes that one request holds. */
export interface Reservation {
  /** @throws {Refusal} 429 when the customer, 503 when all together hold too much */
  grow(bytes: number): void;
  shrink(bytes: number): void;
  release(): void;
}

/**
 * Bounds the bytes of request bodies between the door and their acknowledgement. What does not fit is
 * refused: the sender keeps its events, and memory stays bounded when the broker is slow.
 */
export interface ByteBudget {
  reserve(customerId: string): Reservation;
}

const retrySeconds = 1;

/** @param limits in bytes; a customer's only request may exceed `perCustomer`, never `total` */
export function createByteBudget(limits: {
  readonly total: number;
  readonly perCustomer: number;
}): ByteBudget {
  let total = 0;
  const heldBy = new Map<string, number>();
  return {
    reserve: (customerId) => {
      let own = 0;
      const add = (bytes: number): void => {
        own += bytes;
        total += bytes;
        const held = (heldBy.get(customerId) ?? 0) + bytes;
        if (held > 0) heldBy.set(customerId, held);
        else heldBy.delete(customerId);
      };
      return {
        grow: (bytes) => {
          const held = heldBy.get(customerId) ?? 0;
          if (held > own && held + bytes > limits.perCustomer) {
            throw refuseForNow(429, 'Too much of this customer is under way.', retrySeconds);
          }
          if (total + bytes > limits.total) {
            throw refuseForNow(503, 'Too much is under way at the moment.', retrySeconds);
          }
          add(bytes);
        },
        shrink: (bytes) => add(-Math.min(bytes, own)),
        release: () => add(-own),
      };
    },
  };
}
