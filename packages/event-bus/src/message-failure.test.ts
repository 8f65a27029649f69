import { describe, expect, it } from '@jest/globals';
import {
  ConflictError,
  ForbiddenError,
  IllegalStateError,
  InvalidInputError,
  NotFoundError,
  UnavailableError,
} from '@vedette/service-kit';
import { failureOutcome, MalformedMessageError, retryDelayMs } from './message-failure.ts';

describe('a message that could not be handled', () => {
  it.each([
    ['waits while a dependency is away', new UnavailableError('postgres'), 'WAIT'],
    ['is tried again when what it names may still come', new NotFoundError('Case', 'c'), 'RETRY'],
    ['is tried again when somebody was faster', new ConflictError('no'), 'RETRY'],
    ['is tried again after an error that we do not know', new TypeError('no'), 'RETRY'],
    ['is dead when it cannot be understood', new MalformedMessageError('no'), 'DEAD'],
    [
      'is dead when a rule refuses it',
      new IllegalStateError('no', { state: 'CLOSED', attempted: 'join' }),
      'DEAD',
    ],
    ['is dead when its input is wrong', new InvalidInputError('no'), 'DEAD'],
    ['is dead when nobody may do that', new ForbiddenError('case:open'), 'DEAD'],
  ] as const)('%s', (_what, error, outcome) => {
    expect(failureOutcome(error)).toBe(outcome);
  });

  it('comes again after half a second, then later and later, and at most a minute later', () => {
    const delays = Array.from({ length: 12 }, (_, deliveries) => retryDelayMs(deliveries + 1));
    expect(delays.slice(0, 4)).toEqual([500, 1_000, 2_000, 4_000]);
    expect(delays.at(-1)).toBe(60_000);
  });

  it('is given up after about a minute by default', () => {
    const untilTheEighth = [1, 2, 3, 4, 5, 6, 7].reduce((sum, n) => sum + retryDelayMs(n), 0);
    expect(untilTheEighth).toBe(63_500);
  });
});
