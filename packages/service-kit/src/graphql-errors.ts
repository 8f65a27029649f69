import { GraphQLError } from 'graphql';
import type { GraphQLFormattedError } from 'graphql';
import { AppError, toError } from './errors.ts';
import type { Logger } from './logger.ts';
import { activeTraceId } from './telemetry.ts';

/** Codes that Apollo Server gives to requests which never reached a resolver; their messages are safe. */
const requestCodes = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'OPERATION_RESOLUTION_FAILURE',
  'OPERATION_TOO_EXPENSIVE',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
]);

/**
 * The one place where an error becomes GraphQL. Our own errors keep code, message and details; what
 * Apollo says about a request passes; all else is our bug: masked outside, whole in the log. Every
 * answer carries `extensions.traceId`.
 */
export function createErrorFormatter(
  logger: Logger,
): (formatted: GraphQLFormattedError, thrown: unknown) => GraphQLFormattedError {
  return (formatted, thrown) => {
    const error = findCause(thrown);
    const position = {
      ...(formatted.path ? { path: formatted.path } : {}),
      ...(formatted.locations ? { locations: formatted.locations } : {}),
    };
    const traceId = activeTraceId();
    if (error instanceof AppError) {
      logger.info({ code: error.code, path: formatted.path, cause: error.cause }, error.message);
      return {
        ...position,
        message: error.message,
        extensions: { code: error.code, ...error.details, traceId },
      };
    }
    const code = formatted.extensions?.['code'];
    if (typeof code === 'string' && requestCodes.has(code)) {
      return { ...position, message: formatted.message, extensions: { code, traceId } };
    }
    logger.error({ err: toError(error), path: formatted.path }, 'unexpected error');
    return {
      ...position,
      message: 'Internal error.',
      extensions: { code: 'INTERNAL_SERVER_ERROR', traceId },
    };
  };
}

/** What a resolver, or a scalar that refused a value, has thrown: GraphQL wraps it, more than once. */
function findCause(thrown: unknown): unknown {
  let error = thrown;
  while (error instanceof GraphQLError && error.originalError) error = error.originalError;
  return error;
}
