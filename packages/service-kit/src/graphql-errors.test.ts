import { beforeAll, describe, expect, it } from '@jest/globals';
import { buildASTSchema, getVariableValues, GraphQLError, parse, validate } from 'graphql';
import type { OperationDefinitionNode } from 'graphql';
import { ForbiddenError, NotFoundError, UnavailableError } from './errors.ts';
import { createErrorFormatter } from './graphql-errors.ts';
import { dateTimeScalar } from './scalars.ts';
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

describe('a value that a scalar refused', () => {
  const schema = buildASTSchema(
    parse(`scalar DateTime input Period { from: DateTime  at: [DateTime!] }
           type Query { count(period: Period, since: DateTime): Int }`),
  );
  Object.assign(schema.getType('DateTime') ?? {}, {
    parseValue: dateTimeScalar.parseValue,
    parseLiteral: dateTimeScalar.parseLiteral,
  });
  const formatted = (thrown: GraphQLError | undefined) =>
    createErrorFormatter(captureLog().logger)({ message: thrown?.message ?? '' }, thrown);
  const problem = "A DateTime looks like '2026-01-31T08:00:00Z'.";
  const named = (path: string) => ({
    message: `'${path}' is not valid: ${problem}`,
    extensions: { code: 'BAD_USER_INPUT', fields: [{ path, problem }], traceId: '' },
  });

  it.each([
    ['$period: Period', { period: { from: 'today' } }, 'period.from'],
    ['$period: Period', { period: { at: ['2026-01-31T08:00:00Z', '2026'] } }, 'period.at.1'],
    ['$since: DateTime', { since: 'x at "y"' }, 'since'],
  ])('is named by where it stands in the variable %s', (declared, variables, path) => {
    const document = parse(`query (${declared}) { count }`);
    const [operation] = document.definitions as [OperationDefinitionNode];
    const { errors } = getVariableValues(schema, operation.variableDefinitions ?? [], variables);
    expect(formatted(errors?.[0])).toEqual(named(path));
  });

  it.each([
    ['{ count(period: { from: "today" }) }', 'from'],
    ['{ a: count(since: 7) }', 'since'],
  ])('is named by what it is called in %s', (query, path) => {
    expect(formatted(validate(schema, parse(query))[0])).toEqual(named(path));
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
