import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import type { Msg, NatsConnection } from '@nats-io/transport-node';

export interface WaitOptions {
  /** Default 10 s. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_PAUSE_MS = 250;

/**
 * Asks again and again, at growing distances, until the answer is truthy, and returns that answer.
 * A check that throws counts as not yet.
 * @throws {Error} the time is over; the message holds the last answer, `cause` the last error
 */
export async function waitFor<Answer>(
  check: () => Answer | Promise<Answer>,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: WaitOptions = {},
): Promise<Answer> {
  const deadline = Date.now() + timeoutMs;
  for (let pauseMs = 10; ; pauseMs = Math.min(pauseMs * 1.5, MAX_PAUSE_MS)) {
    let last: string;
    let cause: unknown;
    try {
      const answer = await check();
      if (answer) return answer;
      last = inspect(answer, { depth: 6 });
    } catch (error) {
      last = String(error);
      cause = error;
    }
    if (Date.now() + pauseMs > deadline) {
      throw new Error(`not within ${timeoutMs} ms; the last answer was ${last}`, { cause });
    }
    await delay(pauseMs);
  }
}

/**
 * The first message on a subject (wildcards allowed) that fits. Listens from the moment of the call,
 * so call it first, then act, then await it.
 * @throws {Error} the time is over; the message says how many others came
 */
export async function waitForMessage(
  connection: NatsConnection,
  subject: string,
  predicate: (message: Msg) => boolean,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: WaitOptions = {},
): Promise<Msg> {
  const subscription = connection.subscribe(subject);
  const timer = setTimeout(() => subscription.unsubscribe(), timeoutMs);
  let others = 0;
  try {
    for await (const message of subscription) {
      if (predicate(message)) return message;
      others += 1;
    }
  } finally {
    clearTimeout(timer);
    subscription.unsubscribe();
  }
  throw new Error(`no fitting message on ${subject} within ${timeoutMs} ms; ${others} others came`);
}
