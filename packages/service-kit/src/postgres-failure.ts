import { AppError, toError, UnavailableError } from './errors.ts';

/**
 * PostgreSQL's error classes for a server that is gone, starting, stopping or out of resources. Of class
 * 08 a violation of the protocol is left out: it is answered to a statement of ours that cannot be sent,
 * such as one with more than 65,535 parameters, and waiting does not mend that.
 */
const unavailableSqlStates = /^(08(?!P01)|53|57P0|25006|55P03)/;
const unavailableCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);
/** What `pg` says without a code when a connection ends under a query or none is free in time. */
const unavailableMessages =
  /connection terminated|timeout exceeded when trying to connect|encountered a connection error/i;
/** What TypeORM throws at the next query of a transaction whose connection ended between two. */
const lostConnection = /^QueryRunner(Provider)?AlreadyReleasedError$/;

/**
 * What a failed transaction means: `UnavailableError` when the connection was refused or lost or the
 * server has no room, and else the failure itself.
 */
export function toPostgresFailure(thrown: unknown): Error {
  const error = toError(thrown);
  return isPostgresAway(error) ? new UnavailableError('postgres', { cause: error }) : error;
}

function isPostgresAway(error: Error): boolean {
  if (error instanceof AppError) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    unavailableCodes.has(code) ||
    unavailableSqlStates.test(code) ||
    unavailableMessages.test(error.message) ||
    lostConnection.test(error.name)
  );
}
