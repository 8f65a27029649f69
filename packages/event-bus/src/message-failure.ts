import { AppError, ConflictError, NotFoundError, UnavailableError } from '@vedette/service-kit';

/** A message that can never be understood: not decodable, or its parts disagree. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/**
 * What a failure means for the message. `WAIT` blames the surroundings (database or broker down): the
 * message stays for as long as that lasts. `RETRY` may be the message's fault: bounded, then dead.
 */
export type FailureOutcome = 'WAIT' | 'RETRY' | 'DEAD';

export function failureOutcome(error: unknown): FailureOutcome {
  if (error instanceof UnavailableError) return 'WAIT';
  if (error instanceof NotFoundError || error instanceof ConflictError) return 'RETRY';
  if (error instanceof MalformedMessageError || error instanceof AppError) return 'DEAD';
  if (isDataException(error)) return 'DEAD';
  return 'RETRY';
}

/** PostgreSQL's class 22: a value that no column of the kind can hold, today or later. */
function isDataException(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^22[0-9A-Z]{3}$/.test(error.code)
  );
}

/** Delay before the next delivery: 0.5 s doubling to 60 s. */
export function retryDelayMs(deliveries: number): number {
  return Math.min(500 * 2 ** Math.min(deliveries - 1, 10), 60_000);
}
