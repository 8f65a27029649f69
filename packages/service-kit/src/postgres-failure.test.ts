import { describe, expect, it } from '@jest/globals';
import { ConflictError, UnavailableError } from './errors.ts';
import { toPostgresFailure } from './postgres-failure.ts';

function failure(code: string, message = 'no'): Error {
  return Object.assign(new Error(message), { code });
}

describe('a transaction that failed', () => {
  it.each([
    ['a connection that failed', failure('08006')],
    ['too many connections', failure('53300')],
    ['a full disk', failure('53100')],
    ['a server that stops', failure('57P01')],
    ['a server that starts', failure('57P03')],
    ['a server that may only be read', failure('25006')],
    ['a lock that was not free in time', failure('55P03')],
    ['a refused connection', failure('ECONNREFUSED')],
    ['a reset connection', failure('ECONNRESET')],
    ['a connection that ended under a query', new Error('Connection terminated unexpectedly')],
    ['a pool without a free connection', new Error('timeout exceeded when trying to connect')],
  ])('by %s finds PostgreSQL unavailable', (_what, error) => {
    const meant = toPostgresFailure(error);
    expect(meant).toEqual(new UnavailableError('postgres'));
    expect(meant.cause).toBe(error);
  });

  it.each([
    ['a unique value that is taken', failure('23505')],
    ['a statement that took too long', failure('57014')],
    ['row security', failure('42501')],
    ['a message that breaks the protocol, such as one with too many parameters', failure('08P01')],
    ['a defect of ours', new TypeError('x is not a function')],
    ['a rule', new ConflictError('connection terminated, says the customer')],
  ])('by %s has failed by itself', (_what, error) => {
    expect(toPostgresFailure(error)).toBe(error);
  });
});
