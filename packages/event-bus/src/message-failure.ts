import {
  AppError,
  ConflictError,
  IllegalStateError,
  NotFoundError,
  UnavailableError,
} from '@vedette/service-kit';

/** A message that can never be understood: not decodable, or its parts disagree. */
export class MalformedMessageError extends Error {
  override readonly name = 'MalformedMessageError';
}

/**
 * What a failure means for the message. `WAIT` blames the surroundings (database or broker down): the
 * message stays for as long as that lasts. `RETRY` may be the message's fault: bounded, then dead.
 */
export type FailureOutcome = 'WAIT' | 'RETRY' | 'DEAD';

/** PostgreSQL's error classes for a server that is gone, starting, stopping or out of resources. */
const unavailableSqlStates = /^(08|53|57P0|25006|55P03)/;
const unavailableCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);
/** What `pg` says without a code when a connection ends under a query or none is free in time. */
const unavailableMessages = /connection terminated|timeout exceeded when trying to connect/i;

export function failureOutcome(error: unknown): FailureOutcome {
  if (error instanceof UnavailableError || isConnectionFailure(error)) return 'WAIT';
  if (error instanceof NotFoundError || error instanceof ConflictError) return 'RETRY';
  if (error instanceof MalformedMessageError || error instanceof IllegalStateError) return 'DEAD';
  if (error instanceof AppError) return 'DEAD';
  return 'RETRY';
}

function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    unavailableCodes.has(code) ||
    unavailableSqlStates.test(code) ||
    unavailableMessages.test(error.message)
  );
}

/** Delay before the next delivery: 0.5 s doubling to 60 s. */
export function retryDelayMs(deliveries: number): number {
  return Math.min(500 * 2 ** Math.min(deliveries - 1, 10), 60_000);
}
