import { describe, expect, it } from '@jest/globals';
import {
  AppError,
  ConflictError,
  ForbiddenError,
  IllegalStateError,
  InvalidInputError,
  NotFoundError,
  toError,
  UnauthenticatedError,
  UnavailableError,
} from './errors.ts';

const fields = [{ path: 'input.name', problem: 'too long' }];

describe('an error of ours', () => {
  it.each([
    [new InvalidInputError('no', fields), 'BAD_USER_INPUT', { fields }],
    [new UnauthenticatedError('no'), 'UNAUTHENTICATED', {}],
    [new ForbiddenError('case:open'), 'FORBIDDEN', { permission: 'case:open' }],
    [new NotFoundError('Case', 'c1'), 'NOT_FOUND', { type: 'Case', id: 'c1' }],
    [
      new IllegalStateError('no', { state: 'CLOSED', attempted: 'assign' }),
      'ILLEGAL_STATE',
      { state: 'CLOSED', attempted: 'assign' },
    ],
    [
      new ConflictError('no', { details: { expectedVersion: 3 } }),
      'CONFLICT',
      { expectedVersion: 3 },
    ],
    [
      new UnavailableError('nats', { retryAfterSeconds: 30 }),
      'UNAVAILABLE',
      { dependency: 'nats', retryAfterSeconds: 30 },
    ],
  ])('%s has a code, details and the name of its class', (error, code, details) => {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code, details, name: error.constructor.name });
  });

  it('says what is in the way where it is not the permission', () => {
    const { message, details } = new ForbiddenError('user:write', 'Only the operator may.');
    expect([message, details]).toEqual(['Only the operator may.', { permission: 'user:write' }]);
  });

  it('shows nothing of its cause', () => {
    const error = new UnavailableError('postgres', { cause: new Error('password of 10.0.0.7') });
    expect(JSON.stringify([error.message, error.details])).not.toMatch(/password|10\.0\.0\.7/);
    expect(error.cause).toEqual(new Error('password of 10.0.0.7'));
    expect(error.details).toEqual({ dependency: 'postgres', retryAfterSeconds: 5 });
  });
});

describe('whatever was thrown', () => {
  it('becomes an Error, and one stays what it is', () => {
    const error = new Error('a');
    expect(toError(error)).toBe(error);
    expect([toError('b').message, toError(null).message, toError(7).message]).toEqual([
      'b',
      'null',
      '7',
    ]);
  });
});
