/** Bytes that were read and are not stored yet, of all and of each customer. */
export interface HeldBytes {
  add(customerId: string, bytes: number): void;
  /** Gives bytes back, and lets those go on who waited for room. */
  release(customerId: string, bytes: number): void;
  /** Whether no more should be read of the customer. What was read before is held nevertheless. */
  isFull(customerId: string): boolean;
  /** Calls `retry` at the next release; it may wait again. */
  onRoom(retry: () => void): void;
}

/**
 * The byte budget of doors that can make their senders wait, or drop: nothing is refused here.
 * @see ../intake/byte-budget.ts for the door that refuses
 */
export function createHeldBytes(limits: {
  readonly total: number;
  readonly perCustomer: number;
}): HeldBytes {
  let total = 0;
  const heldBy = new Map<string, number>();
  let waiting = new Set<() => void>();
  const change = (customerId: string, bytes: number): void => {
    total += bytes;
    const held = (heldBy.get(customerId) ?? 0) + bytes;
    if (held > 0) heldBy.set(customerId, held);
    else heldBy.delete(customerId);
  };
  return {
    add: change,
    release: (customerId, bytes) => {
      change(customerId, -bytes);
      if (total >= limits.total) return;
      const retries = waiting;
      waiting = new Set();
      for (const retry of retries) retry();
    },
    isFull: (customerId) =>
      total >= limits.total || (heldBy.get(customerId) ?? 0) >= limits.perCustomer,
    onRoom: (retry) => void waiting.add(retry),
  };
}
