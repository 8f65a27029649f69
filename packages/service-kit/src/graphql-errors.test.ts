import { beforeAll, describe, expect, it } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { ForbiddenError, NotFoundError, UnavailableError } from './errors.ts';
import { createErrorFormatter } from './graphql-errors.ts';
import { activeTraceId, startTelemetry, withSpan } from './telemetry.ts';
import { captureLog } from './testing/captured-log.ts';

const path = ['case', 'assets'];

beforeAll(async () => {
  await startTelemetry({ service: 'probe' });
});

/** As Apollo Server hands it over: what a resolver threw, wrapped, and what it made of that. */
function format(thrown: Error, log = captureLog()) {
  const wrapped = new GraphQLError(thrown.message, { originalError: thrown, path });
  return createErrorFormatter(log.logger)(
    {
      message: thrown.message,
      path,
      locations: [{ line: 1, column: 3 }],
      extensions: { code: 'INTERNAL_SERVER_ERROR', stacktrace: [thrown.stack] },
    },
    wrapped,
  );
}

describe('an error of ours in an answer', () => {
  it('keeps code, message, details and place', () => {
    expect(format(new NotFoundError('Case', 'c1'))).toEqual({
      message: 'No such Case.',
      path,
      locations: [{ line: 1, column: 3 }],
      extensions: { code: 'NOT_FOUND', type: 'Case', id: 'c1', traceId: '' },
    });
  });

  it('keeps its cause for the log, where nobody is called for a refusal', () => {
    const log = captureLog();
    const cause = new Error('ECONNREFUSED 10.0.0.7:5432');
    const answer = format(new UnavailableError('postgres', { cause }), log);
    expect(JSON.stringify(answer)).not.toContain('10.0.0.7');
    expect(log.last()).toMatchObject({ level: 'info', code: 'UNAVAILABLE', path });
    expect(log.lines.join('')).toContain('10.0.0.7');
  });
});

describe('any other error', () => {
  it('is masked outside and whole in the log, where it calls somebody', () => {
    const log = captureLog();
    const answer = format(new TypeError('select * from cases where secret'), log);
    expect(answer).toEqual({
      message: 'Internal error.',
      path,
      locations: [{ line: 1, column: 3 }],
      extensions: { code: 'INTERNAL_SERVER_ERROR', traceId: '' },
    });
    expect(log.last()).toMatchObject({
      level: 'error',
      err: { type: 'TypeError', message: 'select * from cases where secret' },
    });
  });

  it('is masked although it calls itself one of ours', () => {
    const fake = Object.assign(new Error('inside'), { code: 'NOT_FOUND', details: { sql: 'x' } });
    expect(format(fake)).toMatchObject({ message: 'Internal error.' });
  });

  it('is masked although it is not an Error', () => {
    const answer = createErrorFormatter(captureLog().logger)({ message: 'inside' }, 'inside');
    expect(answer).toEqual({
      message: 'Internal error.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', traceId: '' },
    });
  });
});

describe('what Apollo Server says about a request', () => {
  it.each(['GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED', 'BAD_USER_INPUT', 'BAD_REQUEST'])(
    'passes with its code %s and nothing else',
    (code) => {
      const log = captureLog();
      const error = new GraphQLError('Cannot query this.', { extensions: { code } });
      const answer = createErrorFormatter(log.logger)(
        { message: error.message, extensions: { code, stacktrace: ['at inside'] } },
        error,
      );
      expect(answer).toEqual({ message: 'Cannot query this.', extensions: { code, traceId: '' } });
      expect(log.lines).toEqual([]);
    },
  );
});

describe('every error', () => {
  it('carries the id of the trace that it happened in', async () => {
    await withSpan('request', {}, async () => {
      for (const error of [new ForbiddenError('case:open'), new Error('inside')]) {
        expect(format(error).extensions?.['traceId']).toBe(activeTraceId());
      }
      expect(activeTraceId()).toMatch(/^[0-9a-f]{32}$/);
    });
  });
});
